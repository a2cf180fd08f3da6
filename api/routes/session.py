"""Logging in and out, and the first administrator."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool

from api.auth import COOKIE, Caller, check_account, find_invite, log_in, new_user, redeem, start_session
from api.devices import id_of, lock, revoke, sessions_of, unlock
from api.parts import Parts
from api.problems import Problem
from api.requests import CallerOf, Id, PartsOf
from api.throttle import Throttle
from api.views import LoggedIn, Login, SessionList, SessionView, Setup, Unlock
from api.wire import Json, answers, body, takes
from core.effects import Effects, RemoveCredential
from core.records import Credential, User

router = APIRouter(prefix="/api/v1", tags=["session"])

SETUP_EXAMPLE = {"code": "the code of the link", "name": "张主任", "password": "at least ten characters"}
LOGIN_EXAMPLE = {"name": "张主任", "password": "at least ten characters"}


@router.post(
    "/setup",
    summary="Use a one-time link",
    openapi_extra=takes(Setup, SETUP_EXAMPLE),
    **answers(SessionView, "The account exists and is logged in.", 201),
)
def setup(parts: PartsOf, given: Annotated[Setup, Depends(body(Setup))]) -> Json:
    if parts.storage.store.user(given.name.strip()) is not None:
        raise Problem(409, "name-taken", "Somebody has this name already.")
    check_account(given.name, given.password)
    invite = find_invite(parts.storage.store, given.code, parts.now())
    user = new_user(parts.new_id(), given.name, given.password, invite, parts.now())
    redeem(parts.storage, invite, user)
    answer = Json(_view(parts, user), 201)
    start_session(parts, answer, user)
    return answer


@router.post(
    "/session",
    summary="Log in",
    openapi_extra=takes(Login, LOGIN_EXAMPLE),
    **answers(SessionView, "Logged in; the session is in a cookie."),
)
async def login(request: Request, parts: PartsOf, given: Annotated[Login, Depends(body(Login))]) -> Json:
    throttle: Throttle = request.app.state.throttle
    who = f"{request.client.host if request.client else ''} {given.name.strip().casefold()}"
    throttle.check(who, parts.now())
    user = await run_in_threadpool(log_in, parts.storage.store, given.name, given.password)
    if user is None:
        throttle.failed(who, parts.now())
        raise Problem(401, "wrong-login", "Name or password is wrong.")
    answer = Json(_view(parts, user))
    await run_in_threadpool(start_session, parts, answer, user)
    return answer


@router.get("/session", summary="Who am I", **answers(SessionView, "Name and role."))
def whoami(parts: PartsOf, caller: CallerOf) -> Json:
    return Json(_view(parts, caller, screen=caller.kind == "screen"))


def _view(parts: Parts, who: User | Caller | Credential, *, screen: bool = False) -> SessionView:
    idle = 0 if screen else parts.idle_minutes
    return SessionView(name=who.name, role=who.role, unit=who.unit, screen=screen, idle_minutes=idle)


@router.delete("/session", summary="Log out", **answers(dict, "Logged out."))
def logout(parts: PartsOf, caller: CallerOf) -> Json:
    parts.storage.commit(Effects(changes=[RemoveCredential(caller.credential)]))
    answer = Json({"status": "logged out"})
    answer.delete_cookie(COOKIE)
    return answer


@router.post("/session/lock", summary="Lock this session", **answers(dict, "Nothing opens until it is unlocked."))
def lock_session(parts: PartsOf, caller: CallerOf) -> Json:
    lock(parts.storage, caller)
    return Json({"status": "locked"})


@router.post(
    "/session/unlock",
    summary="Unlock this session",
    openapi_extra=takes(Unlock, {"password": "at least ten characters"}),
    **answers(SessionView, "It is open again."),
)
async def unlock_session(request: Request, parts: PartsOf, given: Annotated[Unlock, Depends(body(Unlock))]) -> Json:
    opened = await run_in_threadpool(unlock, request, parts, given.password)
    return Json(_view(parts, opened))


@router.get("/sessions", summary="Who is logged in where", **answers(SessionList, "One's own; all for administrators."))
def sessions(parts: PartsOf, caller: CallerOf) -> Json:
    return Json(
        SessionList(
            items=[
                LoggedIn(
                    id=id_of(c),
                    name=c.name,
                    role=c.role,
                    created_at=c.created_at,
                    expires_at=c.expires_at,
                    locked=c.kind == "locked",
                    mine=c.hash == caller.credential,
                )
                for c in sessions_of(parts.storage, caller, parts.now())
            ]
        )
    )


@router.delete("/sessions/{id_}", summary="End a session", **answers(dict, "It is logged out, wherever it is."))
def end_session(parts: PartsOf, caller: CallerOf, id_: Id) -> Json:
    revoke(parts.storage, sessions_of(parts.storage, caller, parts.now()), id_)
    return Json({"removed": id_})
