"""The leader's board in a real Chromium: it lives, resumes, fits, is accessible; a wall screen is paired, a console locks."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.axe import violations
from tests.e2e.cuttable import Line
from tests.e2e.outage import posts
from tests.e2e.product import Serving, until
from tests.e2e.test_board import HOSTILE, NAME, PASSWORD, SOON_MS, _is_wrong, browser, enter, fits

__all__ = ["browser"]
ZOOMED = (683, 384)
"""What a window of 1366 by 768 pixels shows at 200 %."""
WALLS = ((1920, 1080), (3840, 2160))
SCENES = ("now", "voices", "duty", "coverage")
LOOKS = [(theme, lang) for theme in ("light", "dark") for lang in ("zh-Hans", "zh-Hant", "en")]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """The sample district with hostile posts in it, its administrator made."""
    with Serving(tmp_path_factory.mktemp("leader") / "data", "--sample") as running:
        base = datetime.now(UTC) - timedelta(minutes=5)
        items = [
            {"id": f"hostile-{n}", "source": HOSTILE[:100], "platform": "forum", "jurisdiction": "990100"}
            | {"at": (base + timedelta(seconds=n)).isoformat(), "text": f"{n} {HOSTILE}", "title": HOSTILE[:200]}
            for n in range(3)
        ]
        with running.client("responder") as http:
            http.post("/api/v1/posts", json=items).raise_for_status()
        yield running


@pytest.fixture(scope="module")
def state(office: Serving, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The administrator's cookies."""
    context = browser.new_context()
    context.set_default_timeout(SOON_MS)
    page = context.new_page()
    enter(page, office)
    expect(page.locator(".row").first).to_be_visible(timeout=2 * SOON_MS)
    kept = tmp_path_factory.mktemp("state") / "state.json"
    context.storage_state(path=kept)
    context.close()
    return kept


@pytest.fixture
def leader(browser: Browser, state: Path) -> Iterator[Page]:
    """A page that is logged in and fails the test for any script error or refused content."""
    context = browser.new_context(
        viewport={"width": 1920, "height": 1080}, reduced_motion="reduce", storage_state=state
    )
    context.set_default_timeout(SOON_MS)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if _is_wrong(message) else None)
    yield page
    context.close()
    assert wrong == []


def show(page: Page, address: str) -> None:
    """Open an address anew and wait until its figures are there."""
    page.goto("about:blank")
    page.goto(address)
    expect(page.locator(".situation-line")).to_be_visible()


def test_figures_lead_to_their_posts(leader: Page, office: Serving) -> None:
    show(leader, office.url)
    district = leader.locator(".map a").first
    expect(district).to_be_visible()
    said = district.inner_text()
    district.click()
    expect(leader).to_have_url(re.compile(r"#/posts\?place=990100\d{3}&span=24"))
    assert re.search(r"\d", said), said
    expect(leader.locator(".post").first).to_be_visible()

    leader.go_back()
    leader.locator(".volume .bar").last.locator(".hit").click(force=True)
    expect(leader).to_have_url(re.compile(r"#/posts\?since=.*&until="))
    leader.go_back()
    for place in (
        ".situation a.figure",
        ".words a",
        ".places a",
        ".domains a",
        ".sources a",
        ".units a",
        ".incidents a",
    ):
        assert leader.locator(place).count() > 0, place


def test_every_width_is_filled_without_overflow_also_in_large_text(leader: Page, office: Serving) -> None:
    for more in ("", "?text=large"):
        show(leader, f"{office.url}/{more}")
        for width, height in ((360, 800), ZOOMED, (1366, 768), (1920, 1080), (3840, 2160)):
            leader.set_viewport_size({"width": width, "height": height})
            until(lambda: fits(leader), 5, f"wider than {width}: {more}")
    assert leader.evaluate("window.pwned") is None


def test_no_scene_of_a_wall_scrolls_and_what_strangers_wrote_stays_in_it(leader: Page, office: Serving) -> None:
    for scene in SCENES:
        show(leader, f"{office.url}/?wall=1&theme=dark&scenes={scene}")
        expect(leader.locator(f".scene-{scene}")).to_be_visible()
        for width, height in WALLS:
            leader.set_viewport_size({"width": width, "height": height})
            over = "[document.documentElement.scrollWidth - innerWidth, document.documentElement.scrollHeight - innerHeight]"
            until(lambda over=over: max(leader.evaluate(over)) <= 0, 5, f"{scene} scrolls at {width}")
            for panel in leader.locator(".wall > .panel").all():
                box = panel.bounding_box()
                assert box is not None
                assert box["y"] + box["height"] <= height + 1, (scene, width)
    assert leader.evaluate("window.pwned") is None


def test_scenes_take_turns_and_stop_when_asked(leader: Page, office: Serving) -> None:
    leader.clock.install()
    show(leader, f"{office.url}/?wall=1&every=10")
    expect(leader.locator(".scene-now")).to_be_visible()
    leader.clock.fast_forward(10_500)
    expect(leader.locator(".scene-voices")).to_be_visible()
    leader.get_by_role("button", name="暂停轮播").click()
    leader.clock.fast_forward(60_000)
    expect(leader.locator(".scene-voices")).to_be_visible()
    leader.keyboard.press("ArrowRight")
    expect(leader.locator(".scene-duty")).to_be_visible()


@pytest.mark.parametrize(("theme", "lang"), LOOKS)
def test_the_board_is_accessible_in_every_theme_and_language(
    leader: Page, office: Serving, theme: str, lang: str
) -> None:
    show(leader, f"{office.url}/?theme={theme}&lang={lang}")
    expect(leader.locator(".map a").first).to_be_visible()
    assert violations(leader) == []


def test_scenes_and_the_pages_around_the_board_are_accessible(leader: Page, office: Serving) -> None:
    for number, scene in enumerate(SCENES):
        theme, lang = LOOKS[number]
        show(leader, f"{office.url}/?wall=1&theme={theme}&lang={lang}&scenes={scene}")
        expect(leader.locator(f".scene-{scene}")).to_be_visible()
        assert violations(leader) == [], scene
    for theme in ("light", "dark"):
        for path in ("screens", "publish", "pair"):
            leader.goto("about:blank")
            leader.goto(f"{office.url}/?theme={theme}#/{path}")
            expect(leader.locator("h1").first).to_be_visible()
            expect(leader.locator("button:disabled")).to_have_count(0)  # all is loaded; what is greyed out is half seen
            assert violations(leader) == [], (path, theme)
        leader.emulate_media(color_scheme=theme)  # type: ignore[arg-type]  # one of the two words
        leader.goto(f"{office.url}/public")
        assert violations(leader) == [], theme


def test_what_a_leader_publishes_is_public_and_what_is_withdrawn_is_not(leader: Page, office: Serving) -> None:
    leader.goto(f"{office.url}/#/publish")
    leader.fill("[name=title]", "停水了找谁？")
    leader.fill("[name=text]", HOSTILE)
    leader.locator(".form .primary").click()
    expect(leader.locator("li", has_text="停水了找谁？")).to_be_visible()
    reader = leader.context.browser.new_context(viewport={"width": 360, "height": 800})  # type: ignore[union-attr]
    page = reader.new_page()
    page.goto(f"{office.url}/public")
    expect(page.get_by_role("heading", name="停水了找谁？")).to_be_visible()
    assert fits(page)
    assert page.evaluate("window.pwned") is None
    leader.get_by_role("button", name="撤回").click()
    expect(leader.get_by_text("还没有公开的内容")).to_be_visible()
    page.goto(f"{office.url}/public?lang=en")
    expect(page.get_by_text("Nothing is published at present")).to_be_visible()
    reader.close()


def test_a_wall_screen_is_paired_by_a_code_and_goes_dark_when_revoked(
    leader: Page, office: Serving, browser: Browser
) -> None:
    leader.goto(f"{office.url}/#/screens")
    leader.fill("[name=screen]", "指挥大厅")
    leader.locator(".ask .primary").click()
    code = leader.locator(".fresh .code").inner_text()

    hall = browser.new_context(viewport={"width": 1920, "height": 1080}, reduced_motion="reduce")
    screen = hall.new_page()
    screen.goto(f"{office.url}/?theme=dark#/pair")
    screen.fill("[name=code]", code)
    screen.keyboard.press("Enter")
    expect(screen.locator(".scene-now")).to_be_visible(timeout=SOON_MS)
    expect(screen.locator(".map a").first).to_be_visible(timeout=SOON_MS)
    assert screen.request.get(f"{office.url}/api/v1/posts").status == 403

    leader.reload()
    leader.locator("li", has_text="指挥大厅").get_by_role("button", name="收回").click()
    expect(leader.get_by_text("还没有大屏")).to_be_visible()
    assert screen.request.get(f"{office.url}/api/v1/board").status == 401
    hall.close()


def test_a_console_that_nobody_touches_locks_and_opens_again_with_what_was_typed(
    browser: Browser, office: Serving, state: Path
) -> None:
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    context.set_default_timeout(SOON_MS)
    page = context.new_page()
    page.clock.install()
    page.goto(office.url)
    page.fill("[autocomplete=username]", NAME)
    page.fill("[type=password]", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".situation-line")).to_be_visible()
    page.goto(f"{office.url}/#/screens")
    page.fill("[name=screen]", "typed before")

    page.clock.fast_forward("16:00")
    expect(page.locator("dialog.lock")).to_be_visible()
    until(lambda: page.request.get(f"{office.url}/api/v1/board").status == 401, 10, "the server still answers")
    assert violations(page) == []
    page.fill("[name=unlock]", "wrong password")
    page.keyboard.press("Enter")
    expect(page.locator("dialog.lock")).to_contain_text("密码不对")
    page.fill("[name=unlock]", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("dialog.lock")).to_have_count(0)
    expect(page.locator("[name=screen]")).to_have_value("typed before")
    assert page.request.get(f"{office.url}/api/v1/board").status == 200
    context.close()


def test_a_cut_connection_is_seen_marks_the_figures_and_is_resumed_without_loss(
    browser: Browser, serving: Serving
) -> None:
    with Line(int(serving.url.rpartition(":")[2])) as line:
        near = f"http://127.0.0.1:{line.port}"
        context = browser.new_context(viewport={"width": 1366, "height": 768}, reduced_motion="reduce")
        context.set_default_timeout(SOON_MS)
        page = context.new_page()
        page.goto(serving.link.replace(serving.url, near))
        page.fill("[name=name]", NAME)
        page.fill("[name=password]", PASSWORD)
        page.fill("[name=repeated]", PASSWORD)
        page.keyboard.press("Enter")
        expect(page.locator(".situation-line")).to_be_visible()
        sign = page.locator(".live-sign")
        expect(sign).to_contain_text("实时")

        line.cut()
        expect(sign).to_contain_text("连接断了", timeout=SOON_MS)
        with serving.client("responder") as http:
            http.post("/api/v1/posts", json=posts(datetime.now(UTC))).raise_for_status()
            until(lambda: http.get("/api/v1/incidents").json()["items"], 30, "the incident was never raised")
        expect(page.locator(".board.stale")).to_be_visible(timeout=SOON_MS)
        before = len(line.asked)
        line.mend()
        expect(page.locator(".row").first).to_contain_text("湖畔雅苑", timeout=SOON_MS)
        expect(sign).to_contain_text("实时")
        expect(page.locator(".board.stale")).to_have_count(0)
        again = b"".join(line.asked[before:])
        assert b"/api/v1/events" in again
        assert b"last-event-id" in again.lower() or b"after=" in again
        context.close()
