"""The public view, and the choice of what is in it."""

import hashlib
from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse

from api.context import duty_of
from api.kept import Kept
from api.parts import Parts
from api.public_page import page
from api.publishing import DUTY_SPAN, PublicView, jurisdictions, publish, published, view, withdraw
from api.requests import CallerOf, Id, PartsOf
from api.views import PublicationBody, PublicationList
from api.wire import Json, answers, body, gives, takes
from core.errors import NotFound, Refused
from core.records.publication import Publication

router = APIRouter(tags=["public"])
TTL = timedelta(seconds=60)
CACHE = {"Cache-Control": f"public, max-age={int(TTL.total_seconds())}"}
EXAMPLE = {
    "kind": "answer",
    "case": "the case's id",
    "title": "湖畔雅苑停水",
    "text": "管道已于今日 18 时修复，供水恢复。",
}

HELD = {304: {"description": "It is what If-None-Match names: the caller has it."}}
VIEW = answers(PublicView, "For everybody, cached.")
PAGE = gives("For everybody, cached.", "text/html")
for route in (VIEW, PAGE):
    route["responses"].update(HELD)
Lang = Annotated[Literal["zh-Hans", "zh-Hant", "en"], Query(description="The page's language.")]
Large = Annotated[bool, Query(description="For a screen that is read from afar.")]


def _view(request: Request, parts: Parts) -> PublicView:
    kept: Kept[PublicView] = request.app.state.public
    office = parts.places.get(parts.intake.admission.jurisdiction, "")
    return kept.get("public", parts.now(), lambda: view(parts, office, duty_of(parts, DUTY_SPAN)))


def _cached(request: Request, answer: Response) -> Response:
    """With a tag of what it says: who has it already is told so without it."""
    tag = f'"{hashlib.sha256(bytes(answer.body)).hexdigest()[:32]}"'
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={**CACHE, "ETag": tag})
    answer.headers.update({**CACHE, "ETag": tag})
    return answer


@router.get("/api/v1/public", summary="What the office has published", **VIEW)
def public(request: Request, parts: PartsOf) -> Response:
    return _cached(request, Json(_view(request, parts)))


@router.get("/public", summary="The public page", **PAGE)
def public_page(request: Request, parts: PartsOf, lang: Lang = "zh-Hans", large: Large = False) -> Response:
    return _cached(request, HTMLResponse(page(_view(request, parts), lang, large=large)))


@router.get(
    "/api/v1/publications", summary="What is published, and by whom", **answers(PublicationList, "Newest first.")
)
def publications(parts: PartsOf) -> Json:
    return Json(PublicationList(items=[one for _, one in published(parts)]))


@router.post(
    "/api/v1/publications",
    summary="Publish",
    openapi_extra=takes(PublicationBody, EXAMPLE),
    **answers(Publication, "Everybody reads it within a minute.", 201),
)
def add(
    request: Request,
    parts: PartsOf,
    caller: CallerOf,
    given: Annotated[PublicationBody, Depends(body(PublicationBody))],
) -> Json:
    case = None
    if given.kind == "answer":
        case = parts.storage.store.case(given.case or "")
        if case is None:
            raise NotFound("Name the case that was answered.")
        if case.answer is None:
            raise Refused("not_answered", "This case has no answer yet.")
    one = Publication(
        id=parts.new_id() if given.kind != "figures" else "figures",
        kind=given.kind,
        published_at=parts.now(),
        by=caller.name,
        title=given.title,
        text=given.text,
        unit=case.unit if case else given.unit,
        case=case.id if case else None,
        asked_at=case.opened_at if case else None,
        answered_at=case.answered_at if case else None,
    )
    saved = publish(parts, case.jurisdiction if case else jurisdictions(parts)[0], one)
    request.app.state.public = Kept(TTL)
    return Json(saved, 201)


@router.delete("/api/v1/publications/{id_}", summary="Withdraw", **answers(dict, "Gone within a minute."))
def remove(request: Request, parts: PartsOf, caller: CallerOf, id_: Id) -> Json:
    withdraw(parts, id_, caller.name)
    request.app.state.public = Kept(TTL)
    return Json({"removed": id_})
