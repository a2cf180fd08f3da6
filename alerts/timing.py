"""What people do to the clocks of a case: those of one kind, or all."""

from collections.abc import Callable
from datetime import datetime

from msgspec.structs import replace

from alerts import clocks
from alerts.counting import changed
from core.errors import IllegalMove, Refused
from core.records import Case, Clock, Extension


def pause(case: Case, kind: str | None, who: str, why: str, now: datetime) -> Case:
    """The case with its clocks of that kind (None: all) standing still."""
    return _need_change(case, changed(case, _of(kind, lambda clock: clocks.pause(clock, who, why, now))), kind)


def resume(case: Case, kind: str | None, now: datetime) -> Case:
    """The case with its clocks of that kind (None: all) running again."""
    return _need_change(case, changed(case, _of(kind, lambda clock: clocks.resume(clock, now))), kind)


def extend(case: Case, kind: str | None, given: Extension, often: int) -> Case:
    """The case with more time on that clock, which may be given `often` times at most."""
    _need_clock(kind)

    def longer(clock: Clock) -> Clock:
        if clock.stopped_at is None and len(clock.extensions) >= often:
            raise Refused("no_extension", f"The clock {clock.kind} can be extended {often} times.")
        return clocks.extend(clock, given)

    try:
        return _counting(case, kind, longer)
    except ValueError as error:
        raise Refused("bad_limit", f"{error}.") from error


def shorten(case: Case, kind: str | None, possible: tuple[str, ...], now: datetime) -> Case:
    """The case without the last extension of that clock; `IllegalMove` with why and what else is possible where it stays."""
    _need_clock(kind)

    def shorter(clock: Clock) -> Clock:
        why = clocks.why_not_shortened(clock, now)
        if why is not None:
            raise IllegalMove(f"The clock {clock.kind} {_SAID[why]}.", possible, why)
        return clocks.shorten(clock)

    return _counting(case, kind, shorter)


_SAID: dict[clocks.Kept, str] = {
    "clock_stopped": "has stopped, so that its extension stays",
    "not_extended": "was not extended",
    "paused_since": "was paused or ran on since it was extended, so that the extension stays",
    "relied_on": "would have run out since it was extended, so that the extension stays",
}


def _need_clock(kind: str | None) -> None:
    """Raises `Refused` when no clock is named."""
    if kind is None:
        raise Refused("no_such_clock", "Say which clock.")


def _counting(case: Case, kind: str | None, change: Callable[[Clock], Clock]) -> Case:
    """The case with the clock that counts changed: time is given to that one alone."""
    return _need_change(case, replace(case, clocks=tuple(map(_of(kind, change), case.clocks))), kind)


def _of(kind: str | None, change: Callable[[Clock], Clock]) -> Callable[[Clock], Clock]:
    return lambda clock: change(clock) if kind in (None, clock.kind) else clock


def _need_change(case: Case, after: Case, kind: str | None) -> Case:
    """The case after a change; raises `Refused` when that changed nothing."""
    if after.clocks == case.clocks:
        raise Refused("no_such_clock", f"The case has no clock {kind or ''} that this could change.")
    return after
