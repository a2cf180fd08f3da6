"""The policy by HTTP: versions, history, refusals, and a dry run before anything is saved."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from alerts.searching import MOST_POSTS
from api.parts import Parts
from core.effects import Effects, SaveCase, message
from core.records import Role
from core.topics import Topic
from tests.records import NOON, case, incident, post
from tests.unit.api.conftest import ClientOf

AREA = {"id": "meals", "name": {"zh-Hans": "校园餐"}, "source": "s", "words": ["校园餐"]}
RULE = {"id": "meals", "name": {"zh-Hans": "校园餐"}, "level": 2, "source": "s", "min_posts": 2, "concerns": ["meals"]}
LIST = {
    "id": "ordinary", "name": {"zh-Hans": "清单"}, "source": "s", "levels": [3, 4],
    "steps": [{"id": "call", "text": {"zh-Hans": "打电话"}}],
}  # fmt: skip
SIGNAL = {
    "id": "busy", "name": {"zh-Hans": "集中"}, "level": 4, "source": "s", "kind": "frequency", "jurisdiction": "990100",
    "least": 3,
}  # fmt: skip


@pytest.fixture
def leader(client_of: ClientOf) -> TestClient:
    return client_of(Role.LEADER)


def put(client: TestClient, kind: str, item: dict[str, Any], **more: object) -> Any:
    return client.put(f"/api/v1/rules/{kind}/{item['id']}", json={"item": item, "why": "开学", **more})


def in_force(client: TestClient, where: str) -> list[str]:
    return [row["id"] for row in client.get("/api/v1/rules").json()[where]]


def test_what_is_put_is_in_force_at_once_and_in_the_history_with_who_and_why(leader: TestClient) -> None:
    was = leader.get("/api/v1/rules").json()["version"]
    assert put(leader, "concern", AREA).json()["version"] == 1
    assert put(leader, "rule", RULE).status_code == 200
    assert put(leader, "rule", {**RULE, "level": 3}).json()["version"] == 2
    assert leader.get("/api/v1/rules").json()["version"] != was
    assert [r["level"] for r in leader.get("/api/v1/rules").json()["rules"] if r["id"] == "meals"] == [3]
    history = leader.get("/api/v1/rules/rule/meals/history").json()["items"]
    assert [(v["version"], v["who"], v["why"], v["item"]["level"]) for v in history] == [
        (2, "leader token", "开学", 3),
        (1, "leader token", "开学", 2),
    ]


def test_a_checklist_that_is_put_is_that_of_cases_from_then_on(leader: TestClient, parts: Parts) -> None:
    parts.storage.commit(Effects(incidents=[incident()], changes=[SaveCase(case(), 0)]))
    assert put(leader, "checklist", LIST).status_code == 200
    assert [step["id"] for step in leader.get("/api/v1/cases/c1").json()["checklist"]["steps"]] == ["call"]
    for id_ in ("ordinary", "grave"):
        leader.delete(f"/api/v1/rules/checklist/{id_}", params={"why": "不用"})
    assert leader.get("/api/v1/cases/c1").json()["checklist"] is None


def test_a_rule_of_the_files_can_be_taken_away_and_comes_back_with_another_version(leader: TestClient) -> None:
    shipped = next(r for r in leader.get("/api/v1/rules").json()["rules"] if r["id"] == "burst")
    assert leader.delete("/api/v1/rules/rule/burst").status_code == 422
    gone = leader.delete("/api/v1/rules/rule/burst", params={"why": "太多"})
    assert (gone.status_code, gone.json()["item"]) == (200, None)
    assert "burst" not in in_force(leader, "rules")
    assert leader.delete("/api/v1/rules/rule/burst", params={"why": "again"}).status_code == 404
    assert put(leader, "rule", shipped).json()["version"] == 2
    assert "burst" in in_force(leader, "rules")


def test_a_saved_search_needs_no_provenance_as_its_source_is_where_posts_stand(leader: TestClient) -> None:
    search = {"id": "meals", "name": {"zh-Hans": "校园餐"}, "words": "校园餐"}
    for item in (search, {**search, "source": "forum.example"}):
        assert put(leader, "search", item).status_code == 200
    assert in_force(leader, "searches") == ["meals"]


def test_what_something_names_is_not_taken_away_and_the_refusal_says_what_does(leader: TestClient) -> None:
    search = {"id": "meals", "name": {"zh-Hans": "校园餐"}, "words": "校园餐"}
    watched = {"id": "seen", "name": {"zh-Hans": "关注"}, "source": "s", "of": "words", "values": ["校园餐"]}
    ways = {"any_of": [{"concerns": ["meals"]}], "none_of": [{"lists": ["seen"]}]}
    signal = {**SIGNAL, "concern": "meals", "watch_list": "seen", "search": "meals"}
    items: dict[str, dict[str, Any]] = {
        "search": search, "concern": AREA, "list": watched, "rule": {**RULE, **ways}, "signal": signal,
    }  # fmt: skip
    for kind, item in items.items():
        assert put(leader, kind, item).status_code == 200

    def removed(kind: str) -> Any:
        return leader.delete(f"/api/v1/rules/{kind}/{items[kind]['id']}", params={"why": "不用了"})

    refused = removed("concern")
    assert (refused.status_code, refused.json()["type"].rpartition("#")[2]) == (409, "in-use")
    assert refused.json()["users"] == [
        {"kind": "rule", "id": "meals", "name": RULE["name"]},
        {"kind": "signal", "id": "busy", "name": SIGNAL["name"]},
    ]
    assert "rule meals, signal busy" in refused.json()["detail"]
    assert [one["id"] for kind in ("list", "search") for one in removed(kind).json()["users"]] == [
        "meals",
        "busy",
        "busy",
    ]
    assert [removed(kind).status_code for kind in ("signal", "search", "rule", "concern", "list")] == [200] * 5


def test_who_comes_too_late_is_told_who_was_first(leader: TestClient) -> None:
    assert put(leader, "concern", AREA, version=0).status_code == 200
    late = put(leader, "concern", AREA, version=0)
    assert late.status_code == 409
    assert late.json()["type"].endswith("#stale")
    assert [(h["who"], h["version"]) for h in late.json()["happened"]] == [("leader token", 1)]


@pytest.mark.parametrize(
    ("kind", "item", "says"),
    [
        ("rule", {**RULE, "concerns": ["none"]}, "There is no concern none"),
        ("rule", {**RULE, "level": 9}, "There is no level 9"),
        ("rule", {**RULE, "source": " "}, "no source"),
        ("rule", {**RULE, "name": {"en": "x"}}, "no name in zh-Hans"),
        ("rule", {**RULE, "min_post": 3}, "min_post"),
        ("rule", {**RULE, "any_of": [{"lists": ["none"]}]}, "There is no list none"),
        ("signal", {**SIGNAL, "window": "1wd"}, "working days"),
        ("signal", {**SIGNAL, "window": "8d", "reference": "7d"}, "shorter than the window"),
        ("signal", {**SIGNAL, "jurisdiction": ""}, "one jurisdiction"),
        ("signal", {**SIGNAL, "kind": "blacklist"}, "needs values"),
        ("signal", {**SIGNAL, "kind": "cardinality", "least": None}, "needs least or most"),
        ("signal", {**SIGNAL, "search": "none"}, "There is no search none"),
        ("checklist", {**LIST, "steps": []}, "at least one step"),
        ("checklist", {**LIST, "levels": [9]}, "There is no level 9"),
        ("checklist", {**LIST, "source": ""}, "no source"),
        ("tea", AREA, "A kind is one of"),
    ],
)
def test_what_the_files_would_refuse_is_refused_with_the_reason(leader, kind, item, says) -> None:
    put(leader, "concern", AREA)
    answer = put(leader, kind, item)
    assert answer.status_code == 422
    assert says in answer.json()["detail"]


def test_an_item_goes_by_the_id_of_its_address(leader: TestClient) -> None:
    answer = leader.put("/api/v1/rules/concern/other", json={"item": AREA, "why": "w"})
    assert answer.status_code == 422


def test_a_dry_run_of_a_rule_tells_each_yes_and_no_with_its_reason_and_saves_nothing(
    leader: TestClient, parts: Parts
) -> None:
    put(leader, "concern", AREA)
    for one in (
        incident("i1", title="校园餐变质", posts=1, version=1),
        incident("i1", title="校园餐变质", posts=4, version=2),
        incident("i2", title="路灯坏了"),
        incident("i3", title="校园餐", posts=1),
    ):
        parts.storage.commit(
            Effects(messages=[message(Topic.INCIDENTS, "990100", f"{one.id}.{one.version}", one)], incidents=[one])
        )
    run = leader.post("/api/v1/rules/rule/dry-run", json={"item": RULE, "days": 3}).json()
    assert (run["tried"], run["raised"]) == (3, 1)
    (yes,) = run["would"]
    assert (yes["id"], [r["code"] for r in yes["reasons"]]) == ("i1", ["rule.posts", "concern.word"])
    assert {one["id"]: one["reasons"][-1]["code"] for one in run["would_not"]} == {
        "i2": "concern.not_said",
        "i3": "rule.posts",
    }
    assert "meals" not in in_force(leader, "rules")


def test_a_dry_run_of_a_signal_tells_when_it_would_first_have_held(leader: TestClient, parts: Parts) -> None:
    posts = [post(f"p{n}", f"停水 {n}", minutes=-90 + n) for n in range(4)]
    parts.storage.commit(Effects(posts=posts))
    run = leader.post("/api/v1/rules/signal/dry-run", json={"item": SIGNAL, "days": 1}).json()
    assert (run["tried"], run["raised"]) == (1, 1)
    assert run["would"][0]["at"] == NOON.replace(hour=3).isoformat().replace("+00:00", "Z")
    assert run["would"][0]["reasons"][0]["facts"]["posts"] == 4
    quiet = leader.post("/api/v1/rules/signal/dry-run", json={"item": {**SIGNAL, "least": 5}, "days": 1}).json()
    assert quiet["would_not"][0]["reasons"][0]["code"] == "signal.frequency"


def test_a_dry_run_of_a_silence_looks_at_what_is_compared_however_much_else_is_said(
    leader: TestClient, parts: Parts
) -> None:
    weeks = [post(f"{week}-{n}", minutes=-week * 7 * 24 * 60 - n, source="a") for week in (1, 2) for n in range(1, 21)]
    others = [post(f"other{n}", minutes=-12 * 60) for n in range(MOST_POSTS)]
    parts.storage.commit(Effects(posts=weeks + others))
    silence = {**SIGNAL, "kind": "silence", "key": "source", "window": "2h", "reference": "14d"}
    run = leader.post("/api/v1/rules/signal/dry-run", json={"item": silence, "days": 1}).json()
    assert [(one["id"], one["at"], one["reasons"][0]["facts"]["usual"]) for one in run["would"]] == [
        ("a", NOON.isoformat().replace("+00:00", "Z"), 20),
    ]  # fmt: skip


def test_an_area_alone_has_no_dry_run(leader: TestClient) -> None:
    assert leader.post("/api/v1/rules/concern/dry-run", json={"item": AREA}).json()["type"].endswith("#no-dry-run")
