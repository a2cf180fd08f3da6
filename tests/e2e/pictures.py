"""`make pictures`: every screen of the console over the bundled sample, as PNG in docs/images."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright

from tests.e2e.browser import LAUNCH_ARGS, chromium
from tests.e2e.product import ROOT, Serving, until

IMAGES = ROOT / "docs" / "images"
PASSWORD = "a long enough password"
SIZE: ViewportSize = {"width": 1440, "height": 900}
SOON_MS = 120_000


def _enter(page: Page, serving: Serving) -> None:
    page.goto(serving.link)
    page.fill("[name=name]", "张主任")
    page.fill("[name=password]", PASSWORD)
    page.fill("[name=repeated]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector(".situation-line")


def _case(page: Page) -> None:
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector(".case-head")
    page.keyboard.press("d")
    page.wait_for_selector(".sentence, .refused")


def _draft(page: Page) -> None:
    _case(page)
    page.locator(".cite").first.click()
    page.evaluate("scrollBy(0, document.querySelector('#draft-title').getBoundingClientRect().top - 80)")


def _report(page: Page) -> None:
    page.locator("form .primary").click()
    page.wait_for_selector(".sheet")


SCREENS: dict[str, tuple[str, str, Callable[[Page], None] | None]] = {
    # picture: (path, what shows that the page is there, what to do then)
    "inbox": ("#/cases", ".case-row", None),
    "case": ("#/cases", ".case-row", _case),
    "draft": ("#/cases", ".case-row", _draft),
    "search": ("#/posts?q=停水", ".histogram", None),
    "report": ("#/reports", "form .primary", _report),
    "rules": ("#/manage/rules", ".manage .panel", None),
    "units": ("#/manage/units", ".manage table", None),
}


def main() -> None:
    """Take them all."""
    with tempfile.TemporaryDirectory() as folder, Serving(Path(folder) / "data", "--sample") as serving:
        with serving.client("viewer") as http:
            until(lambda: len(http.get("/api/v1/cases").json()["items"]) >= 10, 180, "the sample was not played")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=str(chromium()), args=list(LAUNCH_ARGS))
            page = browser.new_context(viewport=SIZE, reduced_motion="reduce").new_page()
            page.set_default_timeout(SOON_MS)
            _enter(page, serving)
            for name, (path, there, then) in SCREENS.items():
                page.goto(f"{serving.url}/{path}")
                page.wait_for_selector(there)
                if then is not None:
                    then(page)
                page.mouse.move(0, 0)
                page.wait_for_timeout(800)
                page.screenshot(path=IMAGES / f"{name}.png")
                print(IMAGES / f"{name}.png")  # noqa: T201  # a command
            browser.close()


if __name__ == "__main__":
    main()
