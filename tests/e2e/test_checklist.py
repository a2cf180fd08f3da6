"""The checklist of a case, by keyboard: what is to be done, ticked and unticked, and what ticks itself while one looks on."""

from pathlib import Path

from playwright.sync_api import Browser, expect

from api.auth import issue
from core.effects import Effects
from core.records import Role
from tests.e2e.axe import violations
from tests.e2e.test_board import browser
from tests.e2e.test_looks import frozen, opened
from tests.e2e.timed import Office

__all__ = ["browser"]


def _approve(office: Office, case: str) -> None:
    """Two colleagues approve the draft of the case, which is of level two by now, by HTTP."""
    for who in ("李", "赵"):
        secret, token = issue("token", who, Role.LEADER, office.now, None)
        office.product.storage.commit(Effects(changes=[token]))
        draft = office.get(f"cases/{case}")["drafts"][0]
        answer = office.http.post(
            f"/api/v1/drafts/{draft['id']}/approve",
            json={"why": "属实", "accept": True, "version": draft["version"]},
            headers={"Authorization": f"Bearer {secret}"},
        )
        assert answer.status_code == 200, answer.text


def test_steps_are_ticked_by_keyboard_with_a_note_and_back_and_others_deeds_tick_theirs(
    browser: Browser, tmp_path: Path
) -> None:
    with frozen(tmp_path) as (office, url), opened(browser, office) as page:
        mine = next(one for one in office.get("cases", open=True)["items"] if "湖畔雅苑" in one["title"])
        page.goto(f"{url}/#/cases/{mine['id']}")
        panel = page.locator(".checklist")
        report, visit = (panel.locator("li", has_text=words) for words in ("向领导报告", "回访反映人"))
        expect(panel).to_contain_text("重大舆情处置清单")
        expect(panel.locator(".progress")).to_have_text("已完成 1 / 14")
        expect(panel.locator("li", has_text="事实卡")).to_contain_text("系统判定：已完成")

        page.keyboard.press("k")
        expect(page.locator("#step-report")).to_be_focused()
        page.keyboard.press("Space")
        expect(page.locator("#step-report")).to_be_checked()
        page.locator(".toast").get_by_role("button", name="撤销").click()
        expect(page.locator("#step-report")).not_to_be_checked()

        page.keyboard.press("k")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.keyboard.type("已电话报告")
        assert violations(page) == []
        page.keyboard.press("Enter")
        expect(report).to_contain_text("已完成 · 王")
        expect(report).to_contain_text("已电话报告")
        expect(panel.locator(".progress")).to_have_text("已完成 2 / 14")
        page.keyboard.press("k")
        expect(page.locator("#step-verify")).to_be_focused()

        office.do(mine["id"], "ack", why="已看到")
        expect(panel.locator("li", has_text="确认收到")).to_contain_text("系统判定：已完成 · 王")
        expect(panel.locator(".progress")).to_have_text("已完成 3 / 14")
        office.do(mine["id"], "tick", step="visit", note="逐户回访")
        expect(visit).to_contain_text("逐户回访")
        _approve(office, mine["id"])
        expect(panel.locator("li", has_text="回应稿审核通过")).to_contain_text("系统判定：已完成 · 李")
        ticks = [tick["step"] for tick in office.get(f"cases/{mine['id']}")["case"]["ticks"]]
        assert ticks == ["report", "visit"]
