"""Two cases about one matter, as a responder puts them together and apart; and a clock that is given more time and back."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.axe import violations
from tests.e2e.test_board import browser
from tests.e2e.test_looks import frozen, opened
from tests.e2e.timed import Office

__all__ = ["browser"]
CASE, OTHER = "湖畔雅苑", "翠湾小区"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[tuple[Office, str]]:
    with frozen(tmp_path) as made:
        yield made


def _open_cases(office: Office) -> set[str]:
    return {one["id"] for one in office.get("cases", open=True)["items"]}


def _fill(page: Page, move: str, **fields: str) -> None:
    """Open a move's form, fill it and send it."""
    page.get_by_role("group", name="操作").get_by_role("button", name=move, exact=True).click()
    form = page.locator(".moves form")
    for name, value in fields.items():
        field = form.locator(f"[name={name}]")
        if field.evaluate("one => one.tagName") == "SELECT":
            option = field.locator("option", has_text=re.compile(value))
            expect(option).to_have_count(1)
            field.select_option(option.get_attribute("value"))
        else:
            field.fill(value)
    assert violations(page) == [], move
    form.locator(".primary").click()
    expect(page.locator(".toast")).to_contain_text(move)


def test_cases_are_merged_and_split_and_the_merge_is_taken_back(browser: Browser, place: tuple[Office, str]) -> None:
    office, url = place
    both: list[dict[str, Any]] = office.get("cases", open=True)["items"]
    mine, other = (next(one["id"] for one in both if name in one["title"]) for name in (CASE, OTHER))
    with opened(browser, office) as page:
        page.goto(f"{url}/#/cases/{mine}")
        expect(page.locator(".case-head")).to_be_visible()
        _fill(page, "并入其他案件", case=OTHER, why="同一次停水")
        assert _open_cases(office) == {mine}

        page.locator(".toast").get_by_role("button", name="撤销").click()
        expect(page.get_by_role("button", name="撤销并案")).to_have_count(0)
        assert _open_cases(office) == {mine, other}

        _fill(page, "并入其他案件", case=OTHER, why="同一次停水")
        _fill(page, "撤销并案", case=OTHER, why="两个小区各有原因")
        expect(page.get_by_role("button", name="撤销并案")).to_have_count(0)
        assert _open_cases(office) == {mine, other}


def test_a_clock_is_extended_by_what_its_limit_allows_and_no_oftener_and_the_extension_is_taken_back(
    browser: Browser, place: tuple[Office, str]
) -> None:
    office, url = place
    mine = next(one for one in office.get("cases", open=True)["items"] if CASE in one["title"])
    with opened(browser, office) as page:
        page.goto(f"{url}/#/cases/{mine['id']}")
        expect(page.locator(".case-head")).to_be_visible()
        _fill(page, "延长时限", clock="政务舆情回应", by="^24 小时$", why="要专家论证")
        clocks = {clock["kind"]: clock for clock in office.get(f"cases/{mine['id']}")["case"]["clocks"]}
        assert [more["by"] for more in clocks["answer"]["extensions"]] == ["24h"]
        left = page.locator(".case-head .clocks li", has_text="政务舆情回应")
        expect(left).to_contain_text("还剩 2 天 21 小时")
        page.locator(".toast").get_by_role("button", name="撤销").click()
        expect(left).to_contain_text("还剩 1 天 21 小时")

        _fill(page, "延长时限", clock="政务舆情回应", by="^24 小时$", why="要专家论证")
        expect(left).to_contain_text("还剩 2 天 21 小时")
        page.get_by_role("button", name="撤销：延长时限").click()
        form = page.locator(".moves form")
        expect(form.locator("[name=clock]")).to_have_value("answer")
        form.locator("[name=why]").fill("论证提前完成")
        assert violations(page) == []
        form.locator(".primary").click()
        expect(left).to_contain_text("还剩 1 天 21 小时")

        _fill(page, "延长时限", clock="政务舆情回应", by="^24 小时$", why="又要论证")
        expect(left).to_contain_text("还剩 2 天 21 小时")
        page.keyboard.press("t")
        form.locator("[name=clock]").select_option("answer")
        form.locator("[name=by]").select_option("24h")
        form.locator("[name=why]").fill("还不够")
        form.locator(".primary").click()
        expect(page.locator(".moves [role=alert]")).to_contain_text("次数上限")
