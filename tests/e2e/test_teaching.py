"""A responder corrects a label on the screen: at once, for the near-duplicate too, still there after a reload, undone."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from playwright.sync_api import Page, expect

from tests.e2e.product import Serving, huiying, until
from tests.e2e.test_board import browser, enter, page  # noqa: F401  # the fixtures of the board's tests
from tests.unit.app.test_learning import corrections

LAMP = "滨江路的路灯坏了一个星期，晚上很不安全，希望有关部门尽快派人{}修"
ITEMS = [LAMP.format("来"), LAMP.format("去"), "感谢社区的志愿者，昨天帮老人们打扫了楼道，大家都很开心。"]


def push(serving: Serving, texts: list[str], first: int = 0) -> None:
    begin = datetime.now(UTC) - timedelta(hours=3)
    items = [
        {
            "id": f"t{first + n}",
            "source": "forum",
            "at": (begin + timedelta(minutes=first + n)).isoformat(),
            "text": text,
        }
        for n, text in enumerate(texts)
    ]
    with serving.client("responder") as http:
        assert http.post("/api/v1/posts", json=items).json()["accepted"] == len(items)
        until(
            lambda: len(http.get("/api/v1/posts?limit=200").json()["items"]) == first + len(items), 30, "not understood"
        )


def test_one_click_corrects_a_post_and_its_near_duplicate_and_another_undoes_it(page: Page, serving: Serving) -> None:  # noqa: F811  # pytest's way
    enter(page, serving)
    push(serving, ITEMS)
    page.goto(f"{serving.url}/#/posts?fold=0")
    expect(page.get_by_role("heading", level=1, name="搜索帖文")).to_be_visible()
    first, near = page.locator(".post", has_text="派人来修"), page.locator(".post", has_text="派人去修")
    before = first.locator(".label.sentiment").inner_text()
    assert "正面" not in before

    first.locator(".label.sentiment").focus()
    page.keyboard.press("Enter")
    expect(first.locator(".editor")).to_be_visible()
    first.get_by_role("group", name="情感：改为").get_by_role("button", name="正面").click()
    expect(first.locator(".label.sentiment")).to_have_text("正面 人工")
    expect(first.get_by_role("status")).to_contain_text("相近的 1 条也一并更正")
    expect(first.locator(".who")).to_contain_text("张主任")
    expect(first.locator(".who")).to_contain_text("模型原判")
    expect(near.locator(".label.sentiment")).to_have_text("正面 人工")
    if folder := os.environ.get("HUIYING_TEST_PICTURES"):
        page.screenshot(path=str(Path(folder) / "teaching.png"))

    page.reload()
    for one in (first, near):
        expect(one.locator(".label.sentiment")).to_have_text("正面 人工")
    push(serving, [LAMP.format("快去")], first=3)
    page.reload()
    expect(page.locator(".post", has_text="派人快去修").locator(".label.sentiment")).to_have_text("正面 人工")

    near.locator(".label.sentiment").click()
    expect(near.locator(".who")).to_contain_text("相近的一条")
    near.get_by_role("button", name="撤销更正").click()
    for one in (first, near):
        expect(one.locator(".label.sentiment")).to_contain_text(before.split()[0])
        expect(one.locator(".label.sentiment")).not_to_contain_text("人工")


def test_where_a_person_sees_no_danger_the_risk_is_gone_until_that_is_undone(page: Page, serving: Serving) -> None:  # noqa: F811  # pytest's way
    enter(page, serving)
    push(serving, ["河西仓库着火了，楼下全是烟，大家快绕行"])
    page.goto(f"{serving.url}/#/posts?fold=0")
    post = page.locator(".post", has_text="河西仓库")
    expect(post.locator(".risk")).to_have_text(["火灾"])

    post.get_by_role("button", name="更正").click()
    danger = post.get_by_role("group", name="险情：改为")
    expect(danger.get_by_role("button", name="有险情")).to_have_attribute("aria-pressed", "true")
    danger.get_by_role("button", name="无险情").click()
    expect(post.locator(".label.danger")).to_have_text("无险情 人工")
    expect(post.locator(".risk")).to_have_count(0)
    if folder := os.environ.get("HUIYING_TEST_PICTURES"):
        page.screenshot(path=str(Path(folder) / "no-danger.png"))
    page.reload()
    expect(post.locator(".label.danger")).to_have_text("无险情 人工")
    expect(post.locator(".risk")).to_have_count(0)

    post.locator(".label.danger").click()
    post.get_by_role("button", name="撤销更正").click()
    expect(post.locator(".risk")).to_have_text(["火灾"])
    expect(post.locator(".label.danger")).to_have_count(0)


def test_learning_beside_a_running_server_is_taken_up_and_rolled_back(serving: Serving) -> None:
    """The sample's posts, confirmed as they are where the model is fairly sure: not worse, and yet learnt."""
    texts = [one.text for one in corrections(60)]
    push(serving, texts[:59])
    with serving.client("responder") as http:
        for found in http.get("/api/v1/posts", params={"limit": 200}).json()["items"]:
            post = found["post"]
            body = {"sentiment": post["labels"]["sentiment"]["label"]}
            http.post(f"/api/v1/posts/{post['id']}/labels", json=body).raise_for_status()
        ships = post["labels"]["model"]

        made = huiying("learn", "--data-dir", serving.data_dir)
        assert made.returncode == 0, made.stderr
        assert "replaces" in made.stdout, made.stdout
        until(lambda: label_anew(http, "a") not in (None, ships), 20, "the new model was not taken up", every=1)

        back = huiying("learn", "--data-dir", serving.data_dir, "--rollback")
        assert f"{ships} is in use again" in back.stdout, back.stderr
        until(lambda: label_anew(http, "b") == ships, 20, "the model that ships was not taken up again", every=1)


def label_anew(http: httpx.Client, series: str) -> str | None:
    """The version that labels a post of this moment."""
    at = datetime.now(UTC).isoformat()
    text = f"{at}{series} 请问图书馆的自习室几点开门"
    http.post("/api/v1/posts", json=[{"id": f"{series}{at}", "source": "forum", "at": at, "text": text}])
    items = http.get("/api/v1/posts", params={"limit": 1}).json()["items"]
    version: str = items[0]["post"]["labels"]["model"]
    return version
