"""What counts on a case that others were merged into: of each kind one clock, and its own level beside theirs.

A case that took none in has no clocks aside and no level but the one that it has.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from msgspec.structs import replace

from core.records import Case, Clock, Incident, Joined, Own


def alone(case: Case) -> Case:
    """The case at the level that it would have without those that were merged into it."""
    return case if case.own is None else replace(case, level=case.own.level)


def all_joined(joined: Iterable[Joined]) -> Iterator[Joined]:
    """These and all that came with them, however deep."""
    for one in joined:
        yield one
        yield from all_joined(one.joined)


def heard(joined: Iterable[Joined], incident: Incident, level: int) -> tuple[Joined, ...]:
    """These once the case of that incident was found to be of a level: it, and as grave all that it came with."""
    return tuple(_heard(one, incident, level) for one in joined)


def _heard(one: Joined, incident: Incident, level: int) -> Joined:
    if one.incident == incident.id:
        return replace(one, incident_version=incident.version, level=level)
    inner = heard(one.joined, incident, level)
    return one if inner == one.joined else replace(one, joined=inner, level=min(one.level, level))


def at_level(case: Case, level: int, own: int | None = None) -> Case:
    """The case at a level by its own incident or by a person; alone it would have that too, or `own`."""
    kept = case.own
    if kept is not None:
        mine = level if own is None else own
        kept = Own(level=mine, peak_level=min(kept.peak_level, mine))
    return replace(case, level=level, peak_level=min(case.peak_level, level), own=kept)


def changed(case: Case, change: Callable[[Clock], Clock]) -> Case:
    """The case with all its clocks changed; what stands aside stops, pauses and runs on with what counts."""
    return replace(case, clocks=tuple(map(change, case.clocks)), aside=tuple(map(change, case.aside)))


def with_clocks(case: Case, more: Iterable[Clock]) -> Case:
    """The case with further clocks. Of two of a kind that both run the one that ends first counts, else the one that did."""
    counting, aside = {clock.kind: clock for clock in case.clocks}, list(case.aside)
    for clock in more:
        held = counting.get(clock.kind)
        if held is None:
            counting[clock.kind] = clock
        elif _is_stricter(clock, held):
            counting[clock.kind] = clock
            aside.append(held)
        else:
            aside.append(clock)
    return replace(case, clocks=tuple(counting.values()), aside=tuple(aside))


def without_clocks(case: Case, gone: str) -> Case:
    """The case without the clocks that case `gone` brought in; of what stood aside for one the strictest counts again."""
    ranks: dict[str | None, int] = {None: 0} | {one.case: n for n, one in enumerate(case.joined, 1)}

    def laxness(clock: Clock) -> tuple[bool, bool, datetime, int]:
        endless = clock.due_at is None
        return clock.stopped_at is not None, endless, clock.due_at or clock.started_at, ranks.get(clock.of, 0)

    aside = [clock for clock in case.aside if clock.of != gone]
    strictest = {clock.kind: clock for clock in sorted(aside, key=laxness, reverse=True)}
    instead = (strictest.get(clock.kind) if clock.of == gone else clock for clock in case.clocks)
    counting = tuple(clock for clock in instead if clock is not None)
    return replace(case, clocks=counting, aside=tuple(clock for clock in aside if clock not in counting))


def _is_stricter(clock: Clock, held: Clock) -> bool:
    if held.stopped_at is not None or clock.stopped_at is not None or clock.due_at is None:
        return False
    return held.due_at is None or clock.due_at < held.due_at
