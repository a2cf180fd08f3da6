"""Two cases about one matter become one, and that can be undone: clocks, tasks, ticks, units and posts follow both ways.

The case that is merged does nothing itself from then on and keeps what it was; versions of its incident are judged for the
case that took it in.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from msgspec.structs import replace

from alerts.counting import at_level, with_clocks, without_clocks
from alerts.lifecycle import Command, Moved, check, need_reason, record
from alerts.turns import stopped
from core.errors import Refused
from core.records import Before, Case, CaseState, Joined, Own, Task, TaskState, Tick


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
        stopped(other, now),
        state=CaseState.CLOSED,
        merged_into=case.id,
        before=Before(state=other.state, clocks=other.clocks, aside=other.aside),
        updated_at=now,
        version=other.version + 1,
    )
    why = f"{command.why} ({other.id})"
    return (
        record(taken, "case.merged", command.who, why, now),
        record(gone, "case.merged", command.who, f"{command.why} (into {case.id})", now),
    )


def split(case: Case, other: Case, command: Command, now: datetime) -> tuple[Moved, Moved]:
    """Undo a merge, in whatever order: both cases as they would be without it; what was done to tasks meanwhile stays done."""
    need_reason(command, "Say why these are two matters.")
    check(case, "split")
    joined = next((one for one in case.joined if one.case == other.id), None)
    if joined is None or other.merged_into != case.id or other.before is None:
        raise Refused("not_merged", f"{other.id} was not merged into this case.")
    back = _as_it_was(other, other.before, joined, case, now)
    return (
        record(_given_back(case, joined, now), "case.split", command.who, f"{command.why} ({other.id})", now),
        record(back, "case.split", command.who, f"{command.why} (from {case.id})", now),
    )


def _taken_in(case: Case, other: Case, who: str, now: datetime) -> Case:
    level = min(case.level, other.level) if case.level_set_by is None else case.level
    joined = Joined(
        case=other.id,
        incident=other.incident,
        incident_version=other.incident_version,
        at=now,
        who=who,
        level=other.level,
        support=_brought(case, other),
        joined=other.joined,
    )
    tasks = tuple(replace(t, of=other.id) for t in other.tasks if t.state is TaskState.OPEN)
    taken = replace(
        case,
        level=level,
        peak_level=min(case.peak_level, level),
        own=case.own or Own(level=case.level, peak_level=case.peak_level),
        support=tuple(dict.fromkeys((*case.support, *joined.support))),
        tasks=(*case.tasks, *tasks),
        ticks=(*case.ticks, *_ticks_of(other)),
        joined=(*case.joined, joined),
        updated_at=now,
        version=case.version + 1,
    )
    return with_clocks(taken, (replace(clock, of=other.id) for clock in other.clocks))


def _ticks_of(other: Case) -> Iterator[Tick]:
    """The steps that the other case brings, each once: it and a case that it had taken in may both have done one."""
    done = {tick.step: tick for tick in reversed(other.ticks)}
    return (replace(tick, of=other.id) for tick in other.ticks if done[tick.step] is tick)


def _brought(case: Case, other: Case) -> tuple[str, ...]:
    """The units of the other case that this one would not have alone."""
    foreign = {unit for one in case.joined for unit in one.support}
    mine = {case.unit, *case.support} - foreign
    return tuple(unit for unit in dict.fromkeys((other.unit, *other.support)) if unit and unit not in mine)


def _given_back(case: Case, joined: Joined, now: datetime) -> Case:
    """The case with only the others in it; what a person changed meanwhile stays changed, and no level rises by it."""
    left = tuple(one for one in case.joined if one is not joined)
    own = case.own or Own(level=case.level, peak_level=case.peak_level)
    kept = {unit for one in left for unit in one.support}
    kept |= {task.unit for task in case.tasks if task.of is None} | set(case.audiences)
    return replace(
        without_clocks(case, joined.case),
        level=max(case.level, min([own.level, *_levels(left)])),
        peak_level=max(case.peak_level, min([own.peak_level, *_levels(left)])),
        own=own if left else None,
        support=tuple(unit for unit in case.support if unit not in joined.support or unit in kept),
        tasks=tuple(task for task in case.tasks if task.of != joined.case),
        ticks=tuple(tick for tick in case.ticks if tick.of != joined.case),
        joined=left,
        updated_at=now,
        version=case.version + 1,
    )


def _as_it_was(other: Case, before: Before, joined: Joined, case: Case, now: datetime) -> Case:
    """The other case as it was, and as grave as its incident became meanwhile, with the clocks that started for that."""
    kinds = {clock.kind for clock in before.clocks}
    since = (clock for clock in (*case.clocks, *case.aside) if clock.of == other.id and clock.kind not in kinds)
    back = replace(
        other,
        state=before.state,
        clocks=before.clocks,
        aside=before.aside,
        tasks=_tasks_back(case, other),
        joined=joined.joined,
        merged_into=None,
        before=None,
        incident_version=joined.incident_version,
        updated_at=now,
        version=other.version + 1,
    )
    if joined.level < other.level and other.level_set_by is None:
        own = other.own.level if other.own is not None and joined.level >= min(_levels(joined.joined)) else None
        back = at_level(back, joined.level, own)
    return with_clocks(back, (replace(clock, of=None, stopped_at=None) for clock in since))


def _tasks_back(case: Case, other: Case) -> tuple[Task, ...]:
    """The tasks of the other case: those that it brought as they are now, of whichever case they were."""
    now_ = {task.id: task for task in case.tasks if task.of == other.id}
    return tuple(replace(now_.get(task.id, task), of=task.of) for task in other.tasks)


def _levels(joined: Iterable[Joined]) -> list[int]:
    return [one.level for one in joined]
