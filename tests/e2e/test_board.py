"""The board in a real Chromium over the real server, as a leader sees it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.e2e.browser import LAUNCH_ARGS, chromium
from tests.e2e.outage import posts
from tests.e2e.product import Serving, until

NAME = "张主任"
PASSWORD = "a long enough password"
SOON_MS = 60_000
"""Longer than anything takes on a busy machine; only a failure waits so long."""
SIZES = ((360, 800), (1366, 768), (1920, 1080))
NO_ANSWER = "Failed to fetch"
"""What the browser says of a request or a script that was on its way when a test killed the server."""
HOSTILE = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>' + "长" * 300 + "W" * 3000 + "\u202e逆"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(chromium()), args=list(LAUNCH_ARGS))
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails the test for any script error or refused content."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, reduced_motion="reduce")
    context.set_default_timeout(SOON_MS)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)) if NO_ANSWER not in str(error) else None)
    page.on("console", lambda message: wrong.append(message.text) if _is_wrong(message) else None)
    yield page
    context.close()
    assert wrong == []


def _is_wrong(message: ConsoleMessage) -> bool:
    # The browser reports every refused request; asking who we are before login is one by design.
    return message.type == "error" and not any(said in message.text for said in ("Failed to load resource", NO_ANSWER))


def enter(page: Page, serving: Serving) -> None:
    """Use the one-time link that the first start printed."""
    page.goto(serving.link)
    page.fill("[name=name]", NAME)
    page.fill("[name=password]", PASSWORD)
    page.fill("[name=repeated]", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".situation-line")).to_be_visible()


def fits(page: Page) -> bool:
    """Whether the page is no wider than its window."""
    wider: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return wider <= 0


def test_an_incident_appears_on_the_open_board_and_explains_itself(page: Page, serving: Serving) -> None:
    enter(page, serving)
    expect(page.locator(".live-sign")).to_contain_text("实时")
    expect(page.locator(".incidents")).to_contain_text("目前没有事件")

    with serving.client("responder") as http:
        http.post("/api/v1/posts", json=posts(datetime.now(UTC))).raise_for_status()

    row = page.locator(".row").first
    expect(row).to_contain_text("湖畔雅苑", timeout=SOON_MS)
    expect(row.locator(".badge")).to_contain_text("级", timeout=SOON_MS)
    expect(page.locator(".volume .bar").first).to_be_visible()

    row.click()
    expect(page.locator("h1")).to_contain_text("湖畔雅苑")
    expect(page.get_by_text("为什么成为事件")).to_be_visible()
    expect(page.locator(".post").first).to_be_visible()
    page.get_by_role("button", name="确认", exact=True).click()
    page.locator(".form .primary").click()
    expect(page.get_by_text("已完成：确认")).to_be_visible()
    expect(page.locator("dl.case")).to_contain_text("已确认")


def test_a_search_marks_its_words_as_they_were_written(page: Page, serving: Serving) -> None:
    item = {"id": "m1", "source": "forum.example", "title": "路燈", "text": "😀濱江路的路燈壞了，ＷｉＦｉ也壞了。"}
    enter(page, serving)
    with serving.client("responder") as http:
        assert http.post("/api/v1/posts", json=[item]).json()["accepted"] == 1
        until(lambda: http.get("/api/v1/posts").json()["items"], 20, "the post was never understood")
    page.goto(f"{serving.url}/#/posts?q=路灯 wifi")
    expect(page.locator(".post mark")).to_have_text(["路燈", "路燈", "ＷｉＦｉ"])


def test_hostile_posts_are_text_and_stay_inside_every_window(page: Page, serving: Serving) -> None:
    enter(page, serving)
    base = datetime.now(UTC) - timedelta(minutes=5)
    items = [
        {"id": f"hostile-{n}", "source": "forum", "platform": "forum", "at": (base + timedelta(seconds=n)).isoformat()}
        | {"text": f"{n} {HOSTILE}", "title": HOSTILE[:200], "author": HOSTILE[:60], "url": "https://example.org/"}
        for n in range(3)
    ]
    with serving.client("responder") as http:
        assert http.post("/api/v1/posts", json=items).json()["accepted"] == len(items)
        until(lambda: http.get("/api/v1/posts").json()["items"], 20, "the posts were never understood")

    for path in ("/#/posts", "/#/"):
        page.goto(serving.url + path)
        expect(page.locator(".post").first).to_be_visible(timeout=SOON_MS)
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            until(lambda: fits(page), 5, f"{path} is wider than {width}: charts follow a new size a moment later")
    assert page.evaluate("window.pwned") is None


def test_the_board_speaks_three_languages_and_keeps_the_choice(page: Page, serving: Serving) -> None:
    enter(page, serving)
    language = page.locator(".preferences select")
    for choice, word in (("en", "Situation"), ("zh-Hant", "態勢"), ("zh-Hans", "态势")):
        language.select_option(choice)
        expect(page.locator("nav")).to_contain_text(word)
    language.select_option("en")
    page.reload()
    expect(page.locator("nav")).to_contain_text("Situation")


def test_a_lost_server_is_plainly_said(page: Page, serving: Serving) -> None:
    enter(page, serving)
    expect(page.locator(".live-sign")).to_contain_text("实时")
    serving.kill()
    expect(page.locator(".live-sign")).to_contain_text("连接断了", timeout=SOON_MS)
    expect(page.locator(".live-sign")).to_contain_text("数据停在")


def test_nobody_sees_the_board_without_logging_in(page: Page, serving: Serving) -> None:
    page.goto(serving.url + "/#/incidents/x")
    expect(page.locator("input[type=password]")).to_be_visible()
    enter(page, serving)
    page.get_by_role("button", name="退出").click()
    page.fill("[autocomplete=username]", NAME)
    page.fill("[type=password]", "not this one")
    page.keyboard.press("Enter")
    expect(page.get_by_text("用户名或密码不对")).to_be_visible()
    page.fill("[type=password]", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".situation-line")).to_be_visible()


def test_one_click_and_a_confirmation_remove_the_sample(page: Page, tmp_path: Path) -> None:
    with Serving(tmp_path / "sampled", "--sample") as serving:
        enter(page, serving)
        banner = page.locator("aside.sample")
        expect(banner).to_contain_text("示例数据")
        expect(page.locator(".row").first).to_be_visible(timeout=2 * SOON_MS)

        banner.get_by_role("button", name="移除示例").click()
        banner.get_by_role("button", name="确认移除").click()

        expect(banner).to_have_count(0)
        expect(page.locator(".incidents")).to_contain_text("目前没有事件")
