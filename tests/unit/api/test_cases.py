"""Cases by HTTP: moves, who comes too late, and two cases that become one and two again."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from alerts.decide import decide
from alerts.notices import Receivers
from alerts.policy import default_policy
from api.access import ACCESS
from api.parts import Parts
from core.codec import decode
from core.effects import Effects, Keep, SaveCase
from core.records import Approval, Assignment, AuditRow, Draft, FactCard, Regroup, Regrouping, Role
from core.topics import Topic
from tests.records import NOON, incident, post
from tests.unit.api.conftest import ClientOf


@pytest.fixture
def leader(client_of: ClientOf) -> TestClient:
    return client_of(Role.LEADER)


@pytest.fixture
def case(parts: Parts) -> str:
    return opened(parts, "i1", "停水")


def opened(parts: Parts, id_: str, text: str) -> str:
    """A case of one post."""
    seen = incident(id_, title=text)
    made = decide([seen], {}, default_policy(), Receivers(), NOON)
    known = Assignment(post=f"of {id_}", incident=id_, known_at=NOON)
    parts.storage.commit(Effects(posts=[post(f"of {id_}", text)], incidents=[seen], assigned=[known]) + made)
    return next(change.case.id for change in made.changes if isinstance(change, SaveCase))


def do(client: TestClient, id_: str, move: str, /, **body: object) -> Any:
    return client.post(f"/api/v1/cases/{id_}/{move}", json={"why": "w", **body})


def test_the_file_says_what_is_possible_and_anything_else_is_refused_with_it(leader: TestClient, case: str) -> None:
    possible = leader.get(f"/api/v1/cases/{case}").json()["moves"]
    assert possible == ["ack", "dismiss", "level", "pause", "extend", "recover", "merge", "tick"]
    refused = do(leader, case, "close")
    assert (refused.status_code, refused.json()["possible"]) == (409, possible)


def test_whoever_takes_a_case_up_binds_its_incident_and_a_dismissal_does_not(
    leader: TestClient, case: str, parts: Parts
) -> None:
    do(leader, opened(parts, "i2", "噪音"), "dismiss")
    do(leader, case, "ack")
    given = [decode(one.value, Regrouping) for one in parts.storage.log.read(Topic.POSTS_ANALYSED, 0, 100)]
    assert [(one.kind, one.incident, one.who) for one in given] == [(Regroup.HELD, "i1", "leader token")]


def test_a_change_over_an_older_version_is_refused_with_what_happened(
    leader: TestClient, case: str, parts: Parts
) -> None:
    seen = leader.get(f"/api/v1/cases/{case}").headers["ETag"]
    draft = AuditRow(
        id="d", object=case, at=NOON, who="李", action="draft.edited", detail={"draft": "d1", "version": 2}
    )
    parts.storage.commit(Effects(changes=[draft]))
    taken = do(leader, case, "ack", version=1)
    assert (taken.status_code, taken.headers["ETag"]) == (200, '"2"')
    late = do(leader, case, "dismiss", version=1)
    assert late.status_code == 409
    assert [(h["who"], h["action"], h["version"]) for h in late.json()["happened"]] == [
        ("leader token", "case.acknowledged", 2)
    ]
    again = leader.post(f"/api/v1/cases/{case}/dismiss", json={"why": "w"}, headers={"If-Match": seen})
    assert (again.status_code, again.json()["version"]) == (412, 2)
    fresh = leader.post(f"/api/v1/cases/{case}/dismiss", json={"why": "w"}, headers={"If-Match": '"2"'})
    assert fresh.status_code == 200
    assert leader.post(f"/api/v1/cases/{case}/reopen", json={}, headers={"If-Match": "new"}).status_code == 422


def test_a_whole_life_with_tasks_by_http(leader: TestClient, case: str) -> None:
    do(leader, case, "ack")
    do(leader, case, "assign", unit="housing")
    assert do(leader, case, "tasks", unit="nobody", text="核实").json()["code"] == "no_such_unit"
    (task,) = do(leader, case, "tasks", unit="labour", text="核实").json()["case"]["tasks"]
    do(leader, case, "extend", clock="answer", by="24h")
    do(leader, case, "answer", text="已修复")
    blocked = do(leader, case, "evaluate").json()
    assert "close" not in blocked["moves"]
    assert "close" in do(leader, case, f"tasks/{task['id']}/done", note="已核实").json()["moves"]
    assert do(leader, case, "close").json()["case"]["state"] == "closed"
    actions = [row["action"] for row in leader.get(f"/api/v1/cases/{case}").json()["audit"]]
    assert actions == [
        "case.opened", "case.acknowledged", "case.assigned", "task.given", "case.extended", "case.answered",
        "case.evaluated", "task.done", "case.closed",
    ]  # fmt: skip


def test_after_a_merge_one_file_holds_both_and_a_split_takes_them_apart(
    leader: TestClient, parts: Parts, case: str
) -> None:
    other = opened(parts, "i2", "断水")
    before = [leader.get(f"/api/v1/cases/{id_}").json() for id_ in (case, other)]
    assert do(leader, case, "merge", case=other).status_code == 200
    both = leader.get(f"/api/v1/cases/{case}").json()
    assert {found["post"]["text"] for found in both["posts"]} == {"停水", "断水"}
    assert [row["action"] for row in both["audit"]].count("case.opened") == 2
    assert do(leader, other, "ack").json()["possible"] == []
    assert do(leader, case, "split", case=other).status_code == 200
    for was, id_ in zip(before, (case, other), strict=True):
        now = leader.get(f"/api/v1/cases/{id_}").json()
        changed = {key for key in now["case"] if now["case"][key] != was["case"].get(key)}
        assert changed <= {"version", "updated_at"}
        assert now["posts"] == was["posts"]


def test_the_file_of_a_case_holds_what_came_with_a_case_that_had_taken_one_in(
    leader: TestClient, parts: Parts, case: str
) -> None:
    other, inner = opened(parts, "i2", "断水"), opened(parts, "i3", "水黄")
    assert do(leader, other, "merge", case=inner).status_code == 200
    assert do(leader, case, "merge", case=other).status_code == 200
    file = leader.get(f"/api/v1/cases/{case}").json()
    assert {found["post"]["text"] for found in file["posts"]} == {"停水", "断水", "水黄"}
    assert [row["action"] for row in file["audit"]].count("case.opened") == 3


def steps_of(client: TestClient, id_: str) -> dict[str, Any]:
    checklist = client.get(f"/api/v1/cases/{id_}").json()["checklist"]
    assert checklist["done"] == sum(step["done"] for step in checklist["steps"])
    return {step["id"]: step for step in checklist["steps"]}


def test_a_step_is_ticked_with_who_when_and_a_note_and_unticked_again(leader: TestClient, case: str) -> None:
    assert not any(step["done"] for step in steps_of(leader, case).values())
    assert do(leader, case, "tick", step="verify", note="爆管属实", version=1).status_code == 200
    done = steps_of(leader, case)["verify"]
    assert (done["done"], done["who"], done["note"]) == (True, "leader token", "爆管属实")
    assert done["at"] == NOON.isoformat().replace("+00:00", "Z")
    late = do(leader, case, "untick", step="verify", version=1)
    assert (late.status_code, late.json()["happened"][0]["action"]) == (409, "case.ticked")
    assert do(leader, case, "untick", step="verify", version=2).status_code == 200
    assert not steps_of(leader, case)["verify"]["done"]
    rows = leader.get(f"/api/v1/cases/{case}").json()["audit"][1:]
    assert [(row["action"], row["detail"]["checklist_step"]) for row in rows] == [
        ("case.ticked", "verify"),
        ("case.unticked", "verify"),
    ]


def test_steps_that_the_record_does_tick_themselves_and_nobody_ticks_them(
    leader: TestClient, parts: Parts, case: str
) -> None:
    assert do(leader, case, "tick", step="acknowledge").json()["code"] == "ticks_itself"
    do(leader, case, "ack")
    do(leader, case, "assign", unit="housing")
    approval = Approval(at=NOON, who="王", approved=True, version=1)
    card = FactCard(
        id="f", jurisdiction="990100", part="known", text="爆管。", unit="housing", source="s", terms=("停水",)
    )
    draft = Draft(id="d", case=case, at=NOON, status="approved", approvals=(approval,))
    parts.storage.commit(Effects(changes=[draft, Keep(card, 0)]))
    do(leader, case, "answer", text="已修复")
    steps = steps_of(leader, case)
    assert [id_ for id_, step in steps.items() if step["done"]] == [
        "acknowledge",
        "assign",
        "fact-card",
        "draft",
        "answer",
    ]
    assert steps["draft"]["who"] == "王"
    assert steps["acknowledge"]["who"] == steps["answer"]["who"] == "leader token"


def test_an_extension_is_taken_back_by_http_and_one_that_was_built_upon_says_why_it_stays(
    leader: TestClient, case: str
) -> None:
    before = leader.get(f"/api/v1/cases/{case}").json()["case"]["clocks"]
    do(leader, case, "extend", clock="answer", by="24h")
    assert do(leader, case, "unextend", clock="answer").json()["case"]["clocks"] == before
    gone = do(leader, case, "unextend", clock="answer")
    assert (gone.status_code, gone.json()["type"].rpartition("#")[2]) == (409, "illegal-move")
    do(leader, case, "extend", clock="answer", by="24h")
    do(leader, case, "ack")
    do(leader, case, "assign", unit="housing")
    do(leader, case, "answer", text="已修复")
    assert do(leader, case, "unextend", clock="answer").status_code == 409


@pytest.mark.parametrize(
    ("body", "code"), [({"case": "gone"}, None), ({}, "same_case"), ({"why": " "}, "missing_reason")]
)
def test_a_merge_that_makes_no_sense_is_refused(leader: TestClient, case: str, body: dict[str, str], code: str) -> None:
    answer = do(leader, case, "merge", **{"case": case, **body})
    assert answer.status_code == (404 if code is None else 422)
    assert answer.json().get("code") == code


@pytest.mark.parametrize("role", [Role.VIEWER, Role.RESPONDER])
def test_who_may_not_make_a_move_changes_nothing(client_of: ClientOf, parts: Parts, case: str, role: Role) -> None:
    client = client_of(role)
    for (method, path), needs in ACCESS.items():
        below = path.removeprefix("/api/v1/cases/{id_}/")
        if method == "POST" and below != path and needs is Role.LEADER:
            assert do(client, case, below, clock="answer", by="1h", level=1).status_code == 403
    stored = parts.storage.store.case(case)
    assert stored is not None
    assert stored.version == 1
