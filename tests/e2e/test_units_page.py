"""The page of units in a real Chromium: shifts, stand-ins, calendars and chains, and somebody who was faster each time."""

from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.e2e.axe import violations
from tests.e2e.browser import LAUNCH_ARGS, chromium
from tests.e2e.desk import logged_in
from tests.e2e.product import Serving

ROSTER = "/api/v1/rosters/housing"
DAYS_OFF = {"id": "off", "begin": "09:00", "end": "17:00", "days": ["dayoff"]}


def fits(page: Page) -> bool:
    """Whether nothing is wider than the window."""
    fitting: bool = page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    return fitting


def enter_members(page: Page, http: httpx.Client) -> list[str]:
    """Enter two people of the housing office; their ids."""
    page.locator("[name=roster-unit]").select_option("housing")
    for name in ("值班员甲", "值班员乙"):
        page.fill("[name=member-name]", name)
        page.keyboard.press("Enter")
        expect(page.get_by_role("cell", name=name, exact=True)).to_be_visible()
    return [one["id"] for one in http.get("/api/v1/members", params={"unit": "housing"}).json()["items"]]


def write_shifts(page: Page, http: httpx.Client, members: list[str]) -> None:
    page.locator("[name=edit-shifts]").click()
    page.locator("[name=add-shift]").click()
    page.get_by_role("checkbox", name="值班员甲").check()
    page.get_by_role("checkbox", name="值班员乙").check()
    page.locator("[name=rotate]").select_option("weekly")
    page.fill("[name=shift-since]", "2026-01-05")
    faster = {"shifts": [{**DAYS_OFF, "members": members}], "why": "节假日先排"}
    http.put(ROSTER, json=faster).raise_for_status()
    page.fill("[name=roster-why]", "夏季排班")
    page.keyboard.press("Enter")
    expect(page.locator(".stale")).to_contain_text("节假日先排")
    page.locator(".stale [name=theirs]").click()
    expect(page.locator("[name=begin]")).to_have_value("09:00")
    page.fill("[name=begin]", "08:00")
    page.fill("[name=roster-why]", "提前一小时")
    page.keyboard.press("Enter")
    expect(page.locator("[aria-label=班次] tbody")).to_contain_text("08:00 至 17:00")
    expect(page.locator(".gaps")).to_contain_text("无人值班")


def stand_in(page: Page) -> None:
    page.locator("[name=kind]").select_option("holiday")
    page.fill("[name=since]", "2026-02-17T08:00")
    page.fill("[name=until]", "2026-02-18T08:00")
    page.get_by_role("checkbox", name="值班员乙").check()
    page.fill("[name=why]", "春节值班")
    page.keyboard.press("Enter")
    row = page.locator("tr", has_text="春节值班")
    expect(row).to_contain_text("值班员乙")
    row.get_by_role("button").click()
    expect(row).to_have_count(0)


def give_and_take_the_calendar(page: Page) -> None:
    with page.expect_download() as given:
        page.get_by_role("link", name="下载日历").click()
    calendar = Path(given.value.path()).read_bytes()
    assert b"BEGIN:VEVENT" in calendar
    page.set_input_files("[name=calendar]", {"name": "duty.ics", "mimeType": "text/calendar", "buffer": calendar})
    expect(page.locator("tr", has_text="日历导入").first).to_be_visible()


def write_a_chain(page: Page, http: httpx.Client) -> None:
    page.locator("[name=add-chain]").click()
    page.fill("[name=chain-name]", "供水逐级")
    page.locator("[name=add-step]").click()
    page.locator("[name=to]").last.select_option("lead")
    page.fill("[name=chain-why]", "汛期")
    page.keyboard.press("Enter")
    chains = page.get_by_role("region", name="逐级提醒链")
    expect(chains.locator("li", has_text="供水逐级")).to_contain_text("10 分钟后提醒牵头单位值班人员")

    chains.get_by_role("button", name="供水逐级").click()
    (chain,) = http.get("/api/v1/chains").json()["items"]
    steps = [{**step, "wait_minutes": 3} for step in chain["steps"]]
    http.put(
        f"/api/v1/chains/{chain['id']}", json={"name": "供水逐级", "steps": steps, "why": "太慢"}
    ).raise_for_status()
    page.locator("[name=wait]").last.fill("20")
    page.fill("[name=chain-why]", "太急")
    page.keyboard.press("Enter")
    expect(page.locator(".stale")).to_contain_text("太慢")
    page.locator(".stale [name=mine]").click()
    expect(chains.locator("li", has_text="供水逐级")).to_contain_text("20 分钟后提醒牵头单位值班人员")

    chains.get_by_role("button", name="供水逐级").click()
    page.fill("[name=chain-why]", "并入默认")
    page.locator("[name=disable-chain]").click()
    expect(chains.locator("li", has_text="供水逐级")).to_have_count(0)


@pytest.mark.timeout(300)
def test_rosters_and_chains_are_written_on_screen_and_who_was_faster_is_told(tmp_path: Path) -> None:
    with Serving(tmp_path / "data") as serving, sync_playwright() as playwright, serving.client("leader") as http:
        browser = playwright.chromium.launch(executable_path=str(chromium()), args=list(LAUNCH_ARGS))
        page = browser.new_page(viewport={"width": 1366, "height": 900}, reduced_motion="reduce")
        page.on("dialog", lambda dialog: dialog.accept())
        logged_in(page, serving)
        page.goto(f"{serving.url}/#/manage/units")
        write_shifts(page, http, enter_members(page, http))
        stand_in(page)
        give_and_take_the_calendar(page)
        write_a_chain(page, http)

        page.locator("[name=edit-shifts]").click()
        page.locator("[name=add-chain]").click()
        for theme in ("light", "dark"):
            page.evaluate("theme => (document.documentElement.dataset.theme = theme)", theme)
            for language in ("zh-Hans", "zh-Hant", "en"):
                page.locator(".preferences select").select_option(language)
                assert violations(page) == []
        page.set_viewport_size({"width": 360, "height": 900})
        assert fits(page)
        browser.close()
