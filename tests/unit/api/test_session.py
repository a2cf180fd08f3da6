"""Logging in: one-time links, passwords, cookies, and what a stolen page cannot do."""

from datetime import timedelta

import pytest

from api.auth import INVITE_TTL, find_invite, issue, new_user, redeem
from api.parts import Parts
from api.problems import Problem
from core.effects import Effects
from core.records import Role
from tests.records import NOON
from tests.unit.api.conftest import ClientOf

GUARD = {"X-Huiying": "1"}
ALICE = {"name": "张主任", "password": "correct horse battery"}
WHO = {"name": "张主任", "role": "leader", "unit": None, "screen": False, "idle_minutes": 15}


def invite(parts: Parts, role: Role = Role.LEADER, age: timedelta = timedelta()) -> str:
    secret, credential = issue("invite", "invite", role, NOON - age, INVITE_TTL)
    parts.storage.commit(Effects(changes=[credential]))
    return secret


def test_a_one_time_link_makes_an_account_of_its_role_and_logs_it_in(parts: Parts, client_of: ClientOf) -> None:
    client = client_of(None)
    assert client.get("/api/v1/meta").json()["setup_needed"]
    made = client.post("/api/v1/setup", json={"code": invite(parts), **ALICE})
    assert made.status_code == 201
    assert client.get("/api/v1/session").json() == WHO
    assert not client.get("/api/v1/meta").json()["setup_needed"]


def test_a_link_works_once_and_not_for_ever(parts: Parts, client_of: ClientOf) -> None:
    code = invite(parts)
    client_of(None).post("/api/v1/setup", json={"code": code, **ALICE})
    again = client_of(None).post("/api/v1/setup", json={"code": code, "name": "李", "password": "another password"})
    old = client_of(None).post("/api/v1/setup", json={"code": invite(parts, age=INVITE_TTL), **ALICE, "name": "王"})
    assert (again.status_code, old.status_code) == (403, 403)


def test_of_two_who_use_a_link_at_once_one_gets_in(parts: Parts) -> None:
    found = find_invite(parts.storage.store, invite(parts), NOON)
    redeem(parts.storage, found, new_user("u1", "张主任", "correct horse battery", found, NOON))
    with pytest.raises(Problem) as refused:
        redeem(parts.storage, found, new_user("u2", "李", "correct horse battery", found, NOON))
    assert refused.value.status == 403
    assert [user.name for user in parts.storage.store.users()] == ["张主任"]


def test_a_bad_password_does_not_use_up_the_link(parts: Parts, client_of: ClientOf) -> None:
    code = invite(parts)
    short = client_of(None).post("/api/v1/setup", json={"code": code, "name": "张主任", "password": "short"})
    assert short.status_code == 422
    assert short.json()["code"] == "bad_password"
    assert client_of(None).post("/api/v1/setup", json={"code": code, **ALICE}).status_code == 201


def test_a_session_acts_only_with_the_header_that_other_sites_cannot_send(parts: Parts, client_of: ClientOf) -> None:
    client = client_of(None)
    cookie = client.post("/api/v1/setup", json={"code": invite(parts), **ALICE}).headers["set-cookie"]
    assert "httponly" in cookie.lower()
    assert "samesite=strict" in cookie.lower()
    assert client.post("/api/v1/posts", json=[{"text": "路灯坏了"}]).status_code == 401
    assert client.post("/api/v1/posts", json=[{"text": "路灯坏了"}], headers=GUARD).status_code == 200


def test_logging_out_ends_the_session_on_the_server(parts: Parts, client_of: ClientOf) -> None:
    client = client_of(None)
    client.post("/api/v1/setup", json={"code": invite(parts), **ALICE})
    stolen = {"Cookie": f"huiying_session={client.cookies['huiying_session']}"}
    assert client_of(None).get("/api/v1/session", headers=stolen).status_code == 200
    client.request("DELETE", "/api/v1/session", headers=GUARD)
    assert client_of(None).get("/api/v1/session", headers=stolen).status_code == 401


def test_wrong_passwords_are_refused_and_soon_slowed_down(parts: Parts, client_of: ClientOf) -> None:
    client_of(None).post("/api/v1/setup", json={"code": invite(parts), **ALICE})
    client = client_of(None)
    wrong = [client.post("/api/v1/session", json={**ALICE, "password": "wrong"}).status_code for _ in range(9)]
    assert wrong == [401] * 8 + [429]
    assert client.post("/api/v1/session", json={"name": "nobody", "password": "x"}).status_code == 401


def test_the_right_password_logs_in(parts: Parts, client_of: ClientOf) -> None:
    client_of(None).post("/api/v1/setup", json={"code": invite(parts), **ALICE})
    client = client_of(None)
    assert client.post("/api/v1/session", json=ALICE).json() == WHO
    assert client.get("/api/v1/board").status_code == 200


def test_secrets_are_stored_only_as_hashes(parts: Parts, client_of: ClientOf) -> None:
    code = invite(parts)
    client = client_of(None)
    client.post("/api/v1/setup", json={"code": code, **ALICE})
    file = b"".join(p.read_bytes() for p in parts.storage._database.path.parent.iterdir())  # type: ignore[attr-defined]
    assert ALICE["password"].encode() not in file
    assert client.cookies["huiying_session"].encode() not in file
    assert code.encode() not in file
