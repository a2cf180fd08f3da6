"""Two cases about one matter become one, and that can be undone: clocks, tasks, ticks, units and posts follow both ways.

The case that is merged does nothing itself from then on and keeps what it was; versions of its incident are judged for the
case that took it in.
"""

from datetime import datetime

from msgspec.structs import replace

from alerts import clocks
from alerts.lifecycle import UNANSWERED, Command, Moved, check, need_reason, record
from alerts.turns import stopped
from core.errors import Refused
from core.records import Before, Case, CaseState, Clock, Joined, Task, TaskState


def merge(case: Case, other: Case, command: Command, now: datetime) -> tuple[Moved, Moved]:
    """`case` with what `other` brings, and `other` merged into it.

    Of two clocks of a kind that both run the one that ends first counts; a duty that `case` has met stays met. The graver
    level holds, unless a person set one. Raises `IllegalMove` for what either cannot do, `Refused` for what makes no sense.
    """
    need_reason(command, "Say why these are one matter.")
    if case.id == other.id:
        raise Refused("same_case", "A case cannot be merged into itself.")
    if case.jurisdiction != other.jurisdiction:
        raise Refused("other_jurisdiction", "Cases of two jurisdictions cannot be merged: give each its task.")
    check(case, "merge")
    check(other, "merge")
    taken = _taken_in(case, other, command.who, now)
    gone = replace(
        other,
        state=CaseState.CLOSED,
        merged_into=case.id,
        before=Before(state=other.state, clocks=other.clocks),
        clocks=stopped(other, now),
        updated_at=now,
        version=other.version + 1,
    )
    why = f"{command.why} ({other.id})"
    return (
        record(taken, "case.merged", command.who, why, now),
        record(gone, "case.merged", command.who, f"{command.why} (into {case.id})", now),
    )


def split(case: Case, other: Case, command: Command, now: datetime) -> tuple[Moved, Moved]:
    """Undo a merge: both cases as they would be without it; what was done to tasks meanwhile stays done."""
    need_reason(command, "Say why these are two matters.")
    check(case, "split")
    joined = next((one for one in case.joined if one.case == other.id), None)
    if joined is None or other.merged_into != case.id or other.before is None:
        raise Refused("not_merged", f"{other.id} was not merged into this case.")
    back = replace(
        other,
        state=other.before.state,
        clocks=other.before.clocks,
        tasks=_tasks_back(case, other),
        merged_into=None,
        before=None,
        incident_version=joined.incident_version,
        updated_at=now,
        version=other.version + 1,
    )
    return (
        record(_given_back(case, joined, now), "case.split", command.who, f"{command.why} ({other.id})", now),
        record(back, "case.split", command.who, f"{command.why} (from {case.id})", now),
    )


def _taken_in(case: Case, other: Case, who: str, now: datetime) -> Case:
    kept, aside = _stricter(case, other)
    level = min(case.level, other.level) if case.level_set_by is None else case.level
    here = (case.unit, *case.support)
    brought = tuple(unit for unit in dict.fromkeys((other.unit, *other.support)) if unit and unit not in here)
    joined = Joined(
        case=other.id,
        incident=other.incident,
        incident_version=other.incident_version,
        at=now,
        who=who,
        level=case.level,
        peak_level=case.peak_level,
        clocks=aside,
        support=brought,
    )
    tasks = tuple(replace(t, of=other.id) for t in other.tasks if t.state is TaskState.OPEN)
    done = {tick.step for tick in case.ticks}
    ticks = tuple(replace(tick, of=other.id) for tick in other.ticks if tick.step not in done)
    return replace(
        case,
        level=level,
        peak_level=min(case.peak_level, level),
        support=(*case.support, *brought),
        clocks=kept,
        tasks=(*case.tasks, *tasks),
        ticks=(*case.ticks, *ticks),
        joined=(*case.joined, joined),
        updated_at=now,
        version=case.version + 1,
    )


def _stricter(case: Case, other: Case) -> tuple[tuple[Clock, ...], tuple[Clock, ...]]:
    """The clocks of both as one set, and those of `case` that stricter ones of `other` stand for."""
    mine = {clock.kind: clock for clock in case.clocks}
    kept, aside = dict(mine), []
    for clock in other.clocks:
        held = mine.get(clock.kind)
        if held is None:
            kept[clock.kind] = replace(clock, of=other.id)
        elif _is_stricter(clock, held):
            kept[clock.kind] = replace(clock, of=other.id)
            aside.append(held)
    return tuple(kept.values()), tuple(aside)


def _is_stricter(clock: Clock, held: Clock) -> bool:
    if held.stopped_at is not None or clock.stopped_at is not None or clock.due_at is None:
        return False
    return held.due_at is None or clock.due_at < held.due_at


def _given_back(case: Case, joined: Joined, now: datetime) -> Case:
    """The case without what the other brought; a level or unit that a person changed meanwhile stays changed."""
    aside = {clock.kind: clock for clock in joined.clocks}
    if case.state not in UNANSWERED:
        aside = {kind: clocks.stop(clock, now) for kind, clock in aside.items()}
    mine = tuple(
        aside.get(clock.kind, clock) for clock in case.clocks if clock.of != joined.case or clock.kind in aside
    )
    held = case.level_set_by is not None
    return replace(
        case,
        level=case.level if held else joined.level,
        peak_level=case.peak_level if held else joined.peak_level,
        support=tuple(unit for unit in case.support if unit not in joined.support),
        clocks=mine,
        tasks=tuple(task for task in case.tasks if task.of != joined.case),
        ticks=tuple(tick for tick in case.ticks if tick.of != joined.case),
        joined=tuple(one for one in case.joined if one is not joined),
        updated_at=now,
        version=case.version + 1,
    )


def _tasks_back(case: Case, other: Case) -> tuple[Task, ...]:
    """The tasks of the other case: those that it brought as they are now, of whichever case they were."""
    now_ = {task.id: task for task in case.tasks if task.of == other.id}
    return tuple(replace(now_.get(task.id, task), of=task.of) for task in other.tasks)
