"""The main screens look as they did: the same posts at the same time, against the references in `looks/`.

`make looks` takes the references anew.
"""

import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from api.app import create_app
from app.server import serving
from core.settings import Settings
from tests.e2e.browser import LAUNCH_ARGS, chromium
from tests.e2e.conftest import FACTS
from tests.e2e.likeness import TOLERANCE, Cells, changed, keep, kept, seen
from tests.e2e.test_board import SOON_MS, browser
from tests.e2e.timed import Office

__all__ = ["browser"]
SIZE: ViewportSize = {"width": 1440, "height": 900}
SETTLE_MS = 500
HINTS = (
    "* { -webkit-text-stroke: 0.2px }",
    "body { letter-spacing: 0.005em }",
    "body { transform: translateY(0.5px) }",
)
"""What another rasterizer or another build of the font does."""
HARMS = (
    ".map { visibility: hidden !important }",
    ".volume { display: none !important }",
    ".incidents { transform: translate(48px, 0) }",
    ".situation { margin-bottom: 60px }",
    ".row .title { background: currentColor }",
)
"""What a careless change of a style does."""


def _board(page: Page) -> None:
    expect(page.locator(".map a").first).to_be_visible()


def _inbox(page: Page) -> None:
    expect(page.locator(".case-row").first).to_be_visible()


def _case(page: Page) -> None:
    _inbox(page)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator(".case-head")).to_be_visible()


def _draft(page: Page) -> None:
    _case(page)
    page.locator(".cite").first.click()
    page.evaluate("document.querySelector('#draft-title').scrollIntoView()")


SCREENS: dict[str, tuple[str, Callable[[Page], None]]] = {
    "board": ("/?theme=light", _board),
    "board-dark": ("/?theme=dark", _board),
    "wall": ("/?theme=dark&wall=1&scenes=now", _board),
    "inbox": ("/?theme=light#/cases", _inbox),
    "case": ("/?theme=light#/cases", _case),
    "draft": ("/?theme=light#/cases", _draft),
}


@contextmanager
def frozen(folder: Path) -> Iterator[tuple[Office, str]]:
    """The product in this process at a time that stands still, and its address: the water is off at two estates.

    What lies in `policy` of the folder is the office's own.
    """
    policy = folder / "policy"
    policy.mkdir(exist_ok=True)
    (policy / "facts.yaml").write_text(FACTS, encoding="utf-8")
    with closing(Office(folder, policy_dir=policy)) as office:
        for n in range(6):
            office.later(timedelta(minutes=20), posts=20 + 4 * n)
        office.later(timedelta(minutes=20), posts=24, about="翠湾小区")
        with socket.create_server(("127.0.0.1", 0)) as free:
            settings = Settings(port=free.getsockname()[1])
        with serving(create_app(office.product.parts), settings):
            yield office, f"http://{settings.host}:{settings.port}"


@contextmanager
def opened(browser: Browser, office: Office) -> Iterator[Page]:
    """A page at the office's time, with its administrator's token."""
    context = browser.new_context(
        viewport=SIZE, reduced_motion="reduce", extra_http_headers={"Authorization": f"Bearer {office.secret}"}
    )
    context.set_default_timeout(SOON_MS)
    page = context.new_page()
    page.clock.set_fixed_time(office.now)
    yield page
    context.close()


def show(page: Page, url: str, name: str) -> None:
    """Open a screen anew, until all of it is there."""
    path, settle = SCREENS[name]
    page.goto("about:blank")
    page.goto(url + path)
    settle(page)
    page.wait_for_load_state("load")
    page.wait_for_timeout(SETTLE_MS)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, str]]:
    with frozen(tmp_path_factory.mktemp("looks")) as made:
        yield made


@pytest.fixture
def blank(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_looks_as_it_did(browser: Browser, place: tuple[Office, str], blank: Page, name: str) -> None:
    with opened(browser, place[0]) as page:
        show(page, place[1], name)
        assert changed(seen(page, blank), kept(blank, name)) <= TOLERANCE, f"{name}: look, and retake it if it is meant"


def test_what_fonts_do_is_not_noticed_and_what_moves_or_goes_is(
    browser: Browser, place: tuple[Office, str], blank: Page
) -> None:
    with opened(browser, place[0]) as page:
        show(page, place[1], "board")
        reference = kept(blank, "board")
        for style in HINTS:
            assert changed(_styled(page, blank, style), reference) <= TOLERANCE, style
        for style in HARMS:
            assert changed(_styled(page, blank, style), reference) > 1.5 * TOLERANCE, style


def _styled(page: Page, blank: Page, style: str) -> Cells:
    """The screen with a style more, which is taken away again."""
    page.evaluate(
        "style => { const sheet = new CSSStyleSheet(); sheet.replaceSync(style); document.adoptedStyleSheets = [sheet] }",
        style,
    )
    cells = seen(page, blank)
    page.evaluate("document.adoptedStyleSheets = []")
    return cells


def main() -> None:
    """Take the references anew."""
    with (
        tempfile.TemporaryDirectory() as folder,
        frozen(Path(folder)) as (office, url),
        sync_playwright() as playwright,
    ):
        launched = playwright.chromium.launch(executable_path=str(chromium()), args=list(LAUNCH_ARGS))
        blank = launched.new_page()
        for name in SCREENS:
            with opened(launched, office) as page:
                show(page, url, name)
                keep(blank, name, seen(page, blank))
        launched.close()


if __name__ == "__main__":
    main()
