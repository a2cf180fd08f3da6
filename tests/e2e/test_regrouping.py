"""What is told of an incident, and how a person corrects the grouping, in a real Chromium."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.e2e.axe import violations
from tests.e2e.browser import LAUNCH_ARGS, chromium
from tests.e2e.desk import logged_in
from tests.e2e.product import Serving, until

SMOKE = "望月隧道里浓烟滚滚有人被困"
STALLS = "青石路口流动摊贩占道经营堵路"
REMARKS = ("没人管", "太气人了", "孩子怎么办", "已经第三天", "请尽快处理", "电话打不通", "老人受不了", "现场有照片")


def said(matter: str, prefix: str) -> list[dict[str, object]]:
    begun = datetime.now(UTC) - timedelta(minutes=30)
    return [
        {
            "id": f"{prefix}{n}",
            "source": "forum.example" if n < 4 else "weibo.example",
            "text": f"{matter}，{remark}",
            "author": f"{prefix}-{n}",
            "at": (begun + timedelta(minutes=n)).isoformat(),
        }
        for n, remark in enumerate(REMARKS)
    ]


REFUTED = {
    "id": "tunnel",
    "name": {"zh-Hans": "隧道起火困人"},
    "claims": ["隧道里浓烟滚滚有人被困"],
    "right": "当日为消防演练，无人被困。",
    "source": "区消防大队通报",
    "date": "2026-03-02",
}


def expect_told(page: Page) -> None:
    """The page of an incident tells its way through the sources, what would end it, and what was refuted before."""
    expect(page.locator(".path li .said")).to_have_text(["forum.example", "weibo.example"])
    expect(page.locator(".ending")).to_contain_text("6 小时内没有新增，即算平息")
    signals = page.locator("section", has=page.get_by_role("heading", name="待核实的迹象"))
    expect(signals).to_contain_text("与辟谣过的说法相近")
    expect(signals).to_contain_text("区消防大队通报，2026-03-02")
    expect(page.get_by_role("heading", name="过去的类似事件")).to_be_visible()


def listed(http: httpx.Client) -> dict[str, str]:
    """The id of each listed incident, by its title."""
    return {row["incident"]["title"]: row["incident"]["id"] for row in http.get("/api/v1/incidents").json()["items"]}


def one_of(titles: dict[str, str], words: str) -> tuple[str, str]:
    return next((title, id_) for title, id_ in titles.items() if words in title)


@pytest.mark.timeout(300)
def test_two_incidents_are_made_one_and_two_again_and_one_is_said_to_be_none(tmp_path: Path) -> None:
    with Serving(tmp_path / "data") as serving, sync_playwright() as playwright, serving.client("responder") as http:
        http.post("/api/v1/posts", json=[*said(SMOKE, "s"), *said(STALLS, "t")]).raise_for_status()
        until(lambda: len(listed(http)) == 2, 60, "not two incidents")
        (smoke, smoke_id), (stalls, stalls_id) = one_of(listed(http), "隧道"), one_of(listed(http), "摊贩")
        browser = playwright.chromium.launch(executable_path=str(chromium()), args=list(LAUNCH_ARGS))
        page = browser.new_page(viewport={"width": 1366, "height": 900}, reduced_motion="reduce")
        logged_in(page, serving)
        with serving.client("leader") as leader:
            leader.put("/api/v1/rules/refuted/tunnel", json={"item": REFUTED, "why": "又有人说"}).raise_for_status()
        page.goto(f"{serving.url}/#/incidents/{smoke_id}")
        expect_told(page)
        panel = page.locator("section", has=page.get_by_role("heading", name="归并纠正"))

        panel.get_by_label("与哪个事件是同一件事").select_option(stalls)
        panel.get_by_label("理由").fill("同一路口")
        panel.get_by_role("button", name="是同一件事").click()
        until(lambda: listed(http).keys() == {smoke}, 30, "still two")
        assert http.get(f"/api/v1/incidents/{smoke_id}").json()["incident"]["posts"] == 16
        assert http.get("/api/v1/posts", params={"incident": smoke_id}).json()["items"][15]["incident"] == smoke_id
        expect(panel.get_by_text("同一路口")).to_be_visible()
        assert violations(page) == []

        panel.get_by_role("button", name="撤销").click()
        until(lambda: set(listed(http).values()) == {smoke_id, stalls_id}, 30, "not two again")
        expect(panel.get_by_text("已撤销")).to_be_visible()
        passages = panel.locator(".history li a")
        expect(passages).to_have_text(["8 条帖文分出到另一事件", "8 条帖文由另一事件并入"])
        expect(passages.first).to_have_attribute("href", f"#/incidents/{stalls_id}")

        first = page.locator("li", has=page.locator(".post")).first
        post_id = str(first.locator(".post").get_attribute("id")).removeprefix("post-")
        first.get_by_role("button", name="不属于此事件").click()
        until(lambda: http.get(f"/api/v1/posts/{post_id}").json()["incident"] is None, 30, "the post stayed")

        panel.get_by_role("button", name="不是事件").click()
        until(lambda: set(listed(http).values()) == {stalls_id}, 30, "it is still listed")
        expect(page.get_by_text("有人认定这不是事件")).to_be_visible()
        browser.close()
