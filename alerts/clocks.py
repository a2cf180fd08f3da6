"""The clocks of a case: which run, until when, and what a pause, an answer or the passing of time does to them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from alerts.policy import LIMIT, ClockRule
from alerts.workdays import add_workdays
from core.errors import CalendarUnknown
from core.records import Case, Clock, Incident, Pause

ZONE = ZoneInfo("Asia/Shanghai")
"""Working days are China's, wherever the screen is."""


def due(start: datetime, limit: str) -> datetime:
    """When `limit` (`48h`, `7d`, `20wd`) from `start` is over; raises `CalendarUnknown`, or `ValueError` for a bad limit."""
    match = LIMIT.fullmatch(limit)
    if match is None:
        raise ValueError(f"{limit!r} is no limit; write 48h, 7d or 20wd")
    number, unit = int(match[1]), match[2]
    if unit == "wd":
        return add_workdays(start, number, ZONE)
    return start + (timedelta(hours=number) if unit == "h" else timedelta(days=number))


def clocks_for(case: Case, incident: Incident, rules: Iterable[ClockRule]) -> tuple[Clock, ...]:
    """The case's clocks and those that its level, domain and risks start now. A clock that runs is never taken away."""
    running = {clock.kind for clock in case.clocks}
    categories = {hit.category for hit in incident.risk.hits}
    started = [
        _start(rule, case, incident) for rule in rules if rule.kind not in running and _applies(rule, case, categories)
    ]
    return (*case.clocks, *started)


def _applies(rule: ClockRule, case: Case, categories: set[str]) -> bool:
    return (
        case.level in rule.levels
        and (not rule.domains or case.domain in rule.domains)
        and (not rule.risks or bool(categories.intersection(rule.risks)))
        and rule.start in ("occurred", "first_seen")
    )


def _start(rule: ClockRule, case: Case, incident: Incident) -> Clock:
    # The worst case is shown: an incident occurred no later than its first post.
    start = incident.first_at if rule.start == "occurred" else case.opened_at
    try:
        due_at, note = due(start, rule.limit), ""
    except CalendarUnknown as unknown:
        due_at, note = None, str(unknown)
    return Clock(
        kind=rule.kind,
        name=rule.name["zh-Hans"],
        started_at=start,
        start_event=rule.start,
        limit=rule.limit,
        counts="working" if rule.limit.endswith("wd") else "natural",
        source=f"{rule.source} [{rule.grade}]",
        due_at=due_at,
        note=note,
    )


def is_paused(clock: Clock) -> bool:
    """Whether the clock stands still."""
    return any(pause.until is None for pause in clock.pauses)


def pause(clock: Clock, who: str, why: str, now: datetime) -> Clock:
    """The clock standing still from now on; a stopped or paused one stays as it is."""
    if clock.stopped_at is not None or is_paused(clock):
        return clock
    return replace(clock, pauses=(*clock.pauses, Pause(since=now, until=None, who=who, reason=why)))


def resume(clock: Clock, now: datetime) -> Clock:
    """The clock running again; its end moves by the length of the pause (natural), or is counted anew (working days)."""
    if not is_paused(clock):
        return clock
    pauses = tuple(replace(p, until=now) if p.until is None else p for p in clock.pauses)
    if clock.due_at is None:
        return replace(clock, pauses=pauses)
    return replace(clock, pauses=pauses, due_at=clock.due_at + (now - clock.pauses[-1].since))


def stop(clock: Clock, now: datetime) -> Clock:
    """The duty is met."""
    return clock if clock.stopped_at is not None else replace(resume(clock, now), stopped_at=now)


def steps_due(clock: Clock, steps: Iterable[float], now: datetime) -> tuple[float, ...]:
    """The warning steps (shares of the limit) that have passed and were not said yet."""
    if clock.due_at is None or clock.stopped_at is not None or is_paused(clock):
        return ()
    whole = clock.due_at - clock.started_at
    return tuple(s for s in steps if s not in clock.warned and now >= clock.started_at + whole * s)


def is_breached(clock: Clock, now: datetime) -> bool:
    """Whether the clock ran out unmet."""
    return clock.due_at is not None and clock.stopped_at is None and not is_paused(clock) and now >= clock.due_at
