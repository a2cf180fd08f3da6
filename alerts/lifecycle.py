"""The life of a case: a table of moves, each a pure function with its audit row and its event.

Every move but merge and split, which concern two cases, is made here; those are in `alerts.merging`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from msgspec.structs import replace

from alerts import checklists, clocks, tasks, timing
from alerts.counting import at_level, changed
from alerts.policy import Policy
from alerts.tasks import Ended
from alerts.turns import evaluated, quiet_posts, quieted, reopened, stopped, unheld
from core.clock import derived_id
from core.effects import Effects, SaveCase, message
from core.errors import IllegalMove, Refused
from core.records import (
    AuditRow,
    Case,
    CaseEvent,
    CaseState,
    Delivery,
    Extension,
    Incident,
    Notice,
    Satisfaction,
    Task,
    TaskState,
    Tick,
)
from core.topics import Topic

S = CaseState
OPEN = (S.EMERGING, S.CONFIRMED, S.HANDLING, S.ANSWERED, S.EVALUATED)
UNANSWERED = (S.EMERGING, S.CONFIRMED, S.HANDLING)
TAKEN_UP = (S.CONFIRMED, S.HANDLING)


class Row(NamedTuple):
    """A move: from these states, to this one (None: stays), and the type of its event."""

    sources: tuple[CaseState, ...]
    target: CaseState | None
    event: str


MOVES: dict[str, Row] = {
    "ack": Row((S.EMERGING,), S.CONFIRMED, "case.acknowledged"),
    "dismiss": Row((S.EMERGING, S.CONFIRMED), S.CLOSED, "case.dismissed"),
    "assign": Row(TAKEN_UP, S.HANDLING, "case.assigned"),
    "transfer": Row((S.HANDLING,), S.HANDLING, "case.transferred"),
    "return": Row((S.HANDLING,), S.CONFIRMED, "case.returned"),
    "task": Row(TAKEN_UP, None, "task.given"),
    "task_done": Row(OPEN, None, "task.done"),
    "task_return": Row(OPEN, None, "task.returned"),
    "level": Row(OPEN, None, "case.level"),
    "release": Row(OPEN, None, "case.level_released"),
    "pause": Row(UNANSWERED, None, "case.paused"),
    "resume": Row(UNANSWERED, None, "case.resumed"),
    "extend": Row(UNANSWERED, None, "case.extended"),
    "unextend": Row(UNANSWERED, None, "case.unextended"),
    "recover": Row(OPEN, None, "case.recovered"),
    "answer": Row((S.HANDLING,), S.ANSWERED, "case.answered"),
    "evaluate": Row((S.ANSWERED,), S.EVALUATED, "case.evaluated"),
    "close": Row((S.EVALUATED,), S.CLOSED, "case.closed"),
    "reopen": Row((S.ANSWERED, S.EVALUATED, S.CLOSED), S.HANDLING, "case.reopened"),
    "satisfaction": Row((S.ANSWERED, S.EVALUATED, S.CLOSED), None, "case.satisfaction"),
    "merge": Row(UNANSWERED, None, "case.merged"),
    "split": Row(OPEN, None, "case.split"),
    "tick": Row(OPEN, None, "case.ticked"),
    "untick": Row(OPEN, None, "case.unticked"),
}

BY_ITSELF = (
    "case.opened", "case.updated", "case.level_raised", "case.level_lowered", "case.level_expired", "case.merged",
    "case.recovered", "case.flared_up", "case.supervised", "case.reopened", "clock.warning", "clock.breached", "task.overdue",
)  # fmt: skip
"""Events that no person causes; see `alerts.decide` and `alerts.watch`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What somebody asks of a case. Only the fields that the move needs are read.

    `id` is that of a task: the new one, or the one that is done or returned; `case` the other case of a split; `step` one
    of the checklist.
    """

    move: str
    who: str
    why: str = ""
    unit: str | None = None
    owner: str | None = None
    level: int | None = None
    until: datetime | None = None
    clock: str | None = None
    by: str = ""
    text: str = ""
    id: str = ""
    part: str = "support"
    case: str = ""
    score: float | None = None
    answers: int = 0
    step: str = ""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a move is judged on beside the case: the policy, and the incident as it stands (None when it is gone).

    `measured` is what an evaluation found in the posts; see `alerts.evaluation.report`.
    """

    policy: Policy
    incident: Incident | None = None
    measured: Mapping[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Moved:
    """The case after a move, and what is to be told and kept of it."""

    case: Case
    event: CaseEvent
    audit: AuditRow


def moves(case: Case) -> tuple[str, ...]:
    """What the case can do now; clocks can be paused while one runs and resumed while one is paused, and so on."""
    if case.merged_into is not None:
        return ()
    return tuple(name for name, row in MOVES.items() if case.state in row.sources and _WHEN.get(name, _always)(case))


def move(case: Case, command: Command, ground: Ground, now: datetime) -> Moved:
    """The case after the command; raises `IllegalMove` with what is possible, `Refused` when the command lacks something."""
    check(case, command.move)
    _, target, event = MOVES[command.move]
    made = _CHANGES[command.move](case, command, ground, now)
    made = replace(made, state=target or case.state, updated_at=now, version=case.version + 1)
    named = {"clock": command.clock, "by": command.by, "checklist_step": command.step}
    return record(made, event, command.who, command.why, now, named)


def check(case: Case, name: str) -> None:
    """Raises `IllegalMove` with what is possible when the case cannot do that now."""
    possible = moves(case)
    if name in possible:
        return
    if case.merged_into is not None:
        raise IllegalMove(f"The case was merged into {case.merged_into}: split it from there first.", possible)
    raise IllegalMove(f"A case that is {case.state} cannot {name} now; it can {', '.join(possible)}.", possible)


def _always(_: Case) -> bool:
    return True


_WHEN: dict[str, Callable[[Case], bool]] = {
    "pause": lambda case: any(map(clocks.is_running, case.clocks)),
    "resume": lambda case: any(map(clocks.is_paused, case.clocks)),
    "extend": lambda case: any(clock.stopped_at is None for clock in case.clocks),
    "unextend": lambda case: any(clock.stopped_at is None and clock.extensions for clock in case.clocks),
    "task_done": tasks.some_open,
    "task_return": tasks.some_open,
    "release": lambda case: case.level_set_by is not None,
    "recover": lambda case: case.recovered_at is None,
    "close": lambda case: not tasks.some_open(case),
    "split": lambda case: bool(case.joined),
    "untick": lambda case: bool(case.ticks),
}
"""What a move needs beside the state."""


def record(
    case: Case, event: str, who: str, why: str, now: datetime, about: Mapping[str, str | None] = MappingProxyType({})
) -> Moved:
    """A changed case with its event and audit row, which says `about` what it is too.

    Their ids follow from the case's version, so a repeat is no second.
    """
    id_ = derived_id("event", case.id, str(case.version), event)
    detail: dict[str, str | int | float] = {"state": case.state.value, "level": case.level, "version": case.version}
    detail |= {name: value for name, value in {"unit": case.unit, **about}.items() if value is not None and value != ""}
    told = CaseEvent(id=id_, type=event, at=now, case=case, who=who, why=why)
    kept = AuditRow(
        id=id_,
        object=case.id,
        at=now,
        who=who,
        action=event,
        why=why,
        detail=detail,
        jurisdiction=case.jurisdiction,
    )
    return Moved(case, told, kept)


def effects_of(moved: Moved, expected: int, deliveries: Sequence[Delivery | Notice]) -> Effects:
    """What a move writes: the case over the version that was read, its audit row, its event, its deliveries."""
    said = message(Topic.CASES, moved.case.jurisdiction, moved.event.id, moved.event)
    return Effects(messages=[said], changes=[SaveCase(moved.case, expected), moved.audit, *deliveries])


def together(parts: Iterable[Effects]) -> Effects:
    """The writes of many moves, in order; linear in their number, which adding one to the other is not."""
    whole = Effects()
    for part in parts:
        whole.messages.extend(part.messages)
        whole.changes.extend(part.changes)
    return whole


def _starting(case: Case, ground: Ground, begins: dict[str, datetime] | None = None) -> Case:
    """The case with the clocks that start now; an answered case starts none."""
    if case.state not in UNANSWERED or ground.incident is None:
        return case
    return clocks.started(case, ground.incident, ground.policy.clocks, begins)


def _ack(case: Case, command: Command, ground: Ground, now: datetime) -> Case:
    # What is due until somebody takes the case up (a report to leaders) is met by that.
    met = {rule.kind for rule in ground.policy.clocks if rule.stopped_by == "acknowledge"}
    kept = changed(case, lambda clock: clocks.stop(clock, now) if clock.kind in met else clock)
    return _starting(replace(kept, owner=command.who), ground, {"verified": now})


def _dismiss(case: Case, command: Command, ground: Ground, now: datetime) -> Case:
    need_reason(command, "Say why this needs no answer (a false alarm, a duplicate).")
    ended = stopped(tasks.end_open(case, command.who, command.why, now), now)
    quiet = quiet_posts(case, ground.incident)
    unit = case.unit or ground.policy.lead_of(case.jurisdiction)
    return replace(ended, unit=unit, owner=case.owner or command.who, quiet_posts=quiet)


def _assign(case: Case, command: Command, ground: Ground, now: datetime) -> Case:
    if not command.unit or not command.unit.strip():
        raise Refused("missing_unit", "Say which unit the case is assigned to.")
    owner = command.owner or case.owner or command.who
    return _starting(replace(case, unit=command.unit, owner=owner), ground, {"assigned": now})


def _transfer(case: Case, command: Command, ground: Ground, now: datetime) -> Case:
    need_reason(command, "Say why another unit is responsible.")
    if command.unit == case.unit:
        raise Refused("same_unit", "The case is with this unit already.")
    # Who hands it over answers for it until somebody of the other unit is named.
    return _assign(replace(case, owner=command.who), command, ground, now)


def _return(case: Case, command: Command, ground: Ground, now: datetime) -> Case:
    need_reason(command, "Say why the case is returned.")
    return replace(case, unit=ground.policy.lead_of(case.jurisdiction), owner=None)


def _level(case: Case, command: Command, ground: Ground, now: datetime) -> Case:
    known = [level.level for level in ground.policy.levels]
    if command.level is None or command.level not in known:
        raise Refused("bad_level", f"A level is one of {', '.join(map(str, known))}.")
    need_reason(command, "Say why the level is changed.")
    if command.until is not None and command.until <= now:
        raise Refused("bad_time", "The level holds until a time that is over.")
    held = replace(
        at_level(case, command.level),
        level_set_by=command.who,
        level_why=command.why,
        level_until=command.until,
    )
    return _starting(held, ground)


def _release(case: Case, command: Command, ground: Ground, now: datetime) -> Case:
    return unheld(case)


def _pause(case: Case, command: Command, ground: Ground, now: datetime) -> Case:
    need_reason(command, "Say why the clock is paused.")
    return timing.pause(case, command.clock, command.who, command.why, now)


def _resume(case: Case, command: Command, ground: Ground, now: datetime) -> Case:
    return timing.resume(case, command.clock, now)


def _extend(case: Case, command: Command, ground: Ground, now: datetime) -> Case:
    need_reason(command, "Say why the clock is extended.")
    often = {rule.kind: rule.extensions for rule in ground.policy.clocks}.get(command.clock or "", 1)
    given = Extension(at=now, by=command.by, who=command.who, reason=command.why)
    return timing.extend(case, command.clock, given, often)


def _unextend(case: Case, command: Command, ground: Ground, now: datetime) -> Case:
    need_reason(command, "Say why the extension is taken back.")
    others = tuple(name for name in moves(case) if name != command.move)
    return timing.shorten(case, command.clock, others, now)


def _tick(case: Case, command: Command, ground: Ground, now: datetime) -> Case:
    mine = checklists.checklist_for(case, ground.incident, ground.policy.checklists)
    return checklists.tick(case, mine, Tick(step=command.step, at=now, who=command.who, note=command.text))


def _untick(case: Case, command: Command, ground: Ground, now: datetime) -> Case:
    return checklists.untick(case, command.step)


def _task(case: Case, command: Command, ground: Ground, now: datetime) -> Case:
    if not command.unit or not command.text.strip():
        raise Refused("missing_task", "Say what is to be done, and by which unit.")
    task = Task(
        id=command.id,
        unit=command.unit,
        part=command.part,
        text=command.text,
        given_by=command.who,
        given_at=now,
        due_at=command.until,
    )
    return tasks.give(case, task)


def _task_done(case: Case, command: Command, ground: Ground, now: datetime) -> Case:
    return tasks.end(case, Ended(command.id, TaskState.DONE, command.who, command.text or command.why, now))


def _task_return(case: Case, command: Command, ground: Ground, now: datetime) -> Case:
    need_reason(command, "Say why the task is returned.")
    return tasks.end(case, Ended(command.id, TaskState.RETURNED, command.who, command.why, now))


def _recover(case: Case, command: Command, ground: Ground, now: datetime) -> Case:
    need_reason(command, "Say why the public is quiet.")
    return quieted(case, ground.incident, now)


def _answer(case: Case, command: Command, ground: Ground, now: datetime) -> Case:
    if not command.text.strip():
        raise Refused("missing_text", "Enter the answer as it was published.")
    return replace(stopped(case, now), answer=command.text, answered_at=now)


def _evaluate(case: Case, command: Command, ground: Ground, now: datetime) -> Case:
    found = evaluated(case, ground.incident, command.text, now)
    return replace(case, evaluation={**found, **ground.measured})


def _satisfaction(case: Case, command: Command, ground: Ground, now: datetime) -> Case:
    if command.score is None or not 0 <= command.score <= 100 or command.answers < 1:
        raise Refused("bad_score", "A satisfaction is 0 to 100, of at least one answer.")
    need_reason(command, "Say where the satisfaction was asked (a survey, follow-up calls).")
    told = Satisfaction(score=command.score, answers=command.answers, source=command.why, at=now, who=command.who)
    return replace(case, satisfaction=told)


def _close(case: Case, command: Command, ground: Ground, now: datetime) -> Case:
    return replace(stopped(case, now), quiet_posts=quiet_posts(case, ground.incident))


def _reopen(case: Case, command: Command, ground: Ground, now: datetime) -> Case:
    need_reason(command, "Say why the case is reopened.")
    return reopened(replace(case, owner=case.owner or command.who), ground.policy, now)


def need_reason(command: Command, sentence: str) -> None:
    """Raises `Refused` with the sentence when the command gives no reason."""
    if not command.why.strip():
        raise Refused("missing_reason", sentence)


_CHANGES: dict[str, Callable[[Case, Command, Ground, datetime], Case]] = {
    "ack": _ack,
    "dismiss": _dismiss,
    "assign": _assign,
    "transfer": _transfer,
    "return": _return,
    "task": _task,
    "task_done": _task_done,
    "task_return": _task_return,
    "level": _level,
    "release": _release,
    "pause": _pause,
    "resume": _resume,
    "extend": _extend,
    "unextend": _unextend,
    "recover": _recover,
    "answer": _answer,
    "evaluate": _evaluate,
    "close": _close,
    "reopen": _reopen,
    "satisfaction": _satisfaction,
    "tick": _tick,
    "untick": _untick,
}
