"""Cases and what people do to them."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from msgspec import ValidationError, convert

from alerts.drafts.kinds import REPLY, load_kinds
from alerts.lifecycle import Command, Ground, effects_of, move, moves
from alerts.notices import Receivers, deliveries
from alerts.routing import candidates
from api.draft_views import DraftBody
from api.office import policy_of
from api.office_views import Candidate, RoutingView
from api.parts import Parts
from api.problems import Problem
from api.requests import CallerOf, Cursor, Id, Jurisdiction, Limit, PartsOf
from api.routes.incidents import case_file
from api.views import (
    AnswerBody,
    AssignBody,
    CaseFile,
    ClockBody,
    EvaluateBody,
    LevelBody,
    MoveBody,
    Moved,
)
from api.wire import Json, answers, body, takes
from core.errors import Conflict, NotFound, Refused
from core.ports import CasePage, CaseQuery
from core.records import Case, CaseEvent, CaseState, Draft

router = APIRouter(prefix="/api/v1/cases", tags=["cases"])
PAST = 2_000
"""Cases of the past that a suggestion looks at."""
MOVED = answers(Moved, "The case, and what it can do next.")


def find(parts: Parts, id_: str) -> Case:
    """The case of that id."""
    case = parts.storage.store.case(id_)
    if case is None:
        raise NotFound(f"There is no case {id_}.")
    return case


def perform(parts: Parts, id_: str, command: Command, version: int | None) -> Json:
    """Do what the command asks, if the case is still the one that the caller saw."""
    case = find(parts, id_)
    if version is not None and version != case.version:
        raise Conflict(f"The case is at version {case.version}, not {version}: look at it again.")
    now = parts.now()
    ground = Ground(parts.policy, parts.storage.index.incident(case.incident))
    moved = move(case, command, ground, now)
    store = parts.storage.store
    receivers = Receivers(webhooks=store.webhooks(), channels=store.channels(), link=parts.public_url)
    parts.storage.commit(effects_of(moved, case.version, deliveries(moved.event, receivers, now)))
    return Json(Moved(case=moved.case, moves=list(moves(moved.case))))


@router.get("", summary="Cases, gravest and newest first", **answers(CasePage, "A page of cases."))
def cases(
    parts: PartsOf,
    state: str | None = None,
    open_: Annotated[bool, Query(alias="open", description="Leave out closed cases.")] = False,  # a query parameter
    unit: str | None = None,
    jurisdiction: Jurisdiction = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Json:
    try:
        wanted = convert(state, CaseState | None)
    except ValidationError as error:
        raise Refused("bad_state", f"A state is one of {', '.join(CaseState)}.") from error
    query = CaseQuery(jurisdiction=jurisdiction, state=wanted, open=open_, unit=unit, cursor=cursor, limit=limit)
    return Json(parts.storage.store.cases(query))


@router.get("/{id_}", summary="A case with its file", **answers(CaseFile, "Incident, posts, drafts, audit, moves."))
def case(parts: PartsOf, id_: Id) -> Json:
    found = find(parts, id_)
    incident = parts.storage.index.incident(found.incident)
    if incident is None:
        raise NotFound(f"The incident of case {id_} is gone.")
    return Json(case_file(parts, incident, found))


@router.get("/{id_}/routing", summary="Who should answer, and why", **answers(RoutingView, "Best first."))
def routing(parts: PartsOf, id_: Id) -> Json:
    """By matter, by place, and by who answered cases alike; anybody may still be chosen."""
    found, policy = find(parts, id_), policy_of(parts)
    incident = parts.storage.index.incident(found.incident)
    places = [p.code for p in incident.places] if incident else [found.place] if found.place else []
    past = parts.storage.store.cases(CaseQuery(jurisdiction=found.jurisdiction, limit=PAST)).items
    lead = next((u for u in policy.units_of(found.jurisdiction) if u.lead), None)
    roles: dict[str | None, Literal["lead", "support", "possible"]] = {found.unit: "lead"}
    roles |= dict.fromkeys(found.support, "support")
    items = [
        Candidate(
            unit=c.unit.id,
            name=c.unit.name,
            role=roles.get(c.unit.id, "possible"),
            score=round(c.score, 3),
            reasons=list(c.reasons),
        )
        for c in candidates(found, places, policy, past)
    ]
    coordinator = lead.id if lead else None
    return Json(RoutingView(unit=found.unit, support=found.support, coordinator=coordinator, candidates=items))


@router.post("/{id_}/ack", summary="Take it up", openapi_extra=takes(MoveBody, {"why": "已看到"}), **MOVED)
def ack(parts: PartsOf, caller: CallerOf, id_: Id, given: Annotated[MoveBody, Depends(body(MoveBody))]) -> Json:
    return perform(parts, id_, Command(move="ack", who=caller.name, why=given.why), given.version)


@router.post("/{id_}/assign", summary="Hand it to a unit", openapi_extra=takes(AssignBody, {"unit": "water"}), **MOVED)
def assign(parts: PartsOf, caller: CallerOf, id_: Id, given: Annotated[AssignBody, Depends(body(AssignBody))]) -> Json:
    jurisdiction = find(parts, id_).jurisdiction
    if given.unit not in {u.id for u in policy_of(parts).units_of(jurisdiction)}:
        raise Refused("no_such_unit", f"There is no unit {given.unit} in {jurisdiction}.")
    command = Command(move="assign", who=caller.name, why=given.why, unit=given.unit, owner=given.owner)
    return perform(parts, id_, command, given.version)


@router.post("/{id_}/level", summary="Set the level", openapi_extra=takes(LevelBody, {"level": 2, "why": "x"}), **MOVED)
def level(parts: PartsOf, caller: CallerOf, id_: Id, given: Annotated[LevelBody, Depends(body(LevelBody))]) -> Json:
    command = Command(move="level", who=caller.name, why=given.why, level=given.level)
    return perform(parts, id_, command, given.version)


@router.post("/{id_}/pause", summary="Pause clocks", openapi_extra=takes(ClockBody, {"why": "等待检测报告"}), **MOVED)
def pause(parts: PartsOf, caller: CallerOf, id_: Id, given: Annotated[ClockBody, Depends(body(ClockBody))]) -> Json:
    command = Command(move="pause", who=caller.name, why=given.why, clock=given.clock)
    return perform(parts, id_, command, given.version)


@router.post("/{id_}/resume", summary="Let clocks run on", openapi_extra=takes(ClockBody, {"why": "报告已到"}), **MOVED)
def resume(parts: PartsOf, caller: CallerOf, id_: Id, given: Annotated[ClockBody, Depends(body(ClockBody))]) -> Json:
    command = Command(move="resume", who=caller.name, why=given.why, clock=given.clock)
    return perform(parts, id_, command, given.version)


@router.post(
    "/{id_}/answer",
    summary="Enter the published answer",
    openapi_extra=takes(AnswerBody, {"text": "已恢复供水。"}),
    **MOVED,
)
def answer(parts: PartsOf, caller: CallerOf, id_: Id, given: Annotated[AnswerBody, Depends(body(AnswerBody))]) -> Json:
    command = Command(move="answer", who=caller.name, why=given.why, text=given.text)
    return perform(parts, id_, command, given.version)


@router.post(
    "/{id_}/evaluate", summary="Evaluate the answer", openapi_extra=takes(EvaluateBody, {"note": "热度下降"}), **MOVED
)
def evaluate(
    parts: PartsOf, caller: CallerOf, id_: Id, given: Annotated[EvaluateBody, Depends(body(EvaluateBody))]
) -> Json:
    command = Command(move="evaluate", who=caller.name, why=given.why, text=given.note)
    return perform(parts, id_, command, given.version)


@router.post("/{id_}/close", summary="Close it", openapi_extra=takes(MoveBody, {"why": "办结"}), **MOVED)
def close(parts: PartsOf, caller: CallerOf, id_: Id, given: Annotated[MoveBody, Depends(body(MoveBody))]) -> Json:
    return perform(parts, id_, Command(move="close", who=caller.name, why=given.why), given.version)


@router.post("/{id_}/reopen", summary="Open it again", openapi_extra=takes(MoveBody, {"why": "又停水了"}), **MOVED)
def reopen(parts: PartsOf, caller: CallerOf, id_: Id, given: Annotated[MoveBody, Depends(body(MoveBody))]) -> Json:
    return perform(parts, id_, Command(move="reopen", who=caller.name, why=given.why), given.version)


@router.post(
    "/{id_}/drafts",
    summary="Draft an answer from evidence",
    openapi_extra=takes(DraftBody, {"kind": "statement"}),
    **answers(Draft, "A draft, or a refusal.", 201),
)
def draft(parts: PartsOf, caller: CallerOf, id_: Id, given: Annotated[DraftBody, Depends(body(DraftBody))]) -> Json:
    now = parts.now()
    if given.kind != REPLY and load_kinds().find(given.kind) is None:
        raise Refused("bad_kind", f"{given.kind!r} is no kind of draft; see /api/v1/drafts/kinds.")
    event = CaseEvent(id=parts.new_id(), type="case.draft_wanted", at=now, case=find(parts, id_), who=caller.name)
    effects = parts.draft(event, now, caller.name, given.kind)
    made = next((change for change in effects.changes if isinstance(change, Draft)), None)
    if made is None:
        raise Problem(409, "no-evidence", "The incident of this case is gone; there is nothing to draft from.")
    parts.storage.commit(effects)
    return Json(made, 201)
