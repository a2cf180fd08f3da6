"""Where people and screens are logged in: sessions that can be locked and ended, and wall screens that are paired by a code.

A wall screen reads the board and nothing else, whatever its role would allow; it has no idle lock and no end but revoking.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from fastapi import Request
from msgspec.structs import replace

from api.auth import COOKIE, CSRF_HEADER, Caller, hash_secret, issue, log_in
from api.parts import Parts
from api.problems import Problem
from core.effects import Effects, RemoveCredential
from core.errors import Conflict, NotFound
from core.ports import Storage
from core.records import Credential, Role

PAIRING_TTL = timedelta(minutes=10)
CODE_DIGITS = 8
SCREEN_COOKIE_TTL = timedelta(days=400)
"""As long as browsers keep a cookie."""
ID_LENGTH = 16


def id_of(credential: Credential) -> str:
    """How lists name a session or screen: the beginning of its hash, from which nobody gets in."""
    return credential.hash[:ID_LENGTH]


def new_code(storage: Storage, name: str, now: datetime) -> tuple[str, Credential]:
    """A code of eight digits that pairs one screen within ten minutes, and what is stored of it."""
    code = "".join(secrets.choice("0123456789") for _ in range(CODE_DIGITS))
    pairing = Credential(
        hash=hash_secret(code),
        kind="pairing",
        name=name,
        role=Role.VIEWER,
        created_at=now,
        expires_at=now + PAIRING_TTL,
    )
    storage.commit(Effects(changes=[pairing]))
    return code, pairing


def pair(parts: Parts, code: str) -> tuple[str, Credential]:
    """Use a code up: the secret of the screen's cookie and its credential. A Problem when it is wrong, used or too old."""
    now = parts.now()
    found = parts.storage.store.credential(hash_secret(code))
    if found is None or found.kind != "pairing" or found.is_over(now):
        raise _wrong_code()
    secret, screen = issue("screen", found.name, Role.VIEWER, now, None)
    try:
        parts.storage.commit(Effects(changes=[RemoveCredential(found.hash), screen]))
    except Conflict as error:
        raise _wrong_code() from error
    return secret, screen


def _wrong_code() -> Problem:
    return Problem(403, "wrong-code", "This code is wrong, was used, or is too old: ask for a new one.")


def revoke(storage: Storage, among: Sequence[Credential], id_: str) -> None:
    """End the session or screen of that id; NotFound when it is not one of these."""
    found = next((c for c in among if id_of(c) == id_), None)
    if found is None:
        raise NotFound(f"There is no such session or screen: {id_}.")
    storage.commit(Effects(changes=[RemoveCredential(found.hash)]))


def sessions_of(storage: Storage, caller: Caller, now: datetime) -> list[Credential]:
    """Sessions that have not ended, newest first: the caller's own, or everybody's for an administrator."""
    found = [c for kind in ("session", "locked") for c in storage.store.credentials(kind)]
    mine = [c for c in found if caller.role is Role.ADMIN or c.name == caller.name]
    return sorted((c for c in mine if not c.is_over(now)), key=lambda c: c.created_at, reverse=True)


def lock(storage: Storage, caller: Caller) -> None:
    """From now on the session opens nothing until its person gives the password again."""
    stored = storage.store.credential(caller.credential)
    if stored is None or stored.kind != "session":
        raise Problem(409, "not-locked", "Only the session of a person can be locked.")
    storage.commit(Effects(changes=[replace(stored, kind="locked")]))


def unlock(request: Request, parts: Parts, password: str) -> Credential:
    """Open the locked session of the request's cookie; a Problem when there is none or the password is wrong."""
    stored = locked(request, parts)
    if stored is None or CSRF_HEADER not in request.headers:
        raise Problem(409, "not-locked", "There is no locked session here: log in.")
    throttle, who = request.app.state.throttle, f"unlock {stored.hash}"
    throttle.check(who, parts.now())
    user = log_in(parts.storage.store, stored.name, password)
    if user is None:
        throttle.failed(who, parts.now())
        raise Problem(401, "wrong-login", "The password is wrong.")
    opened = replace(stored, kind="session", role=user.role, unit=user.unit)
    parts.storage.commit(Effects(changes=[opened]))
    return opened


def locked(request: Request, parts: Parts) -> Credential | None:
    """The locked session that the request's cookie stands for."""
    cookie = request.cookies.get(COOKIE)
    stored = parts.storage.store.credential(hash_secret(cookie)) if cookie else None
    if stored is None or stored.kind != "locked" or stored.is_over(parts.now()):
        return None
    return stored
