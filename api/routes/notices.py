"""What people are told, what is silenced, and the link in a message by which a case is taken up."""

from html import escape
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import HTMLResponse
from msgspec import ValidationError, convert
from msgspec.structs import replace

from alerts.lifecycle import Command
from alerts.notices import PIPELINE, tokens
from api.moving import Asking, find
from api.notice_views import PlanView, SilenceBody, SilenceList
from api.office import save
from api.reach import notices_within
from api.requests import CallerOf, Cursor, Id, Jurisdiction, Limit, PartsOf, ReachOf
from api.times import zoned, zoned_if
from api.views import MoveBody
from api.wire import Json, answers, body, gives, takes
from core.errors import Conflict, IllegalMove, NotFound, Refused
from core.office import NoticePage, NoticeQuery
from core.records import Case, CaseState, NoticeState, Silence

router = APIRouter(prefix="/api/v1", tags=["notices"])
EXAMPLE = {"until": "2026-06-02T00:00:00Z", "why": "计划停水，已公告", "places": ["990100001"], "domains": ["城乡建设"]}
Token = Annotated[str, Path(max_length=1_000, description="From the link in a message.")]
PAGE = gives("A page for a person.", "text/html")
PAGE["responses"][404] = {**PAGE["responses"][200], "description": "A page that says what is wrong with the link."}


@router.get("/notices", summary="What people were told, newest first", **answers(NoticePage, "With why, or why not."))
def notices(
    parts: PartsOf,
    reach: ReachOf,
    case: Annotated[str | None, Query(max_length=80, description="Of this case only.")] = None,
    state: Annotated[str | None, Query(description="waiting, told or dropped.")] = None,
    jurisdiction: Jurisdiction = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Json:
    try:
        wanted = convert(state, NoticeState | None)
    except ValidationError as error:
        raise Refused("bad_state", f"A state is one of {', '.join(NoticeState)}.") from error
    query = NoticeQuery(case=case, state=wanted, jurisdiction=jurisdiction, cursor=cursor, limit=limit)
    return Json(notices_within(parts.storage.store, query, reach))


@router.get("/notices/plan", summary="How people are told", **answers(PlanView, "The steps in order, and their data."))
def plan(parts: PartsOf) -> Json:
    return Json(PlanView(steps=[step.__name__ for step in PIPELINE], plan=parts.plan))


@router.get("/silences", summary="What is silenced", **answers(SilenceList, "Those that run or will, and past ones."))
def silences(parts: PartsOf) -> Json:
    return Json(SilenceList(items=sorted(parts.storage.store.kept(Silence), key=lambda s: s.until, reverse=True)))


@router.post(
    "/silences", summary="Silence for a time", openapi_extra=takes(SilenceBody, EXAMPLE), **answers(Silence, "It.", 201)
)
def silence(parts: PartsOf, caller: CallerOf, given: Annotated[SilenceBody, Depends(body(SilenceBody))]) -> Json:
    """What it keeps back is told when it ends, unless it is over by then. Machines still get every event."""
    made = Silence(
        id="q" + parts.new_id()[:12],
        since=zoned_if(given.since) or parts.now(),
        until=zoned(given.until),
        who=caller.name,
        why=given.why,
        jurisdiction=given.jurisdiction,
        cases=given.cases,
        units=given.units,
        levels=given.levels,
        domains=given.domains,
        places=given.places,
    )
    if made.until <= max(made.since, parts.now()):
        raise Refused("bad_span", "A silence ends after it begins, and not in the past.")
    if not any((made.jurisdiction, made.cases, made.units, made.levels, made.domains, made.places)):
        raise Refused("too_wide", "Name what is silenced: a jurisdiction, cases, units, levels, domains or places.")
    if not made.why.strip():
        raise Refused("missing_reason", "Say why it is silenced.")
    save(parts, caller, made, 0, made.why)
    return Json(made, 201)


@router.delete("/silences/{id_}", summary="End a silence now", **answers(Silence, "It, ended."))
def unsilence(parts: PartsOf, caller: CallerOf, id_: Id) -> Json:
    found = parts.storage.store.kept_one(Silence, id_)
    if found is None:
        raise NotFound(f"There is no silence {id_}.")
    ended = replace(found, until=min(found.until, parts.now()), version=found.version + 1)
    save(parts, caller, ended, found.version, "ended")
    return Json(ended)


@router.get("/acknowledge/{token}", summary="The page of a link in a message", **PAGE)
def look(request: Request, parts: PartsOf, token: Token) -> Response:
    """Shows the case and a button. Looking changes nothing: previews of messages follow links."""
    try:
        passed = tokens.read(parts.link_key, token, parts.now())
        case = find(parts, passed.case)
    except (Refused, NotFound) as error:
        return _page(request, str(error), status=404)
    if case.state is not CaseState.EMERGING:
        return _page(request, _taken(request, case), case)
    said = _SAYS[_language(request)]
    form = f'<form method="post"><button type="submit">{said["button"].format(who=escape(passed.who))}</button></form>'
    return _page(request, said["asks"], case, form)


@router.post("/acknowledge/{token}", summary="Take the case up", **PAGE)
def act(request: Request, parts: PartsOf, token: Token) -> Response:
    """As whoever the link was sent to. The same link again changes nothing."""
    try:
        passed = tokens.read(parts.link_key, token, parts.now())
        case = find(parts, passed.case)
    except (Refused, NotFound) as error:
        return _page(request, str(error), status=404)
    try:
        Asking(parts, passed.who, None).perform(case.id, Command(move="ack", who=passed.who, why="link"), MoveBody())
    except (IllegalMove, Conflict):
        case = find(parts, passed.case)
        return _page(request, _taken(request, case), case)
    said = _SAYS[_language(request)]
    return _page(request, said["done"].format(who=escape(passed.who)), find(parts, case.id))


_SAYS = {
    "zh-Hans": {
        "asks": "请确认由您处理这一事件。",
        "button": "确认受理（{who}）",
        "done": "已确认，受理人：{who}。",
        "taken": "已由 {who} 受理。",
    },
    "zh-Hant": {
        "asks": "請確認由您處理這一事件。",
        "button": "確認受理（{who}）",
        "done": "已確認，受理人：{who}。",
        "taken": "已由 {who} 受理。",
    },
    "en": {
        "asks": "Please confirm that you take this case up.",
        "button": "Take it up ({who})",
        "done": "Acknowledged by {who}.",
        "taken": "It was taken up by {who}.",
    },
}


def _language(request: Request) -> str:
    wanted = request.headers.get("accept-language", "").lower()
    if wanted.startswith(("zh-tw", "zh-hk", "zh-hant", "zh-mo")):
        return "zh-Hant"
    return "en" if wanted and not wanted.startswith("zh") else "zh-Hans"


def _taken(request: Request, case: Case) -> str:
    return _SAYS[_language(request)]["taken"].format(who=escape(case.owner or "?"))


def _page(request: Request, text: str, case: Case | None = None, form: str = "", status: int = 200) -> Response:
    head = f"<h1>{escape(case.title)}</h1>" if case else ""
    html = (
        f'<!doctype html><html lang="{_language(request)}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">'
        f"<title>Huiying</title>{head}<p>{text}</p>{form}</html>"
    )
    return HTMLResponse(html, status, {"Referrer-Policy": "no-referrer"})
