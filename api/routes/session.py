"""Logging in and out, and the first administrator."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool

from api.auth import COOKIE, check_account, find_invite, log_in, new_user, redeem, start_session
from api.problems import Problem
from api.requests import CallerOf, PartsOf
from api.throttle import Throttle
from api.views import Login, SessionView, Setup
from api.wire import Json, answers, body, takes
from core.effects import Effects, RemoveCredential

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
    user = new_user(parts.new_id(), given.name, given.password, invite.role, parts.now())
    redeem(parts.storage, invite, user)
    answer = Json(SessionView(name=user.name, role=user.role), 201)
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
    answer = Json(SessionView(name=user.name, role=user.role))
    await run_in_threadpool(start_session, parts, answer, user)
    return answer


@router.get("/session", summary="Who am I", **answers(SessionView, "Name and role."))
def whoami(caller: CallerOf) -> Json:
    return Json(SessionView(name=caller.name, role=caller.role))


@router.delete("/session", summary="Log out", **answers(dict, "Logged out."))
def logout(parts: PartsOf, caller: CallerOf) -> Json:
    parts.storage.commit(Effects(changes=[RemoveCredential(caller.credential)]))
    answer = Json({"status": "logged out"})
    answer.delete_cookie(COOKIE)
    return answer
