"""The clocks of a case: which run, until when, and what a pause, an answer or the passing of time does to them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from alerts.counting import alone, with_clocks
from alerts.limits import natural, parsed, workdays
from alerts.policy import ClockRule
from alerts.workdays import add_workdays, workdays_between
from core.errors import CalendarUnknown
from core.records import Case, Clock, Extension, Incident, Pause

ZONE = ZoneInfo("Asia/Shanghai")
"""Working days are China's, wherever the screen is."""

Kept = Literal["clock_stopped", "not_extended", "paused_since", "relied_on"]
"""Why the last extension of a clock is not taken back; see `why_not_shortened`."""

STRAY = timedelta(hours=24)
"""A first post so long before the incident was raised is a stray one (an old grumble that the happening was later grouped
with), not the occurrence: counted from it, a limit would be over before anybody could know."""


def due(start: datetime, limit: str, pauses: Sequence[Pause] = (), more: Iterable[str] = ()) -> datetime:
    """When `limit` (`48h`, `7d`, `20wd`) from `start`, extended by each of `more`, is over, with ended pauses not counted.

    A pause moves a natural limit by its length, a working-day limit by the working days in it (the day it begins on does
    not count, as with a limit). Raises `CalendarUnknown`, or `ValueError` for what is no limit, or one of another kind.
    """
    number, unit = parsed(limit)
    over = [(pause.since, pause.until) for pause in pauses if pause.until is not None]
    if unit == "wd":
        still = sum(workdays_between(since, until, ZONE) for since, until in over)
        return add_workdays(start, number + still + sum(workdays(one) for one in more), ZONE)
    length = sum((natural(one) for one in more), natural(limit))
    return start + length + sum((until - since for since, until in over), timedelta())


def _is_longer(limit: str, than: str) -> bool:
    if than.endswith("wd"):
        return workdays(limit) > workdays(than)
    return natural(limit) > natural(than)


def started(
    case: Case,
    incident: Incident,
    rules: Sequence[ClockRule],
    begins: Mapping[str, datetime] | None = None,
    of: str | None = None,
) -> Case:
    """The case with the clocks that its level, domain and risks start now. A clock that runs is never taken away.

    `begins` says when that happened which clocks start at; without it, when the incident occurred and was first seen. `of` is
    the case merged into this one whose incident that is. A kind that only such a case brought starts here too as soon as
    this one would have it alone.
    """
    begins = begins or {"occurred": occurred_at(incident), "first_seen": case.opened_at}
    counting = {clock.kind for clock in case.clocks}
    mine = {clock.kind for clock in (*case.clocks, *case.aside) if clock.of is None}

    def starts(rule: ClockRule) -> bool:
        if rule.kind not in counting:
            return rule.fits(case, incident)
        return of is None and rule.kind not in mine and rule.fits(alone(case), incident)

    begun = (_start(rule, begins[rule.start]) for rule in rules if rule.start in begins and starts(rule))
    return with_clocks(case, (replace(clock, of=of) for clock in begun))


def occurred_at(incident: Incident) -> datetime:
    """When the happening happened, at the worst: at its first post; when it was raised, if the first post is a stray one."""
    return incident.raised_at if incident.raised_at - incident.first_at > STRAY else incident.first_at


def _start(rule: ClockRule, start: datetime) -> Clock:
    return counted(
        Clock(
            kind=rule.kind,
            name=rule.name["zh-Hans"],
            started_at=start,
            start_event=rule.start,
            limit=rule.limit,
            counts="working" if rule.limit.endswith("wd") else "natural",
            source=f"{rule.source} [{rule.grade}]",
            due_at=None,
        )
    )


def counted(clock: Clock) -> Clock:
    """The clock with its end as its limit and pauses say; without one, and with a note, while a calendar is not published."""
    try:
        more = [one.by for one in clock.extensions]
        return replace(clock, due_at=due(clock.started_at, clock.limit, clock.pauses, more), note="")
    except CalendarUnknown as unknown:
        return replace(clock, due_at=None, note=str(unknown))


def is_paused(clock: Clock) -> bool:
    """Whether the clock stands still."""
    return clock.stopped_at is None and any(pause.until is None for pause in clock.pauses)


def is_running(clock: Clock) -> bool:
    """Whether time counts against the clock."""
    return clock.stopped_at is None and not is_paused(clock)


def pause(clock: Clock, who: str, why: str, now: datetime) -> Clock:
    """The clock standing still from now on; a stopped or paused one stays as it is."""
    if not is_running(clock):
        return clock
    return replace(clock, pauses=(*clock.pauses, Pause(since=now, until=None, who=who, reason=why)))


def resume(clock: Clock, now: datetime) -> Clock:
    """The clock running again, its end moved by the pause; one that is not paused stays as it is."""
    if not is_paused(clock):
        return clock
    pauses = tuple(replace(p, until=max(now, p.since)) if p.until is None else p for p in clock.pauses)
    return counted(replace(clock, pauses=pauses))


def extend(clock: Clock, more: Extension) -> Clock:
    """The clock with more time; steps and a breach that lie ahead again will be told again.

    A stopped one stays as it is. Raises `ValueError` for what is no limit of the clock's own kind, or longer than its own.
    """
    if clock.stopped_at is not None:
        return clock
    if _is_longer(more.by, clock.limit):
        raise ValueError(f"a clock of {clock.limit} is not extended by more than that again")
    given = replace(more, warned=clock.warned, breached=clock.breached)
    longer = counted(replace(clock, extensions=(*clock.extensions, given)))
    return replace(longer, warned=(), breached=is_breached(longer, more.at))


def why_not_shortened(clock: Clock, now: datetime) -> Kept | None:
    """Why the clock's last extension stays; None where it can be taken back.

    It stays once something was built upon it: the duty was met, the clock was paused or ran on since, or it would have run
    out since, so that taking the extension back would break a limit that people kept.
    """
    if clock.stopped_at is not None:
        return "clock_stopped"
    if not clock.extensions:
        return "not_extended"
    given_at = clock.extensions[-1].at
    if any(pause.since > given_at or (pause.until is not None and pause.until > given_at) for pause in clock.pauses):
        return "paused_since"
    before = _without_last(clock)
    return "relied_on" if is_breached(before, now) and not is_breached(before, given_at) else None


def shorten(clock: Clock) -> Clock:
    """The clock without its last extension: as it was, and with the steps that were told since."""
    last = clock.extensions[-1]
    warned = tuple(dict.fromkeys((*last.warned, *clock.warned)))
    return replace(_without_last(clock), warned=warned, breached=last.breached)


def _without_last(clock: Clock) -> Clock:
    return counted(replace(clock, extensions=clock.extensions[:-1]))


def again(clock: Clock, now: datetime) -> Clock:
    """The same limit anew from now on, for a case that is opened again; how it went the first time is in the audit."""
    if clock.stopped_at is None:
        return clock
    try:
        due_at, note = due(now, clock.limit), ""
    except CalendarUnknown as unknown:
        due_at, note = None, str(unknown)
    return replace(
        clock,
        started_at=now,
        due_at=due_at,
        note=note,
        pauses=(),
        extensions=(),
        stopped_at=None,
        warned=(),
        breached=False,
    )


def stop(clock: Clock, now: datetime) -> Clock:
    """The duty is met."""
    return clock if clock.stopped_at is not None else replace(resume(clock, now), stopped_at=now)


def steps_due(clock: Clock, steps: Iterable[float], now: datetime) -> tuple[float, ...]:
    """The warning steps (shares of the limit) that have passed and were not said yet; pauses are no part of the limit."""
    if clock.due_at is None or not is_running(clock):
        return ()
    paused = sum((p.until - p.since for p in clock.pauses if p.until is not None), timedelta())
    left, whole = clock.due_at - now, clock.due_at - clock.started_at - paused
    return tuple(step for step in steps if step not in clock.warned and left <= whole * (1 - step))


def is_breached(clock: Clock, now: datetime) -> bool:
    """Whether the clock ran out unmet."""
    return clock.due_at is not None and is_running(clock) and now >= clock.due_at
