"""Units, members, rosters, calendars and chains over HTTP."""

import asyncio

import pytest
from fastapi.testclient import TestClient

from api.auth import Caller
from api.office import save
from api.parts import Parts
from api.problems import Problem
from core.effects import Effects, SaveCase
from core.records import Chain, Role
from core.storage.sqlite import SqliteStorage
from tests.records import case
from tests.unit.api.conftest import ClientOf

WATER = {"id": "water", "name": "区水务局", "tier": "district", "domains": ["城乡建设"]}
ALL_DAY = {"id": "all", "begin": "00:00", "end": "24:00"}


@pytest.fixture
def leader(client_of: ClientOf) -> TestClient:
    return client_of(Role.LEADER)


@pytest.fixture
def office(leader: TestClient) -> tuple[TestClient, str]:
    """A leader's client, and the id of the member of the water office."""
    assert leader.post("/api/v1/units", json=WATER).status_code == 201
    made = leader.post("/api/v1/members", json={"unit": "water", "name": "值班员甲", "handles": {"wecom": "jia"}})
    return leader, made.json()["id"]


def test_a_unit_is_made_changed_and_used_no_more_each_with_its_audit_row(leader: TestClient, storage: SqliteStorage):
    assert leader.post("/api/v1/units", json=WATER).status_code == 201
    changed = leader.put("/api/v1/units/water", json={**WATER, "places": ["990100001"], "version": 1, "why": "划转"})
    assert (changed.json()["places"], changed.json()["version"]) == (["990100001"], 2)
    stale = leader.put("/api/v1/units/water", json={**WATER, "version": 1})
    assert stale.status_code == 409
    assert leader.delete("/api/v1/units/water").json()["disabled"]
    assert "water" not in {u["unit"]["id"] for u in leader.get("/api/v1/units").json()["items"]}
    rows = storage.store.audit("unit:water")
    assert [r.action for r in rows] == ["unit.added", "unit.changed", "unit.disabled"]
    assert rows[1].why == "划转"
    assert leader.post("/api/v1/units", json=WATER).status_code == 201  # it may come back
    assert leader.post("/api/v1/units", json=WATER).status_code == 409


def test_a_unit_of_the_policy_is_kept_here_once_it_is_changed(leader: TestClient):
    before = {u["unit"]["id"]: u for u in leader.get("/api/v1/units").json()["items"]}
    assert before["housing"]["origin"] == "policy"
    given = {"name": "住建局", "tier": "district", "domains": ["城乡建设"], "jurisdiction": "", "version": 1}
    assert leader.put("/api/v1/units/housing", json=given).status_code == 200
    after = {u["unit"]["id"]: u for u in leader.get("/api/v1/units").json()["items"]}
    assert (after["housing"]["origin"], after["housing"]["unit"]["name"]) == ("office", "住建局")
    assert "住建局" in {u["name"] for u in leader.get("/api/v1/meta").json()["units"]}


@pytest.mark.parametrize(
    "wrong",
    [
        {"tier": "county"},
        {"parent": "nowhere"},
        {"parent": "housing", "tier": "district"},
        {"places": ["滨江"]},
        {"name": " "},
        {"id": "a/b"},
        {"head": "nobody"},
        {"unknown": 1},
    ],
)
def test_a_unit_that_cannot_be_is_refused(leader: TestClient, wrong: dict[str, object]):
    assert leader.post("/api/v1/units", json={**WATER, **wrong}).status_code == 422


@pytest.mark.parametrize("wrong", [{"unit": "nowhere"}, {"name": ""}, {"handles": {"qq": "1"}}, {"user": "nobody"}])
def test_a_member_that_cannot_be_is_refused(office: tuple[TestClient, str], wrong: dict[str, object]):
    leader, _ = office
    assert leader.post("/api/v1/members", json={"unit": "water", "name": "乙"} | wrong).status_code == 422


def test_duty_is_told_with_who_when_and_the_next_gap(office: tuple[TestClient, str]):
    leader, member = office
    shift = {"id": "day", "begin": "08:30", "end": "17:30", "members": [member]}
    written = leader.put("/api/v1/rosters/water", json={"shifts": [shift]}).json()
    assert written["roster"]["version"] == 1
    assert len(written["gaps"]) == 14
    duty = leader.get("/api/v1/duty").json()  # it is noon
    assert duty["items"] == [
        {
            "unit": "water",
            "name": "区水务局",
            "members": [member],
            "until": "2026-06-01T09:30:00Z",
            "next_gap": {"since": "2026-06-01T09:30:00Z", "until": "2026-06-02T00:30:00Z"},
        }
    ]
    assert duty["names"] == {member: "值班员甲"}
    assert "housing" in duty["without_roster"]
    assert leader.delete(f"/api/v1/members/{member}").json()["disabled"]
    assert leader.get("/api/v1/duty").json()["items"][0]["members"] == []


def test_a_swap_stands_in_the_roster_with_who_and_why_until_it_is_taken_out(office: tuple[TestClient, str]):
    leader, first = office
    second = leader.post("/api/v1/members", json={"unit": "water", "name": "值班员乙"}).json()["id"]
    leader.put("/api/v1/rosters/water", json={"shifts": [{**ALL_DAY, "members": [first]}]})
    span = {"since": "2026-06-01T03:00:00Z", "until": "2026-06-01T05:00:00Z"}
    swap = {**span, "members": [second], "instead_of": first, "why": "就医"}
    roster = leader.post("/api/v1/rosters/water/covers", json=swap).json()
    assert leader.get("/api/v1/duty").json()["items"][0]["members"] == [second]
    cover = roster["covers"][0]
    assert (cover["who"], cover["why"]) == ("leader token", "就医")
    assert leader.delete(f"/api/v1/rosters/water/covers/{cover['id']}").status_code == 200
    assert leader.get("/api/v1/duty").json()["items"][0]["members"] == [first]
    assert leader.delete(f"/api/v1/rosters/water/covers/{cover['id']}").status_code == 404
    assert leader.post("/api/v1/rosters/water/covers", json={**swap, "members": ["stranger"]}).status_code == 422
    assert leader.post("/api/v1/rosters/water/covers", json={**swap, "since": "2026-06-01T03:00:00"}).status_code == 422


def test_of_two_who_write_a_roster_the_second_is_told_who_was_first_and_why(office: tuple[TestClient, str]):
    leader, member = office
    assert leader.get("/api/v1/rosters/water").json()["roster"]["version"] == 0
    shifts = [{**ALL_DAY, "members": [member]}]
    first = leader.put("/api/v1/rosters/water", json={"shifts": shifts, "why": "新排班", "version": 0}).json()
    assert first["roster"]["version"] == 1
    late = leader.put("/api/v1/rosters/water", json={"shifts": [], "why": "清空", "version": 0})
    told = late.json()
    assert (late.status_code, told["type"].rpartition("#")[2], told["version"]) == (409, "stale", 1)
    assert [(h["who"], h["action"], h["why"]) for h in told["happened"]] == [("leader token", "roster.added", "新排班")]
    assert leader.get("/api/v1/rosters/water").json()["roster"]["shifts"][0]["id"] == "all"
    assert leader.put("/api/v1/rosters/water", json={"shifts": [], "version": told["version"]}).status_code == 200


def test_who_writes_between_another_ones_reading_and_writing_is_told_of_too(parts: Parts):
    saver = Caller(name="甲", role=Role.LEADER, credential="a")
    save(parts, saver, Chain(id="c", name="一", steps=()), 0, "先")
    with pytest.raises(Problem) as late:
        save(parts, Caller(name="乙", role=Role.LEADER, credential="b"), Chain(id="c", name="二", steps=()), 0, "后")
    assert late.value.kind == "stale"
    assert late.value.more["version"] == 1
    kept = parts.storage.store.kept_one(Chain, "c")
    assert kept is not None
    assert kept.name == "一"


def test_the_plan_goes_out_as_a_calendar_and_comes_in_again(office: tuple[TestClient, str]):
    leader, member = office
    leader.put("/api/v1/rosters/water", json={"shifts": [{**ALL_DAY, "members": [member]}]})
    calendar = leader.get("/api/v1/rosters/water/calendar.ics")
    assert calendar.headers["content-type"].startswith("text/calendar")
    assert "值班员甲" in calendar.text
    leader.put("/api/v1/rosters/water", json={"shifts": []})
    taken = [leader.post("/api/v1/rosters/water/calendar", content=calendar.content).json() for _ in range(2)]
    assert [t["replaced"] for t in taken] == [0, taken[0]["added"]], "a second import replaces the first"
    assert leader.get("/api/v1/duty").json()["items"][0]["members"] == [member]
    assert leader.post("/api/v1/rosters/water/calendar", content=b"noise").status_code == 422


def test_files_of_others_are_read_beside_the_event_loop(
    office: tuple[TestClient, str], monkeypatch: pytest.MonkeyPatch
):
    leader, _ = office
    loops: list[object] = []

    def read(*_: object) -> list[object]:
        loops.append(asyncio._get_running_loop())
        return []

    monkeypatch.setattr("alerts.calendars.read", read)
    monkeypatch.setattr("api.routes.facts.read_cards", read)
    answers = [
        leader.post(path, content=b"file") for path in ("/api/v1/rosters/water/calendar", "/api/v1/facts/import")
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert loops == [None, None]


def test_chains_are_kept_and_checked(office: tuple[TestClient, str], storage: SqliteStorage):
    leader, member = office
    given = {"name": "供水", "units": ["water"], "steps": [{"wait_minutes": 5, "to": "member", "member": member}]}
    made = leader.post("/api/v1/chains", json=given).json()
    changed = leader.put(f"/api/v1/chains/{made['id']}", json={**given, "repeats": 2, "version": 1})
    assert (changed.json()["repeats"], changed.json()["version"]) == (2, 2)
    assert leader.put(f"/api/v1/chains/{made['id']}", json={**given, "version": 1}).status_code == 409
    wrong = [{"steps": []}, {"units": ["nowhere"]}, {"levels": [9]}, {"steps": [{"wait_minutes": 1, "to": "god"}]}]
    assert {leader.post("/api/v1/chains", json=given | one).status_code for one in wrong} == {422}
    assert leader.delete(f"/api/v1/chains/{made['id']}", params={"version": 1}).status_code == 409
    assert leader.delete(f"/api/v1/chains/{made['id']}", params={"version": 2, "why": "并入默认"}).status_code == 200
    rows = storage.store.audit(f"chain:{made['id']}")
    assert [(r.action, r.why) for r in rows][-1] == ("chain.disabled", "并入默认")
    assert leader.get("/api/v1/chains").json()["items"] == []
    assert leader.put("/api/v1/chains/nothing", json=given).status_code == 404


def test_who_should_answer_is_suggested_with_reasons_and_learns_from_what_was_answered(
    leader: TestClient, storage: SqliteStorage
):
    leader.post("/api/v1/units", json={**WATER, "jurisdiction": "990100"})
    leader.post("/api/v1/units", json={"id": "street", "name": "街道办", "tier": "street", "places": ["990100001"]})
    alike: dict[str, object] = {"domain": "城乡建设", "place": "990100001101"}
    now = case("c0", unit="water", **alike)
    past = [case(f"c{n}", incident=f"i{n}", unit="street", answered_at=now.opened_at, **alike) for n in range(1, 9)]
    storage.commit(Effects(changes=[SaveCase(now, 0)]))
    first = leader.get("/api/v1/cases/c0/routing").json()
    assert [(c["unit"], c["role"]) for c in first["candidates"]] == [("water", "lead"), ("street", "possible")]
    assert first["candidates"][0]["reasons"][0]["code"] == "route.domain"
    storage.commit(Effects(changes=[SaveCase(one, 0) for one in past]))
    learnt = leader.get("/api/v1/cases/c0/routing").json()["candidates"]
    assert learnt[0]["unit"] == "street"
    said = {reason["code"]: reason["facts"] for reason in learnt[0]["reasons"]}
    assert said.keys() == {"route.place", "route.past_place", "route.past_matter", "route.past_words"}
    assert said["route.past_place"] == said["route.past_words"] == {"unit": "街道办", "cases": 8, "of": 8}
