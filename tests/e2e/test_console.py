"""The responder's console in a real Chromium over the real server: one happening, worked on by keyboard and by two people."""

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from docx import Document
from playwright.sync_api import APIResponse, Browser, Page, Route, expect, sync_playwright

from tests.e2e.axe import violations
from tests.e2e.browser import LAUNCH_ARGS, chromium
from tests.e2e.conftest import FACTS, PLACES
from tests.e2e.outage import posts
from tests.e2e.product import Serving, huiying, until

PASSWORD = "a long enough password"
SOON_MS = 60_000
"""Longer than anything takes on a busy machine; only a failure waits so long."""
HOSTILE = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>' + "W" * 1_000 + "\u202e逆z̷̧̛͕̊a̶l̸g̵o😀"
ZOOMED = 683
"""What a window of 1366 pixels shows at 200 %."""
LANGUAGES = ("zh-Hans", "zh-Hant", "en")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(chromium()), args=list(LAUNCH_ARGS))
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """An office in which a water outage has just become a case; one of the posts is hostile."""
    folder = tmp_path_factory.mktemp("console")
    policy = folder / "policy"
    policy.mkdir()
    (policy / "facts.yaml").write_text(FACTS, encoding="utf-8")
    (policy / "places.yaml").write_text(PLACES, encoding="utf-8")
    with Serving(folder / "data", HUIYING_POLICY_DIR=str(policy)) as serving:
        said = posts(datetime.now(UTC))
        said[3]["text"] = f"{said[3]['text']} {HOSTILE}"
        said[3]["title"] = HOSTILE[:200]
        with serving.client("responder") as http:
            http.post("/api/v1/posts", json=said).raise_for_status()
            until(lambda: http.get("/api/v1/cases").json()["items"], 60, "no case was opened")
        yield serving


class Desk:
    """One responder's browser; it fails the test for any script error."""

    def __init__(self, browser: Browser, office: Serving, name: str, role: str = "leader") -> None:
        self.context = browser.new_context(viewport={"width": 1366, "height": 900}, reduced_motion="reduce")
        self.context.set_default_timeout(SOON_MS)
        self.page = self.context.new_page()
        self.wrong: list[str] = []
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        made = huiying("invite", "--data-dir", office.data_dir, "--role", role)
        code = made.stdout.strip().rpartition("code=")[2]
        assert code, made.stderr
        join(self.page, f"{office.url}/#/setup?code={code}", name)


def join(page: Page, link: str, name: str) -> None:
    """Use a one-time link, up to the board."""
    page.goto(link)
    page.fill("[name=name]", name)
    page.fill("[name=password]", PASSWORD)
    page.fill("[name=repeated]", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".situation-line")).to_be_visible()


@pytest.fixture(scope="module")
def anna(browser: Browser, office: Serving) -> Iterator[Desk]:
    """On duty; first at the case."""
    desk = Desk(browser, office, "安娜")
    yield desk
    desk.context.close()
    assert desk.wrong == []


@pytest.fixture(scope="module")
def bo(browser: Browser, office: Serving) -> Iterator[Desk]:
    """Anna's colleague, at the same case a moment later."""
    desk = Desk(browser, office, "阿波")
    yield desk
    desk.context.close()
    assert desk.wrong == []


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def open_first_case(page: Page) -> None:
    """From anywhere, by keys alone."""
    press(page, "Escape", "g", "i")
    expect(page.locator(".case-row").first).to_be_visible()
    press(page, "j", "Enter")
    expect(page.locator(".case-head")).to_be_visible()


def taken_up(page: Page) -> None:
    """The case is confirmed, by a test before this one in the same process or now."""
    if page.locator(".case-head .meta strong").text_content() == "萌发":
        press(page, "a", "Enter")
    state_is(page, "已确认")


def state_is(page: Page, word: str) -> None:
    expect(page.locator(".case-head .meta strong")).to_have_text(word)


def sent(page: Page, field: str, word: str) -> None:
    """Enter sends; once more when the machine had changed the case in between: what was typed stays."""
    press(page, "Enter")
    try:
        expect(page.locator(".case-head .meta strong")).to_have_text(word, timeout=4000)
    except AssertionError:
        page.locator(f"input[name={field}]").press("Enter")
        state_is(page, word)


@pytest.mark.timeout(300)
def test_two_at_one_case_the_second_sees_what_happened_and_overwrites_nothing(anna: Desk, bo: Desk) -> None:
    for desk in (anna, bo):
        open_first_case(desk.page)
    # Bo is cut off from events: what he sees is old, and he types a reason.
    bo.context.route("**/api/v1/events*", lambda route: route.abort())
    bo.context.route("**/api/v1/cases/*", lambda route: route.fallback())
    press(bo.page, "a")
    bo.page.keyboard.type("我来处理")

    press(anna.page, "a", "Enter")
    state_is(anna.page, "已确认")

    press(bo.page, "Enter")
    expect(bo.page.get_by_role("alert").first).to_be_visible()
    expect(bo.page.locator(".page")).to_contain_text("安娜")
    state_is(bo.page, "已确认")
    expect(bo.page.locator("li.change", has_text="安娜")).to_have_count(1)
    expect(bo.page.locator("li.change", has_text="阿波")).to_have_count(0)
    bo.context.unroute("**/api/v1/events*")


@pytest.mark.timeout(300)
def test_from_alert_to_evaluation_by_keyboard_alone(anna: Desk) -> None:
    page = anna.page
    open_first_case(page)
    taken_up(page)
    press(page, "s")
    expect(page.locator("select[name=unit]")).to_be_focused()
    press(page, "ArrowDown", "Tab", "Tab", "Tab", "Enter")
    state_is(page, "处置中")

    press(page, "d")
    expect(page.locator(".sentence").first).to_be_visible()
    press(page, "w")
    expect(page.locator("textarea[name=text]")).to_be_focused()
    page.keyboard.type("主管已经修复，全部恢复供水。")
    press(page, "Tab", "Tab", "Enter")
    state_is(page, "已回应")

    press(page, "e")
    expect(page.locator("input[name=note]")).to_be_focused()
    page.keyboard.type("热度回落")
    sent(page, "note", "已评估")
    expect(page.locator(".page")).to_contain_text("主管已经修复，全部恢复供水。")

    press(page, "c")
    page.keyboard.type("办结")
    press(page, "Enter")
    state_is(page, "已结案")
    press(page, "z")
    expect(page.locator(".toast")).to_contain_text("已撤销")
    state_is(page, "处置中")


@pytest.mark.timeout(300)
def test_a_form_opened_before_the_answer_to_the_move_before_it_stays_open(anna: Desk) -> None:
    page = anna.page
    open_first_case(page)
    held: list[tuple[Route, APIResponse]] = []
    page.route("**/api/v1/cases/*/level", lambda route: held.append((route, route.fetch())))
    press(page, "l", "ArrowDown")
    page.locator("input[name=why]").fill("人数增多")
    press(page, "Tab", "Enter")
    expect(page.locator("li.change", has_text="人数增多")).to_have_count(1)
    press(page, "w")
    expect(page.locator("textarea[name=text]")).to_be_focused()
    page.keyboard.type("正在处理")
    for route, answer in held:
        route.fulfill(response=answer)
    expect(page.locator(".toast")).to_contain_text("调整等级")
    expect(page.locator("textarea[name=text]")).to_have_value("正在处理")
    page.unroute("**/api/v1/cases/*/level")
    press(page, "Escape")


@pytest.mark.timeout(300)
def test_a_draft_is_edited_over_no_colleague_approved_and_taken_away(anna: Desk, bo: Desk) -> None:
    for desk in (anna, bo):
        open_first_case(desk.page)
        desk.page.get_by_role("button", name="修改草稿").click()
    mine, theirs = anna.page.locator("[name=draft-sentence]").first, bo.page.locator("[name=draft-sentence]").first
    mine.fill("有关情况已经收悉，正在核实。")
    anna.page.get_by_role("button", name="保存并核对").click()
    expect(anna.page.locator(".sentence").first).to_contain_text("有关情况已经收悉，正在核实。")

    theirs.fill("谢谢大家的关心。")
    bo.page.locator(".editor .primary").click()
    expect(bo.page.locator(".conflict")).to_contain_text("有关情况已经收悉，正在核实。")
    expect(theirs).to_have_value("谢谢大家的关心。")
    bo.page.get_by_role("button", name="改用现在的文字").click()
    expect(theirs).to_have_value("有关情况已经收悉，正在核实。")

    anna.page.fill("[name=draft-decision]", "同意")
    anna.page.get_by_role("button", name="审核通过").click()
    expect(anna.page.locator(".approval .who")).to_contain_text("安娜")
    with anna.page.expect_download() as taken:
        anna.page.get_by_role("link", name="纯文本").click()
    assert "有关情况已经收悉，正在核实。" in Path(taken.value.path()).read_text("utf-8")


def test_question_mark_shows_every_key_of_the_page_and_escape_closes_it(anna: Desk) -> None:
    open_first_case(anna.page)
    press(anna.page, "?")
    dialog = anna.page.get_by_role("dialog")
    for key in ("g", "i", "a", "s", "w", "e", "z"):
        expect(dialog.locator("kbd", has_text=re.compile(f"^{key}$")).first).to_be_visible()
    press(anna.page, "Escape")
    expect(dialog).to_be_hidden()


def test_a_view_is_kept_and_its_address_alone_shows_it_to_others(anna: Desk, bo: Desk, office: Serving) -> None:
    page = anna.page
    page.goto(f"{office.url}/#/cases?view=open&q=湖畔雅苑&sort=newest")
    page.get_by_role("button", name="存为视图").click()
    page.keyboard.type("我的小区")
    press(page, "Enter")
    expect(page.get_by_role("button", name="我的小区", exact=True)).to_have_attribute("aria-current", "page")
    bo.page.goto(page.url)
    expect(bo.page.locator("input[type=search]")).to_have_value("湖畔雅苑")
    expect(bo.page.locator(".case-row")).to_have_count(page.locator(".case-row").count())


def test_a_report_is_read_its_figures_lead_to_posts_and_it_is_taken_away(anna: Desk) -> None:
    page = anna.page
    press(page, "Escape", "g", "r")
    span = datetime.now().astimezone()
    page.locator("summary").first.click()
    page.fill("[name=since]", span.strftime("%Y-%m-%dT00:00"))
    page.fill("[name=until]", span.strftime("%Y-%m-%dT23:59"))
    page.get_by_role("button", name="生成", exact=True).click()
    sheet = page.locator(".sheet")
    expect(sheet).to_contain_text("总体情况")
    with page.expect_download() as taken:
        page.get_by_role("link", name="下载 Word").click()
    words = Document(io.BytesIO(Path(taken.value.path()).read_bytes()))
    assert words.paragraphs[0].text == sheet.locator("h2").inner_text()
    counted = sheet.locator(".line a").first.inner_text()
    sheet.locator(".line a").first.click()
    expect(page.locator(".histogram figcaption")).to_contain_text(f"共 {counted} 条")


def test_a_search_is_narrowed_by_its_histogram_and_taken_away(anna: Desk, office: Serving) -> None:
    page = anna.page
    page.goto(f"{office.url}/#/posts?q=停水&fold=0")
    expect(page.locator(".histogram button:enabled").first).to_be_visible()
    page.locator(".histogram button:enabled").last.click()
    expect(page).to_have_url(re.compile("since="))
    with page.expect_download() as taken:
        page.get_by_role("link", name="导出 CSV").click()
    assert Path(taken.value.path()).read_bytes().startswith(b"\xef\xbb\xbfid,")


@pytest.mark.timeout(300)
def test_a_rule_is_tried_then_saved_and_the_second_who_had_it_open_is_told_who_was_first(
    anna: Desk, bo: Desk, office: Serving
) -> None:
    for desk in (anna, bo):
        desk.page.goto(f"{office.url}/#/manage/rules")
        desk.page.locator("li.rule button").first.click()
        expect(desk.page.locator(".editor [name=min_posts]")).to_be_visible()
    anna.page.fill(".editor [name=min_posts]", "9000")
    anna.page.press(".editor [name=min_posts]", "Tab")
    anna.page.click(".editor [name=try]")
    expect(anna.page.locator(".trial .missed").first).to_be_attached()
    anna.page.fill(".editor [name=why]", "误报太多")
    anna.page.press(".editor [name=why]", "Enter")
    expect(anna.page.locator(".editor")).to_have_count(0)
    expect(anna.page.locator("li.rule").first).to_contain_text("9,000")
    bo.page.fill(".editor [name=why]", "再看看")
    bo.page.press(".editor [name=why]", "Enter")
    expect(bo.page.locator(".stale")).to_contain_text("误报太多")
    bo.page.click(".stale [name=theirs]")
    expect(bo.page.locator(".editor [name=min_posts]")).to_have_value("9000")


@pytest.mark.timeout(300)
def test_fact_cards_are_taken_from_a_word_table_row_by_row_and_one_is_changed(anna: Desk, office: Serving) -> None:
    page = anna.page
    page.goto(f"{office.url}/#/manage/facts")
    page.set_input_files("[name=file]", {"name": "facts.docx", "mimeType": "application/docx", "buffer": fact_table()})
    page.locator("form:has([name=file]) button").click()
    expect(page.locator("form:has([name=file]) tbody tr")).to_have_count(2)
    expect(page.locator("form:has([name=file]) tbody tr").last).to_contain_text("请写明出处")
    card = page.locator("li", has_text="云湾路的水管已换好")
    card.locator(".actions button").first.click()
    page.fill("[name=valid_until]", "2020-01-01T00:00")
    page.fill("form [name=why]", "已过时")
    page.press("form [name=why]", "Enter")
    expect(page.locator("form [name=why]")).to_have_count(0)
    expect(page.locator("li.expired", has_text="云湾路的水管已换好")).to_be_visible()


@pytest.mark.timeout(300)
def test_a_person_is_invited_changed_over_no_colleague_and_disabled(browser: Browser, office: Serving) -> None:
    admin = Desk(browser, office, "朵拉", "admin")
    page = admin.page
    page.goto(f"{office.url}/#/manage/people")
    page.locator("form [name=unit]").select_option("housing")
    page.get_by_role("button", name="生成链接").click()
    link = page.locator(".secret code").inner_text()
    page.get_by_role("button", name="已记下").click()
    other = browser.new_context()
    join(other.new_page(), f"{office.url}{link}", "恩佐")
    page.reload()
    row = page.locator("tbody tr", has_text="恩佐")
    expect(row).to_contain_text("处置")

    row.get_by_role("button", name="修改").click()
    page.locator("form [name=role]").select_option("leader")
    with office.client("admin") as http:
        (person,) = [one for one in http.get("/api/v1/people").json()["items"] if one["name"] == "恩佐"]
        http.put(f"/api/v1/people/{person['id']}", json={"role": "viewer", "why": "借调"}).raise_for_status()
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator(".stale")).to_contain_text("借调")
    page.locator(".stale [name=theirs]").click()
    expect(page.locator("form [name=role]")).to_have_value("viewer")
    page.locator("form [name=role]").select_option("leader")
    page.locator("form [name=why]").fill("回来了")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(row).to_contain_text("领导")

    page.on("dialog", lambda dialog: dialog.accept())
    row.get_by_role("button", name="停用").click()
    expect(row).to_contain_text("已停用")
    refused = other.request.post(f"{office.url}/api/v1/session", data={"name": "恩佐", "password": PASSWORD})
    assert refused.status == 401
    other.close()
    admin.context.close()
    assert admin.wrong == []


def fact_table() -> bytes:
    """A Word table of two cards, the second without a source."""
    document = Document()
    rows = (
        ("部分", "内容", "单位", "来源", "关键词"),
        ("事实", "云湾路的水管已换好。", "housing", "抢修单 7", "停水"),
        ("事实", "今晚恢复供水。", "housing", "", "停水"),
    )
    table = document.add_table(rows=0, cols=5)
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def pages_of(page: Page, office: Serving) -> list[str]:
    """The address of every page of the console."""
    open_first_case(page)
    case = page.url
    page.goto(f"{office.url}/#/reports")
    page.locator(".card").first.click()
    expect(page.locator(".sheet")).to_be_visible()
    managed = [f"{office.url}/#/manage/{section}" for section in ("rules", "facts", "units", "sources", "audit")]
    return [f"{office.url}/#/cases", case, f"{office.url}/#/posts?q=停水", page.url, *managed]


@pytest.mark.timeout(600)
def test_axe_finds_nothing_on_any_page_in_three_languages_and_two_themes(anna: Desk, office: Serving) -> None:
    page = anna.page
    found: list[str] = []
    for address in pages_of(page, office):
        page.goto(address)
        expect(page.locator("main .panel, main .sheet, main .page").first).to_be_visible()
        for theme in ("light", "dark"):
            page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
            for language in LANGUAGES:
                page.locator(".preferences select").select_option(language)
                found += [f"{address} {theme} {language}: {one}" for one in violations(page)]
        page.locator(".preferences select").select_option("zh-Hans")
    assert found == []


@pytest.mark.timeout(300)
def test_hostile_text_harms_no_page_and_nothing_is_wider_than_its_window(anna: Desk, office: Serving) -> None:
    page = anna.page
    for address in pages_of(page, office):
        page.goto(address)
        for width in (360, ZOOMED, 1366, 1920, 3840):
            page.set_viewport_size({"width": width, "height": 900})
            wider = "document.documentElement.scrollWidth - window.innerWidth"
            until(lambda: page.evaluate(wider) <= 0, 5, f"{address} is wider than {width}")  # noqa: B023  # run at once
    page.set_viewport_size({"width": 1366, "height": 900})
    assert page.evaluate("window.pwned") is None
