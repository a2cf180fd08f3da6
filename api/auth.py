"""Credentials: argon2 passwords, tokens and sessions stored as hashes, and the guard before every route."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from fastapi import Request, Response

from api.access import ACCESS, SCREENS, UNITS, includes
from api.parts import Parts
from api.problems import Problem
from api.reach import check, reach_of
from core.effects import Effects, RemoveCredential
from core.errors import Conflict, Refused
from core.office import Accounts
from core.ports import Storage
from core.records import Credential, Role, User

COOKIE = "huiying_session"
CSRF_HEADER = "x-huiying"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
SESSION_TTL = timedelta(hours=12)
INVITE_TTL = timedelta(days=3)
LONGEST_NAME = 60
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200  # argon2 would hash a megabyte, slowly

_hasher = PasswordHasher()


@cache
def _nobody() -> str:
    """A hash that no password matches."""
    return _hasher.hash(secrets.token_hex(16))


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: `credential` is the stored credential's hash, `kind` is `token`, `session` or `screen`, `unit` None for the
    whole office.
    """

    name: str
    role: Role
    credential: str
    kind: str = "token"
    unit: str | None = None


def hash_secret(secret: str) -> str:
    """How a token, session or link secret is stored. They are 256 random bits, so a plain hash suffices."""
    return hashlib.sha256(secret.encode()).hexdigest()


def issue(
    kind: str, name: str, role: Role, now: datetime, ttl: timedelta | None, unit: str | None = None
) -> tuple[str, Credential]:
    """A fresh secret (shown once) and its credential to be saved. Raises `Refused` for an administrator of a unit."""
    check_bond(role, unit)
    secret = secrets.token_urlsafe(32)
    expires = now + ttl if ttl is not None else None
    user = name if kind == "session" else None
    stored = Credential(
        hash=hash_secret(secret),
        kind=kind,
        name=name,
        role=role,
        created_at=now,
        user=user,
        expires_at=expires,
        unit=unit,
    )
    return secret, stored


def check_bond(role: Role, unit: str | None) -> None:
    """Raises `Refused` for an administrator of one unit: administration is of the whole office."""
    if unit is not None and role is Role.ADMIN:
        raise Refused("bad_unit", "An administrator belongs to no unit.")


def check_account(name: str, password: str) -> None:
    """Raises `Refused` when a name or password will not do."""
    if not 1 <= len(name.strip()) <= LONGEST_NAME:
        raise Refused("bad_name", f"A name has 1 to {LONGEST_NAME} characters.")
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Refused("bad_password", f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.")


def new_user(id_: str, name: str, password: str, invite: Credential, now: datetime) -> User:
    """A user of the invite's role and unit, with a hashed password."""
    check_account(name, password)
    hashed = _hasher.hash(password)
    return User(id=id_, name=name.strip(), role=invite.role, created_at=now, password=hashed, unit=invite.unit)


def log_in(accounts: Accounts, name: str, password: str) -> User | None:
    """The user of that name and password; takes as long for a name that does not exist."""
    user = accounts.user(name.strip())
    try:
        _hasher.verify(user.password if user and user.password else _nobody(), password[:LONGEST_PASSWORD])
    except (VerificationError, InvalidHashError):
        return None
    return user if user and user.password and not user.disabled else None


def find_invite(accounts: Accounts, code: str, now: datetime) -> Credential:
    """The one-time link of that code; a Problem when it is unknown or too old."""
    invite = accounts.credential(hash_secret(code))
    if invite is None or invite.kind != "invite" or invite.is_over(now):
        raise _link_used()
    return invite


def redeem(storage: Storage, invite: Credential, user: User) -> None:
    """Use the link up and save its account, in one transaction: of two who use it at once, one gets a Problem."""
    try:
        storage.commit(Effects(changes=[RemoveCredential(invite.hash), user]))
    except Conflict as error:
        raise _link_used() from error


def _link_used() -> Problem:
    return Problem(403, "link-used", "This link was used already, or is too old: ask for a new one.")


def start_session(parts: Parts, response: Response, user: User) -> None:
    """Save a session and hand its secret over as a cookie that scripts cannot read."""
    secret, session = issue("session", user.name, user.role, parts.now(), SESSION_TTL, user.unit)
    parts.storage.commit(Effects(changes=[session]))
    set_cookie(parts, response, secret, SESSION_TTL)


def set_cookie(parts: Parts, response: Response, secret: str, ttl: timedelta) -> None:
    """Hand a secret over as a cookie that scripts cannot read and other sites cannot send."""
    response.set_cookie(
        COOKIE,
        secret,
        max_age=int(ttl.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=parts.public_url.startswith("https:"),
    )


def guard(request: Request) -> None:
    """Run before every route: finds the caller, checks the access table and, for cookies, the CSRF header."""
    route = request.scope["route"]
    needs = ACCESS.get((request.method, route.path), Role.ADMIN)
    request.state.caller = find_caller(request)
    if needs is None:
        return
    caller: Caller | None = request.state.caller
    if caller is None:
        raise _nobody_in(request)
    if caller.kind == "screen" and (request.method, route.path) not in SCREENS:
        raise Problem(403, "not-allowed", "A wall screen shows the board and does nothing else.")
    if not includes(caller.role, needs):
        raise Problem(403, "not-allowed", f"This needs the role {needs}; yours is {caller.role}.")
    parts: Parts = request.app.state.parts
    request.state.reach = reach_of(caller.unit, parts.policy.units)
    scope = UNITS.get((request.method, route.path))
    check(request.state.reach, scope, route.path, request.path_params, parts.storage)


def find_caller(request: Request) -> Caller | None:
    """Who the request's credentials stand for, if they are good."""
    parts: Parts = request.app.state.parts
    header = request.headers.get("authorization", "")
    if header.lower().startswith("bearer "):
        return _caller(parts, header[7:].strip(), "token")
    cookie = request.cookies.get(COOKIE)
    if cookie is None:
        return None
    if request.method not in SAFE_METHODS and CSRF_HEADER not in request.headers:
        return None
    return _caller(parts, cookie, "session", "screen")


def _caller(parts: Parts, secret: str, *kinds: str) -> Caller | None:
    stored = parts.storage.store.credential(hash_secret(secret))
    if stored is None or stored.kind not in kinds or stored.is_over(parts.now()):
        return None
    return Caller(stored.name, stored.role, stored.hash, stored.kind, stored.unit)


def _nobody_in(request: Request) -> Problem:
    """Why nobody calls: the session is locked, or there is none."""
    cookie = request.cookies.get(COOKIE)
    parts: Parts = request.app.state.parts
    if cookie is not None and _caller(parts, cookie, "locked") is not None:
        return Problem(401, "locked", "This session is locked: give its password.")
    return Problem(401, "not-logged-in", "Log in, or send a token.", {"WWW-Authenticate": "Bearer"})
