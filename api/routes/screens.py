"""Wall screens: a leader asks for a code, the screen gives it, and shows the board until somebody revokes it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool

from api.auth import set_cookie
from api.devices import SCREEN_COOKIE_TTL, id_of, new_code, pair, revoke
from api.problems import Problem
from api.requests import Id, PartsOf
from api.throttle import Throttle
from api.views import PairBody, ScreenBody, ScreenCode, ScreenList, ScreenView, SessionView
from api.wire import Json, answers, body, takes
from core.errors import Refused

router = APIRouter(prefix="/api/v1/screens", tags=["screens"])
LONGEST_NAME = 60
EVERYBODY = "pairing"
"""Wrong codes are counted for all addresses together: there are only so many codes to guess."""


@router.get("", summary="Paired wall screens", **answers(ScreenList, "Newest first."))
def screens(parts: PartsOf) -> Json:
    paired = sorted(parts.storage.store.credentials("screen"), key=lambda c: c.created_at, reverse=True)
    return Json(ScreenList(items=[ScreenView(id=id_of(c), name=c.name, created_at=c.created_at) for c in paired]))


@router.post(
    "",
    summary="A code to pair a wall screen",
    openapi_extra=takes(ScreenBody, {"name": "指挥大厅"}),
    **answers(ScreenCode, "Good for one screen and ten minutes.", 201),
)
def ask(parts: PartsOf, given: Annotated[ScreenBody, Depends(body(ScreenBody))]) -> Json:
    name = given.name.strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise Refused("bad_name", f"A name has 1 to {LONGEST_NAME} characters.")
    code, pairing = new_code(parts.storage, name, parts.now())
    return Json(ScreenCode(code=code, name=name, expires_at=pairing.expires_at or parts.now()), 201)


@router.post(
    "/pair",
    summary="Pair this screen",
    openapi_extra=takes(PairBody, {"code": "12345678"}),
    **answers(SessionView, "Paired; the screen's credential is in a cookie.", 201),
)
async def pair_screen(request: Request, parts: PartsOf, given: Annotated[PairBody, Depends(body(PairBody))]) -> Json:
    throttle: Throttle = request.app.state.throttle
    throttle.check(EVERYBODY, parts.now())
    code = "".join(letter for letter in given.code if letter.isdigit())
    try:
        secret, screen = await run_in_threadpool(pair, parts, code)
    except Problem:
        throttle.failed(EVERYBODY, parts.now())
        raise
    answer = Json(SessionView(name=screen.name, role=screen.role, screen=True, idle_minutes=0), 201)
    set_cookie(parts, answer, secret, SCREEN_COOKIE_TTL)
    return answer


@router.delete("/{id_}", summary="Revoke a wall screen", **answers(dict, "It shows nothing any more."))
def remove(parts: PartsOf, id_: Id) -> Json:
    revoke(parts.storage, parts.storage.store.credentials("screen"), id_)
    return Json({"removed": id_})
