"""Cases, and what people do to them."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from msgspec import ValidationError, convert

from alerts.drafts.kinds import REPLY, load_kinds
from alerts.evaluation.report import summary
from alerts.lifecycle import Command
from alerts.merging import merge as merged
from alerts.merging import split as divided
from alerts.notices.clerk import Clerk
from alerts.notices.words import TITLES
from alerts.routing import candidates
from api.case_views import (
    ExtendBody,
    MergeBody,
    SatisfactionBody,
    SplitBody,
    TaskBody,
    TaskEndBody,
    TickBody,
    UnextendBody,
    UntickBody,
)
from api.draft_views import DraftBody
from api.evaluating import evaluated
from api.moving import AskingOf, find
from api.notice_views import NoticeSteps
from api.office_views import Candidate, RoutingView
from api.problems import Problem
from api.reach import cases_within
from api.requests import CallerOf, Cursor, Id, Jurisdiction, Limit, PartsOf, ReachOf
from api.routes.incidents import case_file
from api.times import zoned_if
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
from core.errors import NotFound, Refused
from core.ports import CasePage, CaseQuery
from core.records import CaseEvent, CaseState, Draft

router = APIRouter(prefix="/api/v1/cases", tags=["cases"])
PAST = 2_000
"""Cases of the past that a suggestion looks at."""
MOVED = answers(Moved, "The case, and what it can do next.")

Plain = Annotated[MoveBody, Depends(body(MoveBody))]


@router.get("", summary="Cases, gravest and newest first", **answers(CasePage, "A page of cases."))
def cases(
    parts: PartsOf,
    reach: ReachOf,
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
    return Json(cases_within(parts.storage.store, query, reach))


@router.get("/{id_}", summary="A case with its file", **answers(CaseFile, "Incident, posts, drafts, audit, moves."))
def case(parts: PartsOf, id_: Id) -> Json:
    found = find(parts, id_)
    incident = parts.storage.index.incident(found.incident)
    if incident is None:
        raise NotFound(f"The incident of case {id_} is gone.")
    return Json(case_file(parts, incident, found), headers={"ETag": f'"{found.version}"'})


# --- taking up, handing on


@router.get("/{id_}/routing", summary="Who should answer, and why", **answers(RoutingView, "Best first."))
def routing(parts: PartsOf, id_: Id) -> Json:
    """By matter, by place, and by who answered cases alike; anybody may still be chosen."""
    found, policy = find(parts, id_), parts.policy
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


@router.get(
    "/{id_}/notices/steps",
    summary="What the steps decide of its notices",
    **answers(NoticeSteps, "Those that wait, and the one that would be."),
)
def notice_steps(
    parts: PartsOf,
    id_: Id,
    event: Annotated[str, Query(max_length=40, description="As if this happened now; absent: only what waits.")] = "",
    at: Annotated[datetime | None, Query(description="As the steps look then; absent: now.")] = None,
) -> Json:
    """Which step lets them pass, holds or drops them, and on what: nothing is told by it."""
    if event and event not in TITLES:
        raise Refused(
            "bad_event", f"{event!r} is nothing that people are told; these are: {', '.join(sorted(TITLES))}."
        )
    found, now = find(parts, id_), parts.now()
    when = zoned_if(at) or now
    clerk = Clerk(parts.storage.store, parts.policy, parts.plan, parts.zone, parts.public_url, parts.link_key)
    return Json(NoticeSteps(at=when, items=clerk.explain(found, event, when, now)))


@router.post("/{id_}/ack", summary="Take it up", openapi_extra=takes(MoveBody, {"why": "已看到"}), **MOVED)
def ack(asking: AskingOf, id_: Id, given: Plain) -> Json:
    return asking.perform(id_, Command(move="ack", who=asking.who, why=given.why), given)


@router.post("/{id_}/dismiss", summary="It needs no answer", openapi_extra=takes(MoveBody, {"why": "误报"}), **MOVED)
def dismiss(asking: AskingOf, id_: Id, given: Plain) -> Json:
    return asking.perform(id_, Command(move="dismiss", who=asking.who, why=given.why), given)


@router.post("/{id_}/assign", summary="Hand it to a unit", openapi_extra=takes(AssignBody, {"unit": "water"}), **MOVED)
def assign(asking: AskingOf, id_: Id, given: Annotated[AssignBody, Depends(body(AssignBody))]) -> Json:
    asking.need_unit(id_, given.unit)
    command = Command(move="assign", who=asking.who, why=given.why, unit=given.unit, owner=given.owner)
    return asking.perform(id_, command, given)


@router.post(
    "/{id_}/transfer",
    summary="Hand it on to another unit",
    openapi_extra=takes(AssignBody, {"unit": "street", "why": "属地管理"}),
    **MOVED,
)
def transfer(asking: AskingOf, id_: Id, given: Annotated[AssignBody, Depends(body(AssignBody))]) -> Json:
    asking.need_unit(id_, given.unit)
    command = Command(move="transfer", who=asking.who, why=given.why, unit=given.unit, owner=given.owner)
    return asking.perform(id_, command, given)


@router.post(
    "/{id_}/return", summary="Give it back", openapi_extra=takes(MoveBody, {"why": "不属于本单位职责"}), **MOVED
)
def give_back(asking: AskingOf, id_: Id, given: Plain) -> Json:
    """To the unit that coordinates, with nobody named: it is for that unit to assign it anew."""
    return asking.perform(id_, Command(move="return", who=asking.who, why=given.why), given)


# --- parts for several units


@router.post(
    "/{id_}/tasks",
    summary="Give a unit a part of it",
    openapi_extra=takes(TaskBody, {"unit": "street", "part": "support", "text": "到现场核实停水范围"}),
    **MOVED,
)
def task(asking: AskingOf, id_: Id, given: Annotated[TaskBody, Depends(body(TaskBody))]) -> Json:
    asking.need_unit(id_, given.unit)
    command = Command(
        move="task",
        who=asking.who,
        why=given.why,
        unit=given.unit,
        part=given.part,
        text=given.text,
        until=zoned_if(given.due_at),
        id=asking.parts.new_id(),
    )
    return asking.perform(id_, command, given)


@router.post(
    "/{id_}/tasks/{task}/done",
    summary="A part is done",
    openapi_extra=takes(TaskEndBody, {"note": "已核实，涉及三个小区"}),
    **MOVED,
)
def task_done(asking: AskingOf, id_: Id, task: str, given: Annotated[TaskEndBody, Depends(body(TaskEndBody))]) -> Json:
    command = Command(move="task_done", who=asking.who, why=given.why, text=given.note, id=task)
    return asking.perform(id_, command, given)


@router.post(
    "/{id_}/tasks/{task}/return",
    summary="Give a part back",
    openapi_extra=takes(MoveBody, {"why": "无此职责"}),
    **MOVED,
)
def task_return(asking: AskingOf, id_: Id, task: str, given: Plain) -> Json:
    return asking.perform(id_, Command(move="task_return", who=asking.who, why=given.why, id=task), given)


# --- level and clocks


@router.post("/{id_}/level", summary="Set the level", openapi_extra=takes(LevelBody, {"level": 2, "why": "x"}), **MOVED)
def level(asking: AskingOf, id_: Id, given: Annotated[LevelBody, Depends(body(LevelBody))]) -> Json:
    """It holds against the rules, until `until` where that is given, else until it is released."""
    command = Command(move="level", who=asking.who, why=given.why, level=given.level, until=zoned_if(given.until))
    return asking.perform(id_, command, given)


@router.post(
    "/{id_}/level/release", summary="Leave the level to the rules", openapi_extra=takes(MoveBody, {"why": ""}), **MOVED
)
def release(asking: AskingOf, id_: Id, given: Plain) -> Json:
    return asking.perform(id_, Command(move="release", who=asking.who, why=given.why), given)


@router.post("/{id_}/pause", summary="Pause clocks", openapi_extra=takes(ClockBody, {"why": "等待检测报告"}), **MOVED)
def pause(asking: AskingOf, id_: Id, given: Annotated[ClockBody, Depends(body(ClockBody))]) -> Json:
    return asking.perform(id_, Command(move="pause", who=asking.who, why=given.why, clock=given.clock), given)


@router.post("/{id_}/resume", summary="Let clocks run on", openapi_extra=takes(ClockBody, {"why": "报告已到"}), **MOVED)
def resume(asking: AskingOf, id_: Id, given: Annotated[ClockBody, Depends(body(ClockBody))]) -> Json:
    return asking.perform(id_, Command(move="resume", who=asking.who, why=given.why, clock=given.clock), given)


@router.post(
    "/{id_}/extend",
    summary="Give a clock more time",
    openapi_extra=takes(ExtendBody, {"clock": "answer", "by": "24h", "why": "需专家论证"}),
    **MOVED,
)
def extend(asking: AskingOf, id_: Id, given: Annotated[ExtendBody, Depends(body(ExtendBody))]) -> Json:
    command = Command(move="extend", who=asking.who, why=given.why, clock=given.clock, by=given.by)
    return asking.perform(id_, command, given)


@router.post(
    "/{id_}/unextend",
    summary="Take a clock's last extension back",
    openapi_extra=takes(UnextendBody, {"clock": "answer", "why": "论证提前完成"}),
    **MOVED,
)
def unextend(asking: AskingOf, id_: Id, given: Annotated[UnextendBody, Depends(body(UnextendBody))]) -> Json:
    """While the clock is not stopped and nothing was built upon the extension (a pause; a limit kept only by it)."""
    return asking.perform(id_, Command(move="unextend", who=asking.who, why=given.why, clock=given.clock), given)


# --- checklist


@router.post(
    "/{id_}/tick",
    summary="A step of the checklist is done",
    openapi_extra=takes(TickBody, {"step": "verify", "note": "已到现场，爆管属实"}),
    **MOVED,
)
def tick(asking: AskingOf, id_: Id, given: Annotated[TickBody, Depends(body(TickBody))]) -> Json:
    """Not of steps with `done_by`: those follow from the case's record."""
    why = given.why or given.note
    return asking.perform(id_, Command(move="tick", who=asking.who, why=why, step=given.step, text=given.note), given)


@router.post(
    "/{id_}/untick",
    summary="A step of the checklist is to be done again",
    openapi_extra=takes(UntickBody, {"step": "verify", "why": "地点有误"}),
    **MOVED,
)
def untick(asking: AskingOf, id_: Id, given: Annotated[UntickBody, Depends(body(UntickBody))]) -> Json:
    return asking.perform(id_, Command(move="untick", who=asking.who, why=given.why, step=given.step), given)


# --- answer to end


@router.post(
    "/{id_}/answer",
    summary="Enter the published answer",
    openapi_extra=takes(AnswerBody, {"text": "已恢复供水。"}),
    **MOVED,
)
def answer(asking: AskingOf, id_: Id, given: Annotated[AnswerBody, Depends(body(AnswerBody))]) -> Json:
    return asking.perform(id_, Command(move="answer", who=asking.who, why=given.why, text=given.text), given)


@router.post("/{id_}/recover", summary="The public is quiet", openapi_extra=takes(MoveBody, {"why": "x"}), **MOVED)
def recover(asking: AskingOf, id_: Id, given: Plain) -> Json:
    return asking.perform(id_, Command(move="recover", who=asking.who, why=given.why), given)


@router.post(
    "/{id_}/evaluate", summary="Evaluate the answer", openapi_extra=takes(EvaluateBody, {"note": "热度下降"}), **MOVED
)
def evaluate(asking: AskingOf, id_: Id, given: Annotated[EvaluateBody, Depends(body(EvaluateBody))]) -> Json:
    command = Command(move="evaluate", who=asking.who, why=given.why, text=given.note)
    return asking.perform(id_, command, given, summary(evaluated(asking.parts, find(asking.parts, id_))))


@router.post(
    "/{id_}/satisfaction",
    summary="Enter how satisfied the public was",
    openapi_extra=takes(SatisfactionBody, {"score": 86.5, "answers": 40, "why": "12345 电话回访"}),
    **MOVED,
)
def satisfaction(
    asking: AskingOf, id_: Id, given: Annotated[SatisfactionBody, Depends(body(SatisfactionBody))]
) -> Json:
    command = Command(move="satisfaction", who=asking.who, why=given.why, score=given.score, answers=given.answers)
    return asking.perform(id_, command, given)


@router.post("/{id_}/close", summary="Close it", openapi_extra=takes(MoveBody, {"why": "办结"}), **MOVED)
def close(asking: AskingOf, id_: Id, given: Plain) -> Json:
    return asking.perform(id_, Command(move="close", who=asking.who, why=given.why), given)


@router.post("/{id_}/reopen", summary="Open it again", openapi_extra=takes(MoveBody, {"why": "又停水了"}), **MOVED)
def reopen(asking: AskingOf, id_: Id, given: Plain) -> Json:
    return asking.perform(id_, Command(move="reopen", who=asking.who, why=given.why), given)


# --- two cases about one matter


@router.post(
    "/{id_}/merge",
    summary="Take another case in",
    openapi_extra=takes(MergeBody, {"case": "c0123456789abcdef0123", "why": "同一事件"}),
    **MOVED,
)
def merge(asking: AskingOf, id_: Id, given: Annotated[MergeBody, Depends(body(MergeBody))]) -> Json:
    """The other one's posts, units, tasks and clocks follow; of two clocks of a kind the one that ends first counts."""
    return asking.both(id_, given.case, merged, Command(move="merge", who=asking.who, why=given.why), given)


@router.post(
    "/{id_}/split",
    summary="Undo a merge",
    openapi_extra=takes(SplitBody, {"case": "c0123456789abcdef0123", "why": "两件事"}),
    **MOVED,
)
def split(asking: AskingOf, id_: Id, given: Annotated[SplitBody, Depends(body(SplitBody))]) -> Json:
    """Both cases are as they would be without the merge; tasks stay as they are now."""
    return asking.both(id_, given.case, divided, Command(move="split", who=asking.who, why=given.why), given)


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
