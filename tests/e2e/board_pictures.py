"""`python -m tests.e2e.board_pictures` (make pictures) takes the pictures of docs/screens.md from the running sample.

The sample spans two days; what the board holds against the week before is seen after some days of running.
"""

import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.e2e.browser import LAUNCH_ARGS, chromium
from tests.e2e.product import ROOT, Serving
from tests.e2e.test_board import SOON_MS, enter

IMAGES = ROOT / "docs" / "images"
WIDE = (1920, 1080)
SHOTS = (
    ("board", "/?theme=light", WIDE),
    ("wall-now", "/?wall=1&theme=dark&scenes=now", WIDE),
    ("wall-voices", "/?wall=1&theme=dark&scenes=voices", WIDE),
    ("wall-duty", "/?wall=1&theme=light&scenes=duty", WIDE),
    ("wall-coverage", "/?wall=1&theme=dark&scenes=coverage", WIDE),
    ("board-phone", "/?theme=light", (390, 844)),
    ("screens", "/?theme=light#/screens", (1366, 768)),
    ("publish", "/?theme=light#/publish", (1366, 768)),
    ("public", "/public", (1366, 768)),
    ("board-dark-en", "/?theme=dark&lang=en", WIDE),
)
SETTLE_MS = 1_500


def take(page: Page, url: str) -> None:
    """All pictures, each from a fresh load."""
    for name, path, (width, height) in SHOTS:
        page.set_viewport_size({"width": width, "height": height})
        page.goto("about:blank")
        page.goto(url + path)
        expect(page.locator("h1").first).to_be_attached()
        page.wait_for_timeout(SETTLE_MS)
        page.screenshot(path=IMAGES / f"{name}.png")


def main() -> None:
    """Start the sample, wait for its incidents, take the pictures."""
    with tempfile.TemporaryDirectory(prefix="huiying-pictures-") as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium()), args=list(LAUNCH_ARGS))
        with Serving(Path(folder) / "data", "--sample") as serving:
            page = browser.new_context(viewport={"width": 1920, "height": 1080}, reduced_motion="reduce").new_page()
            page.set_default_timeout(SOON_MS)
            enter(page, serving)
            expect(page.locator(".row").nth(5)).to_be_visible(timeout=2 * SOON_MS)
            page.wait_for_timeout(30_000)
            take(page, serving.url)
        browser.close()


if __name__ == "__main__":
    main()
