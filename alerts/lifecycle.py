"""The life of a case: a table of moves, each a pure function with its audit row and its event."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from alerts import clocks
from alerts.policy import Policy
from core.clock import derived_id
from core.effects import Effects, SaveCase, message
from core.errors import IllegalMove, Refused
from core.records import AuditRow, Case, CaseEvent, CaseState, Clock, Delivery, Incident, Notice
from core.topics import Topic

S = CaseState
OPEN = (S.EMERGING, S.CONFIRMED, S.HANDLING, S.ANSWERED, S.EVALUATED)
UNANSWERED = (S.EMERGING, S.CONFIRMED, S.HANDLING)

MOVES: dict[str, tuple[tuple[CaseState, ...], CaseState | None, str]] = {
    # move: (from these states, to this one (None: stays), type of the event)
    "ack": ((S.EMERGING,), S.CONFIRMED, "case.acknowledged"),
    "assign": ((S.CONFIRMED, S.HANDLING), S.HANDLING, "case.assigned"),
    "level": (OPEN, None, "case.level"),
    "pause": (UNANSWERED, None, "case.paused"),
    "resume": (UNANSWERED, None, "case.resumed"),
    "answer": ((S.HANDLING,), S.ANSWERED, "case.answered"),
    "evaluate": ((S.ANSWERED,), S.EVALUATED, "case.evaluated"),
    "close": ((S.EVALUATED,), S.CLOSED, "case.closed"),
    "reopen": ((S.ANSWERED, S.EVALUATED, S.CLOSED), S.HANDLING, "case.reopened"),
}

BY_ITSELF = (
    "case.opened", "case.updated", "case.level_raised", "case.level_lowered", "case.merged",
    "clock.warning", "clock.breached",
)  # fmt: skip
"""Events that no person causes; see `alerts.decide`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What somebody asks of a case. Only the fields that the move needs are read."""

    move: str
    who: str
    why: str = ""
    unit: str | None = None
    owner: str | None = None
    level: int | None = None
    clock: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a move is judged on beside the case: the policy, and the incident as it stands (None when it is gone)."""

    policy: Policy
    incident: Incident | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """The case after a move, and what is to be told and kept of it."""

    case: Case
    event: CaseEvent
    audit: AuditRow


def moves(case: Case) -> tuple[str, ...]:
    """What the case can do now; clocks can be paused while one runs and resumed while one is paused."""
    return tuple(
        name for name, (sources, _, _) in MOVES.items() if case.state in sources and _has_clock_for(name, case)
    )


def move(case: Case, command: Command, ground: Ground, now: datetime) -> Moved:
    """The case after the command; raises `IllegalMove` with what is possible, `Refused` when the command lacks something."""
    possible = moves(case)
    if command.move not in possible:
        raise IllegalMove(f"A case that is {case.state} cannot {command.move}; it can {', '.join(possible)}.", possible)
    _, target, event = MOVES[command.move]
    changed = _CHANGES[command.move](case, command, ground, now)
    changed = replace(changed, state=target or case.state, updated_at=now, version=case.version + 1)
    return record(changed, event, command.who, command.why, now)


def _has_clock_for(name: str, case: Case) -> bool:
    if name == "pause":
        return any(map(clocks.is_running, case.clocks))
    return name != "resume" or any(map(clocks.is_paused, case.clocks))


def record(case: Case, event: str, who: str, why: str, now: datetime) -> Moved:
    """A changed case with its event and audit row; their ids follow from the case's version, so a repeat is no second."""
    id_ = derived_id("event", case.id, str(case.version), event)
    detail: dict[str, str | int | float] = {"state": case.state.value, "level": case.level, "version": case.version}
    if case.unit is not None:
        detail["unit"] = case.unit
    told = CaseEvent(id=id_, type=event, at=now, case=case, who=who, why=why)
    kept = AuditRow(id=id_, object=case.id, at=now, who=who, action=event, why=why, detail=detail)
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
    return replace(case, clocks=clocks.clocks_for(case, ground.incident, ground.policy.clocks, begins))


def _stop_all(case: Case, now: datetime) -> tuple[Clock, ...]:
    return tuple(clocks.stop(clock, now) for clock in case.clocks)


def _ack(case: Case, command: Command, ground: Ground, now: datetime) -> Case:
    # What is due until somebody takes the case up (a report to leaders) is met by that.
    met = {rule.kind for rule in ground.policy.clocks if rule.stopped_by == "acknowledge"}
    kept = tuple(clocks.stop(c, now) if c.kind in met else c for c in case.clocks)
    return _starting(replace(case, owner=command.who, clocks=kept), ground, {"verified": now})


def _assign(case: Case, command: Command, ground: Ground, now: datetime) -> Case:
    if not command.unit or not command.unit.strip():
        raise Refused("missing_unit", "Say which unit the case is assigned to.")
    return _starting(replace(case, unit=command.unit, owner=command.owner or case.owner), ground, {"assigned": now})


def _level(case: Case, command: Command, ground: Ground, now: datetime) -> Case:
    known = [level.level for level in ground.policy.levels]
    if command.level is None or command.level not in known:
        raise Refused("bad_level", f"A level is one of {', '.join(map(str, known))}.")
    _need_reason(command, "Say why the level is changed.")
    peak = min(case.peak_level, command.level)
    changed = replace(case, level=command.level, level_set_by=command.who, peak_level=peak)
    return _starting(changed, ground)


def _pause(case: Case, command: Command, ground: Ground, now: datetime) -> Case:
    _need_reason(command, "Say why the clock is paused.")
    return _with_clocks(case, command, lambda clock: clocks.pause(clock, command.who, command.why, now))


def _resume(case: Case, command: Command, ground: Ground, now: datetime) -> Case:
    return _with_clocks(case, command, lambda clock: clocks.resume(clock, now))


def _with_clocks(case: Case, command: Command, change: Callable[[Clock], Clock]) -> Case:
    mine = tuple(change(c) if command.clock in (None, c.kind) else c for c in case.clocks)
    if mine == case.clocks:
        raise Refused("no_such_clock", f"The case has no clock {command.clock} that could {command.move}.")
    return replace(case, clocks=mine)


def _answer(case: Case, command: Command, ground: Ground, now: datetime) -> Case:
    if not command.text.strip():
        raise Refused("missing_text", "Enter the answer as it was published.")
    return replace(case, answer=command.text, answered_at=now, clocks=_stop_all(case, now))


def _evaluate(case: Case, command: Command, ground: Ground, now: datetime) -> Case:
    taken = (case.answered_at or now) - case.opened_at
    heat = ground.incident.heat if ground.incident is not None else case.heat
    found: dict[str, str | int | float] = {
        "hours_to_answer": round(taken.total_seconds() / 3600, 2),
        "clocks_kept": sum(not c.breached for c in case.clocks),
        "clocks": len(case.clocks),
        "heat_at_evaluation": round(heat, 2),
        "note": command.text,
    }
    return replace(case, evaluation=found)


def _close(case: Case, command: Command, ground: Ground, now: datetime) -> Case:
    return replace(case, clocks=_stop_all(case, now))


def _reopen(case: Case, command: Command, ground: Ground, now: datetime) -> Case:
    _need_reason(command, "Say why the case is reopened.")
    again = tuple(clocks.again(clock, now) for clock in case.clocks)
    return replace(case, clocks=again, answer=None, answered_at=None)


def _need_reason(command: Command, sentence: str) -> None:
    if not command.why.strip():
        raise Refused("missing_reason", sentence)


_CHANGES: dict[str, Callable[[Case, Command, Ground, datetime], Case]] = {
    "ack": _ack,
    "assign": _assign,
    "level": _level,
    "pause": _pause,
    "resume": _resume,
    "answer": _answer,
    "evaluate": _evaluate,
    "close": _close,
    "reopen": _reopen,
}
