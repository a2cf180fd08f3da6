"""What people of a unit see and do beside the other units. Every route with another unit's objects: test_reach_of_everything.

The routes are those of the application: a new one fails here until the tables of `api.access` say for whom it is.
"""

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from api.access import ACCESS, UNITS, Scope
from api.app import create_app
from api.auth import issue
from api.live import Audience, Position, read
from api.parts import Parts
from api.reach import reach_of
from api.routes import all_routes
from core.codec import encode
from core.effects import Effects, Keep, Message, SaveCase
from core.errors import Refused
from core.records import Case, CaseEvent, CaseState, Draft, FactCard, Notice, Role, Roster, Task, Unit
from core.storage.sqlite import SqliteStorage
from core.topics import Topic
from tests.records import NOON, case, incident
from tests.unit.api.conftest import ClientOf

OURS, THEIRS, BELOW = "water", "housing", "water-street"
STREAM = ("GET", "/api/v1/events")
ROUTES = sorted({(method, route.path) for route in all_routes() for method in route.methods or ()} - {STREAM})
CLOSED = {key for key, role in ACCESS.items() if role is not None and key not in UNITS}


def unit(id_: str, parent: str | None = None) -> Unit:
    tier = "street" if parent else "district"
    return Unit(id=id_, name=id_, tier=tier, jurisdiction="990100", parent=parent)  # type: ignore[arg-type]


def of(unit_: str, number: int, **more: object) -> Case:
    return case(f"c-{unit_}", incident=f"i{number}", unit=unit_, **more)


@pytest.fixture
def office(storage: SqliteStorage) -> SqliteStorage:
    """Water, a street office below it, and housing: each with a case, a draft, a fact and a roster."""
    units = [unit(OURS), unit(BELOW, OURS), unit(THEIRS)]
    task = Task(id="t1", unit=OURS, part="support", text="现场核实", given_by="王", given_at=NOON)
    cases = [of(OURS, 1), of(BELOW, 2), of(THEIRS, 3), case("c-task", incident="i4", unit=THEIRS, tasks=(task,))]
    drafts = [
        Draft(id=f"d-{c.unit}", case=c.id, at=NOON, status="refused", method="m", kind="reply") for c in cases[:3]
    ]
    facts = [
        FactCard(id=f"f-{u.id}", jurisdiction="990100", part="known", text="已抢修。", unit=u.id, source="s")
        for u in units
    ]
    storage.commit(Effects(changes=[*(Keep(u, 0) for u in units), *(SaveCase(c, 0) for c in cases), *drafts]))
    storage.commit(Effects(changes=[*(Keep(f, 0) for f in facts), *(Keep(Roster(id=u.id), 0) for u in units)]))
    storage.commit(Effects(incidents=[incident(c.incident) for c in cases]))
    return storage


def client_over(parts: Parts) -> TestClient:
    return TestClient(create_app(parts), raise_server_exceptions=False)


def bound(parts: Parts, role: Role, to: str | None) -> dict[str, str]:
    """Headers with a fresh token of a role and a unit: some routes end what they are called with."""
    secret, token = issue("token", "甲", role, NOON, None, to)
    parts.storage.commit(Effects(changes=[token]))
    return {"Authorization": f"Bearer {secret}"}


def client_of_unit(parts: Parts, role: Role, to: str) -> TestClient:
    client = client_over(parts)
    client.headers.update(bound(parts, role, to))
    return client


def told(answer: Response) -> str:
    """The kind of a problem."""
    return str(answer.json()["type"]).rpartition("#")[2]


def filled(path: str, of_unit: str) -> str:
    """The route's path with ids of that unit's objects."""
    kinds = {"/api/v1/cases/": "c-", "/api/v1/drafts/": "d-", "/api/v1/facts/": "f-", "/api/v1/rosters/": ""}
    prefix = next((p for begin, p in kinds.items() if path.startswith(begin)), None)
    id_ = "x" if prefix is None else prefix + of_unit
    filled_in = path.replace("{id_}", id_).replace("{task}", "t1").replace("{cover}", "x")
    return filled_in.replace("{kind}", "rule").replace("{item}", "x").replace("{format_}", "pdf")


def test_every_route_is_either_in_the_table_of_units_or_for_the_whole_office() -> None:
    keys = {key for key in ROUTES if ACCESS.get(key) is not None} | {STREAM}
    assert keys == set(UNITS) | CLOSED
    named = {key for key in ROUTES if "{id_}" in key[1] and key[1].startswith(("/api/v1/cases/", "/api/v1/drafts/"))}
    assert {UNITS[key] for key in named} <= {Scope.SEEN, Scope.ACTED, Scope.TASK}, "a case or draft is never shared"
    assert all(UNITS[key] is not Scope.SEEN for key in named if key[0] != "GET"), "to see is not to change"


@pytest.mark.parametrize("whose", [OURS, BELOW])
def test_a_leader_of_a_unit_reaches_its_own_and_what_is_below_it(
    parts: Parts, office: SqliteStorage, whose: str
) -> None:
    client = client_over(parts)
    for (method, path), scope in UNITS.items():
        if scope is Scope.SHARED:
            continue
        answer = client.request(method, filled(path, whose), json={}, headers=bound(parts, Role.LEADER, OURS))
        assert answer.status_code != 403, (method, path, answer.text)
        assert answer.status_code < 500, (method, path, answer.text)


def test_lists_leave_out_what_is_another_units(parts: Parts, office: SqliteStorage) -> None:
    notices = [
        Notice(id=f"n-{u}", event="case.opened", at=NOON, jurisdiction="990100", level=3, unit=u)
        for u in (OURS, THEIRS)
    ]
    office.commit(Effects(changes=list(notices)))
    client = client_of_unit(parts, Role.RESPONDER, OURS)
    assert {c["id"] for c in client.get("/api/v1/cases").json()["items"]} == {"c-water", "c-water-street", "c-task"}
    paged = client.get("/api/v1/cases", params={"limit": 1}).json()
    assert len(paged["items"]) == 1
    assert [n["id"] for n in client.get("/api/v1/notices").json()["items"]] == ["n-water"]
    shown = {r["incident"]["id"]: r["case"] for r in client.get("/api/v1/incidents").json()["items"]}
    assert (shown["i3"], shown["i1"]["id"]) == (None, "c-water"), "what the public says is everybody's, the case is not"
    assert client.get("/api/v1/incidents/i3").json()["drafts"] == []
    assert client.get("/api/v1/scorecards", params={"month": "2026-06"}).json()["cases"] != []


def test_a_unit_with_a_task_reads_the_case_and_ends_its_task_and_no_more(parts: Parts, office: SqliteStorage) -> None:
    client = client_of_unit(parts, Role.RESPONDER, OURS)
    assert client.get("/api/v1/cases/c-task").json()["case"]["unit"] == THEIRS
    assert client.post("/api/v1/cases/c-task/ack", json={}).status_code == 403
    done = client.post("/api/v1/cases/c-task/tasks/t1/done", json={"note": "三个小区"})
    assert done.json()["case"]["tasks"][0]["state"] == "done"
    stranger = client_of_unit(parts, Role.LEADER, BELOW)
    assert stranger.post("/api/v1/cases/c-task/tasks/t1/return", json={"why": "x"}).status_code == 403


def test_another_units_case_cannot_be_taken_in(parts: Parts, office: SqliteStorage) -> None:
    client = client_of_unit(parts, Role.RESPONDER, OURS)
    taken = client.post("/api/v1/cases/c-water/merge", json={"case": "c-housing", "why": "同一事件"})
    assert (taken.status_code, told(taken)) == (403, "other-unit")
    kept = office.store.case("c-housing")
    assert kept is not None
    assert kept.state is CaseState.EMERGING


def test_a_fact_is_neither_written_for_nor_taken_from_another_unit(parts: Parts, office: SqliteStorage) -> None:
    client = client_of_unit(parts, Role.RESPONDER, OURS)
    given = {"part": "known", "text": "已恢复供水。", "source": "值班记录", "terms": ["停水"]}
    assert client.post("/api/v1/facts", json={**given, "unit": OURS}).status_code == 201
    assert client.post("/api/v1/facts", json={**given, "unit": THEIRS}).status_code == 403
    assert client.put(f"/api/v1/facts/f-{THEIRS}", json={**given, "unit": OURS}).status_code == 403
    assert client.delete(f"/api/v1/facts/f-{THEIRS}").status_code == 403
    assert client.delete(f"/api/v1/facts/f-{BELOW}").json()["withdrawn"]


def test_a_unit_reads_and_makes_reports_on_the_cases_that_concern_it_and_no_others(
    parts: Parts, office: SqliteStorage
) -> None:
    whole, ours = client_over(parts), client_of_unit(parts, Role.RESPONDER, OURS)
    whole.headers.update(bound(parts, Role.ADMIN, None))
    wishes = [{"kind": "daily"}, *({"kind": "case", "case": f"c-{u}"} for u in (OURS, BELOW, THEIRS))]
    daily, own, below, foreign = (whole.post("/api/v1/reports", json=wish).json()["id"] for wish in wishes)
    assert {card["id"] for card in ours.get("/api/v1/reports").json()["items"]} == {own, below}
    for rest in ("", "/pdf"):
        assert [ours.get(f"/api/v1/reports/{id_}{rest}").status_code for id_ in (own, foreign, daily)] == [
            200,
            403,
            403,
        ]
    assert [ours.post("/api/v1/reports", json=wish).status_code for wish in wishes] == [403, 201, 201, 403]
    assert ours.delete(f"/api/v1/reports/{own}").status_code == 403


def test_the_stream_tells_a_unit_of_its_own_cases(parts: Parts, office: SqliteStorage) -> None:
    events = [CaseEvent(id=f"e{n}", type="case.opened", at=NOON, case=of(u, n)) for n, u in enumerate((OURS, THEIRS))]
    office.commit(
        Effects(messages=[Message(topic=Topic.CASES, key="990100", id=e.id, value=encode(e)) for e in events])
    )
    reach = reach_of(OURS, parts.policy.units)
    _, told = read(office.log, Position((0,), (0,), (0,)), Audience(lambda: True, reach))
    cases = [event.data for event in told if event.event == "case"]
    assert len(cases) == 1
    assert "c-water" in str(cases[0])


def test_units_that_name_each_other_as_parents_end() -> None:
    assert reach_of("a", [unit("a", "b"), unit("b", "a")]).units == frozenset({"a", "b"})


def test_an_administrator_belongs_to_no_unit() -> None:
    with pytest.raises(Refused, match="no unit"):
        issue("token", "x", Role.ADMIN, NOON, None, OURS)


def test_who_redeems_a_units_link_belongs_to_it(parts: Parts, client_of: ClientOf) -> None:
    secret, invite = issue("invite", "invite", Role.RESPONDER, NOON, None, OURS)
    parts.storage.commit(Effects(changes=[invite]))
    client = client_of(None)
    client.post("/api/v1/setup", json={"code": secret, "name": "张", "password": "correct horse battery"})
    assert client.get("/api/v1/session").json()["unit"] == OURS
