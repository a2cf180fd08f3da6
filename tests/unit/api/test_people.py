"""People by API: invited, moved, disabled and logged out, each with its audit row."""

import pytest
from fastapi.testclient import TestClient

from api.parts import Parts
from api.people import change_person, row_of, with_role
from core.effects import Effects
from core.errors import Conflict
from core.records import Credential, Role
from tests.records import NOON
from tests.unit.api.conftest import ClientOf

ALICE = {"name": "张主任", "password": "correct horse battery"}
URL = "/api/v1/people"


@pytest.fixture
def admin(client_of: ClientOf) -> TestClient:
    return client_of(Role.ADMIN)


def join(admin: TestClient, client_of: ClientOf, role: str = "responder", unit: str | None = "housing") -> TestClient:
    """Somebody who was invited and is logged in."""
    made = admin.post(URL, json={"role": role, "unit": unit}).json()
    assert made["link"].endswith(f"/#/setup?code={made['code']}")
    client = client_of(None)
    assert client.post("/api/v1/setup", json={"code": made["code"], **ALICE}).status_code == 201
    return client


def test_who_is_invited_is_listed_with_role_and_unit_and_without_any_secret(admin: TestClient, client_of: ClientOf):
    join(admin, client_of)
    answer = admin.get(URL)
    (one,) = answer.json()["items"]
    assert (one["name"], one["role"], one["unit"], one["sessions"]) == ("张主任", "responder", "housing", 1)
    assert "argon2" not in answer.text


def test_a_session_that_is_over_is_not_counted_and_logging_out_leaves_it_to_retention(
    parts: Parts, admin: TestClient, client_of: ClientOf
):
    join(admin, client_of)
    over = Credential(
        hash="over", kind="session", name=ALICE["name"], role=Role.VIEWER, created_at=NOON, expires_at=NOON
    )
    parts.storage.commit(Effects(changes=[over]))
    (one,) = admin.get(URL).json()["items"]
    assert one["sessions"] == 1
    assert admin.delete(f"{URL}/{one['id']}/sessions").json()["sessions"] == 0
    assert parts.storage.store.credentials("session") == [over]


def test_a_changed_person_is_logged_out_and_comes_back_with_the_new_right(
    parts: Parts, admin: TestClient, client_of: ClientOf
):
    client = join(admin, client_of)
    id_ = admin.get(URL).json()["items"][0]["id"]
    moved = admin.put(f"{URL}/{id_}", json={"role": "leader", "unit": "", "why": "调岗"}).json()
    assert (moved["role"], moved["unit"], moved["sessions"]) == ("leader", None, 0)
    assert client.get("/api/v1/session").status_code == 401
    assert client.post("/api/v1/session", json=ALICE).json()["role"] == "leader"
    assert admin.delete(f"{URL}/{id_}/sessions").json()["sessions"] == 0
    assert client.get("/api/v1/session").status_code == 401
    rows = parts.storage.store.audit(f"user:{id_}")
    assert [(r.action, r.who, r.why) for r in rows] == [
        ("user.changed", "admin token", "调岗"),
        ("user.logged_out", "admin token", ""),
    ]
    assert [r.action for r in parts.storage.store.audit("users")] == ["user.invited"]


def test_the_second_of_two_who_change_a_person_is_told_who_was_first_and_what_he_did(
    parts: Parts, admin: TestClient, client_of: ClientOf
):
    join(admin, client_of)
    (one,) = admin.get(URL).json()["items"]
    first = admin.put(f"{URL}/{one['id']}", json={"role": "viewer", "why": "调岗", "version": one["version"]})
    assert (first.status_code, first.json()["version"]) == (200, one["version"] + 1)
    second = admin.put(f"{URL}/{one['id']}", json={"role": "leader", "version": one["version"]})
    told = second.json()
    assert (second.status_code, told["type"].rpartition("#")[2], told["version"]) == (
        409,
        "stale",
        first.json()["version"],
    )
    assert [(h["who"], h["action"], h["why"]) for h in told["happened"]] == [("admin token", "user.changed", "调岗")]
    assert admin.get(URL).json()["items"][0]["role"] == "viewer"
    assert admin.put(f"{URL}/{one['id']}", json={"role": "leader", "version": told["version"]}).status_code == 200


def test_of_two_who_save_at_once_one_is_refused(parts: Parts, admin: TestClient, client_of: ClientOf):
    join(admin, client_of)
    before = parts.storage.store.users()[0]
    storage, both = parts.storage, [with_role(before, role, None, disabled=None) for role in (Role.VIEWER, Role.LEADER)]
    rows = [row_of(after, "user.changed", "w", "", NOON, after.role) for after in both]
    change_person(storage, before, both[0], rows[0])
    with pytest.raises(Conflict):
        change_person(storage, before, both[1], rows[1])
    assert storage.store.users()[0].role is Role.VIEWER


def test_who_is_disabled_gets_in_no_more(admin: TestClient, client_of: ClientOf):
    client = join(admin, client_of)
    id_ = admin.get(URL).json()["items"][0]["id"]
    assert admin.put(f"{URL}/{id_}", json={"disabled": True}).json()["disabled"]
    assert client.post("/api/v1/session", json=ALICE).status_code == 401
    admin.put(f"{URL}/{id_}", json={"disabled": False})
    assert client.post("/api/v1/session", json=ALICE).status_code == 200


def test_the_last_administrator_stays_one(admin: TestClient, client_of: ClientOf):
    join(admin, client_of, "admin", None)
    id_ = admin.get(URL).json()["items"][0]["id"]
    refused = [admin.put(f"{URL}/{id_}", json=wrong) for wrong in ({"role": "viewer"}, {"disabled": True})]
    assert {(r.status_code, r.json()["code"]) for r in refused} == {(422, "last_admin")}


@pytest.mark.parametrize(
    ("given", "code"),
    [({"role": "viewer", "unit": "nowhere"}, "no_such_unit"), ({"role": "admin", "unit": "housing"}, "bad_unit")],
)
def test_a_right_that_cannot_be_is_refused(admin: TestClient, given: dict[str, str], code: str):
    refused = admin.post(URL, json=given)
    assert (refused.status_code, refused.json()["code"]) == (422, code)


def test_whoever_is_not_there_cannot_be_changed(admin: TestClient):
    assert admin.put(f"{URL}/nobody", json={"role": "viewer"}).status_code == 404


def test_people_are_an_administrators_alone(client_of: ClientOf):
    assert client_of(Role.LEADER).get(URL).status_code == 403
