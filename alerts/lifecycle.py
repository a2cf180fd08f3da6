"""The life of a case: a table of moves, each a pure function with its audit row and its event."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from alerts import clocks
from core.clock import derived_id
from core.effects import Effects, SaveCase, message
from core.errors import IllegalMove, Refused
from core.records import AuditRow, Case, CaseEvent, CaseState, Clock, Delivery
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
class Moved:
    """The case after a move, and what is to be told and kept of it."""

    case: Case
    event: CaseEvent
    audit: AuditRow


def moves(case: Case) -> tuple[str, ...]:
    """What the case can do now."""
    return tuple(name for name, (sources, _, _) in MOVES.items() if case.state in sources)


def move(case: Case, command: Command, now: datetime) -> Moved:
    """The case after the command; raises `IllegalMove` with what is possible, `Refused` when the command lacks something."""
    sources, target, event = MOVES[command.move]
    if case.state not in sources:
        possible = moves(case)
        raise IllegalMove(f"A case that is {case.state} cannot {command.move}; it can {', '.join(possible)}.", possible)
    changed = _CHANGES[command.move](case, command, now)
    changed = replace(changed, state=target or case.state, updated_at=now, version=case.version + 1)
    return record(changed, event, command.who, command.why, now)


def record(case: Case, event: str, who: str, why: str, now: datetime) -> Moved:
    """A changed case with its event and audit row; their ids follow from the case's version, so a repeat is no second."""
    id_ = derived_id("event", case.id, str(case.version), event)
    detail: dict[str, str | int | float] = {"state": case.state.value, "level": case.level, "version": case.version}
    if case.unit is not None:
        detail["unit"] = case.unit
    told = CaseEvent(id=id_, type=event, at=now, case=case, who=who, why=why)
    kept = AuditRow(id=id_, object=case.id, at=now, who=who, action=event, why=why, detail=detail)
    return Moved(case, told, kept)


def effects_of(moved: Moved, expected: int, deliveries: list[Delivery]) -> Effects:
    """What a move writes: the case over the version that was read, its audit row, its event, its deliveries."""
    said = message(Topic.CASES, moved.case.jurisdiction, moved.event.id, moved.event)
    return Effects(messages=[said], changes=[SaveCase(moved.case, expected), moved.audit, *deliveries])


def _stop_all(case: Case, now: datetime) -> tuple[Clock, ...]:
    return tuple(clocks.stop(clock, now) for clock in case.clocks)


def _ack(case: Case, command: Command, now: datetime) -> Case:
    # The report to leaders is made when somebody has taken the case up.
    kept = tuple(clocks.stop(c, now) if c.kind == "internal-report" else c for c in case.clocks)
    return replace(case, owner=command.who, clocks=kept)


def _assign(case: Case, command: Command, now: datetime) -> Case:
    if not command.unit:
        raise Refused("missing_unit", "Say which unit the case is assigned to.")
    return replace(case, unit=command.unit, owner=command.owner or case.owner)


def _level(case: Case, command: Command, now: datetime) -> Case:
    if command.level not in (1, 2, 3, 4):
        raise Refused("bad_level", "A level is 1, 2, 3 or 4.")
    if not command.why.strip():
        raise Refused("missing_reason", "Say why the level is changed.")
    return replace(case, level=command.level, level_set_by=command.who, peak_level=min(case.peak_level, command.level))


def _pause(case: Case, command: Command, now: datetime) -> Case:
    if not command.why.strip():
        raise Refused("missing_reason", "Say why the clock is paused.")
    return _with_clocks(case, command, lambda clock: clocks.pause(clock, command.who, command.why, now))


def _resume(case: Case, command: Command, now: datetime) -> Case:
    return _with_clocks(case, command, lambda clock: clocks.resume(clock, now))


def _with_clocks(case: Case, command: Command, change: Callable[[Clock], Clock]) -> Case:
    if command.clock is not None and command.clock not in {c.kind for c in case.clocks}:
        raise Refused("no_such_clock", f"The case has no clock {command.clock}.")
    mine = tuple(change(c) if command.clock in (None, c.kind) else c for c in case.clocks)
    return replace(case, clocks=mine)


def _answer(case: Case, command: Command, now: datetime) -> Case:
    if not command.text.strip():
        raise Refused("missing_text", "Enter the answer as it was published.")
    return replace(case, answer=command.text, answered_at=now, clocks=_stop_all(case, now))


def _evaluate(case: Case, command: Command, now: datetime) -> Case:
    taken = case.answered_at - case.opened_at if case.answered_at else now - case.opened_at
    found: dict[str, str | int | float] = {
        "hours_to_answer": round(taken.total_seconds() / 3600, 2),
        "clocks_kept": sum(not c.breached for c in case.clocks),
        "clocks": len(case.clocks),
        "heat_at_evaluation": round(case.heat, 2),
        "note": command.text,
    }
    return replace(case, evaluation=found)


def _close(case: Case, command: Command, now: datetime) -> Case:
    return replace(case, clocks=_stop_all(case, now))


def _reopen(case: Case, command: Command, now: datetime) -> Case:
    if not command.why.strip():
        raise Refused("missing_reason", "Say why the case is reopened.")
    return case


_CHANGES: dict[str, Callable[[Case, Command, datetime], Case]] = {
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
