"""The audit over HTTP: who changed what, and whether what is said about it was changed."""

import pytest
from fastapi.testclient import TestClient

from api.parts import Parts
from core.effects import Effects
from core.records import AuditRow, Role
from tests.records import NOON
from tests.unit.api.conftest import ClientOf

URL = "/api/v1/audit"


@pytest.fixture
def leader(parts: Parts, client_of: ClientOf) -> TestClient:
    rows = [
        AuditRow(id=f"r{n}", object=f"case-{n % 2}", at=NOON, who="张主任", action="case.answered", why="已答复")
        for n in range(3)
    ]
    parts.storage.commit(Effects(changes=rows))
    return client_of(Role.LEADER)


def test_rows_are_asked_for_by_object_person_and_kind_and_come_in_pages(leader: TestClient):
    first = leader.get(URL, params={"who": "张主任", "action": "case", "limit": 2}).json()
    assert [row["id"] for row in first["items"]] == ["r2", "r1"]
    assert first["items"][0]["why"] == "已答复"
    rest = leader.get(URL, params={"who": "张主任", "action": "case", "limit": 2, "cursor": first["cursor"]}).json()
    assert [row["id"] for row in rest["items"]] == ["r0"]
    assert [row["id"] for row in leader.get(URL, params={"object": "case-1"}).json()["items"]] == ["r1"]


def test_chains_tell_their_heads_and_that_they_hold(leader: TestClient):
    said = leader.get(f"{URL}/chains").json()
    assert [(one["chain"], one["why"]) for one in said["items"]] == [("", "")]
    assert said["items"][0]["rows"] >= 3
    assert len(said["items"][0]["head"]) == 64
    assert said["loose"] == 0


def test_responders_do_not_read_the_audit_of_everything(client_of: ClientOf):
    assert client_of(Role.RESPONDER).get(URL).status_code == 403
