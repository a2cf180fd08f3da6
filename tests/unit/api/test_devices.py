"""Wall screens and sessions: paired by a code, locked, unlocked, ended."""

from dataclasses import replace
from datetime import timedelta

from fastapi.testclient import TestClient

from api.access import ACCESS, SCREENS
from api.app import create_app
from api.parts import Parts
from core.records import Role
from tests.records import NOON
from tests.unit.api.conftest import ClientOf
from tests.unit.api.test_session import ALICE, GUARD, invite

LATER = timedelta(minutes=11)


def paired(client_of: ClientOf) -> TestClient:
    code = client_of(Role.LEADER).post("/api/v1/screens", json={"name": "指挥大厅"}).json()["code"]
    screen = client_of(None)
    answer = screen.post("/api/v1/screens/pair", json={"code": f"{code[:4]} {code[4:]}"})
    assert answer.status_code == 201, answer.text
    assert answer.json() == {"name": "指挥大厅", "role": "viewer", "unit": None, "screen": True, "idle_minutes": 0}
    return screen


def test_a_screen_shows_the_board_and_can_do_nothing_else(client_of: ClientOf) -> None:
    screen = paired(client_of)
    assert screen.get("/api/v1/board").status_code == 200
    assert screen.get("/api/v1/session").json()["screen"]
    for (method, path), needs in ACCESS.items():
        if needs is not None and (method, path) not in SCREENS:
            answer = screen.request(method, path.replace("{id_}", "x"), json={}, headers=GUARD)
            assert answer.status_code == 403, (method, path)


def test_its_cookie_is_hidden_from_scripts_and_from_other_sites(client_of: ClientOf) -> None:
    code = client_of(Role.LEADER).post("/api/v1/screens", json={"name": "大厅"}).json()["code"]
    cookie = client_of(None).post("/api/v1/screens/pair", json={"code": code}).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


def test_a_code_pairs_one_screen_and_soon_is_too_old(parts: Parts, client_of: ClientOf) -> None:
    ask = client_of(Role.LEADER)
    code = ask.post("/api/v1/screens", json={"name": "a"}).json()["code"]
    assert client_of(None).post("/api/v1/screens/pair", json={"code": code}).status_code == 201
    assert client_of(None).post("/api/v1/screens/pair", json={"code": code}).status_code == 403
    old = ask.post("/api/v1/screens", json={"name": "b"}).json()["code"]
    later = TestClient(create_app(replace_now(parts, LATER)))
    refused = later.post("/api/v1/screens/pair", json={"code": old})
    assert (refused.status_code, refused.json()["type"].split("#")[1]) == (403, "wrong-code")


def replace_now(parts: Parts, more: timedelta) -> Parts:
    return replace(parts, now=lambda: NOON + more)


def test_codes_cannot_be_guessed_in_numbers(client_of: ClientOf) -> None:
    answers = [client_of(None).post("/api/v1/screens/pair", json={"code": "1"}).status_code for _ in range(9)]
    assert answers == [403] * 8 + [429]


def test_a_revoked_screen_shows_nothing_any_more(client_of: ClientOf) -> None:
    screen, leader = paired(client_of), client_of(Role.LEADER)
    (one,) = leader.get("/api/v1/screens").json()["items"]
    assert one["name"] == "指挥大厅"
    assert leader.delete(f"/api/v1/screens/{one['id']}").status_code == 200
    assert screen.get("/api/v1/board").status_code == 401
    assert leader.delete(f"/api/v1/screens/{one['id']}").status_code == 404
    assert leader.get("/api/v1/screens").json()["items"] == []


def test_a_screen_needs_a_name(client_of: ClientOf) -> None:
    assert client_of(Role.LEADER).post("/api/v1/screens", json={"name": " "}).status_code == 422


def logged_in(parts: Parts, client_of: ClientOf, role: Role = Role.LEADER, name: str = ALICE["name"]) -> TestClient:
    client = client_of(None)
    client.headers.update(GUARD)
    assert client.post("/api/v1/setup", json={**ALICE, "code": invite(parts, role), "name": name}).status_code == 201
    return client


def test_a_locked_session_opens_nothing_until_its_password_is_given(parts: Parts, client_of: ClientOf) -> None:
    client = logged_in(parts, client_of)
    assert client.post("/api/v1/session/lock").status_code == 200
    refused = client.get("/api/v1/board")
    assert (refused.status_code, refused.json()["type"].split("#")[1]) == (401, "locked")
    assert client.post("/api/v1/session/unlock", json={"password": "wrong"}).status_code == 401
    assert client.get("/api/v1/board").status_code == 401
    opened = client.post("/api/v1/session/unlock", json={"password": ALICE["password"]})
    assert opened.json()["name"] == ALICE["name"]
    assert client.get("/api/v1/board").status_code == 200


def test_unlocking_is_slowed_down_and_needs_a_lock_and_the_header(parts: Parts, client_of: ClientOf) -> None:
    client = logged_in(parts, client_of)
    right = {"password": ALICE["password"]}
    assert client.post("/api/v1/session/unlock", json=right).status_code == 409
    client.post("/api/v1/session/lock")
    del client.headers["X-Huiying"]
    assert client.post("/api/v1/session/unlock", json=right).status_code == 409
    client.headers.update(GUARD)
    tries = [client.post("/api/v1/session/unlock", json={"password": "no"}).status_code for _ in range(9)]
    assert tries == [401] * 8 + [429]


def test_a_token_or_a_screen_cannot_be_locked(client_of: ClientOf) -> None:
    assert client_of(Role.VIEWER).post("/api/v1/session/lock").status_code == 409


def test_a_person_ends_own_sessions_and_an_administrator_everybodys(parts: Parts, client_of: ClientOf) -> None:
    alice, again = logged_in(parts, client_of), client_of(None)
    assert again.post("/api/v1/session", json=ALICE).status_code == 200
    bob = logged_in(parts, client_of, Role.ADMIN, "李")
    mine = alice.get("/api/v1/sessions").json()["items"]
    assert [(s["name"], s["mine"]) for s in mine if s["mine"]] == [(ALICE["name"], True)]
    assert len(mine) == 2
    other = next(s["id"] for s in mine if not s["mine"])
    assert alice.delete(f"/api/v1/sessions/{other}").status_code == 200
    assert again.get("/api/v1/board").status_code == 401
    of_bob = next(s["id"] for s in bob.get("/api/v1/sessions").json()["items"] if s["mine"])
    assert alice.delete(f"/api/v1/sessions/{of_bob}").status_code == 404
    of_alice = next(s["id"] for s in bob.get("/api/v1/sessions").json()["items"] if not s["mine"])
    assert bob.delete(f"/api/v1/sessions/{of_alice}").status_code == 200
    assert alice.get("/api/v1/board").status_code == 401
