"""Who is on duty when: the shifts of a roster, China's working days with 调休, and the covers over them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from alerts.workdays import is_workday
from core.errors import CalendarUnknown, Refused
from core.records import Cover, Roster, Shift

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
KINDS_OF_DAY = ("workday", "dayoff")
LONGEST = timedelta(days=400)
"""No plan is asked for further than that."""


@dataclass(frozen=True, slots=True)
class Stint:
    """A stretch of time in which the same people are on duty.

    `assumed`: the calendar of the year is not published yet, and Monday to Friday were taken for working days.
    """

    since: datetime
    until: datetime
    members: tuple[str, ...]
    shift: str
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of time in which nobody of a unit is on duty."""

    since: datetime
    until: datetime


def check_shift(shift: Shift) -> None:
    """Raises `Refused` for a shift that could never be read."""
    for text in (shift.begin, shift.end):
        _clock(text)
    unknown = sorted(set(shift.days) - {*WEEKDAYS, *KINDS_OF_DAY})
    if unknown:
        raise Refused("bad_day", f"{unknown[0]!r} is no day; these are: {', '.join((*WEEKDAYS, *KINDS_OF_DAY))}.")
    if not shift.members:
        raise Refused("nobody", f"Shift {shift.id} names nobody.")
    if shift.rotate != "together" and shift.since is None:
        raise Refused("no_since", f"Shift {shift.id} takes turns: say from which day on they are counted (since).")


def stints(roster: Roster, since: datetime, until: datetime, zone: ZoneInfo) -> list[Stint]:
    """Who is on duty in [since, until), in order; stints of different shifts may overlap."""
    until = min(until, since + LONGEST)
    days = _days(since.astimezone(zone).date() - timedelta(days=1), until.astimezone(zone).date())
    planned = [stint for day in days for shift in roster.shifts for stint in _on(shift, day, zone)]
    for cover in roster.covers:
        planned = list(_covered(planned, cover))
    cut = (_within(stint, since, until) for stint in planned)
    return sorted((s for s in cut if s is not None), key=lambda s: (s.since, s.until, s.shift))


def on_duty(roster: Roster | None, at: datetime, zone: ZoneInfo) -> tuple[str, ...]:
    """The members on duty at that time, each once."""
    if roster is None:
        return ()
    now = stints(roster, at, at + timedelta(seconds=1), zone)
    return tuple(dict.fromkeys(member for stint in now for member in stint.members))


def gaps(planned: Sequence[Stint], since: datetime, until: datetime, known: set[str]) -> list[Gap]:
    """Where nobody is on duty in [since, until), counting only members that are `known`."""
    manned = sorted((s.since, s.until) for s in planned if known.intersection(s.members))
    found: list[Gap] = []
    reached = since
    for begin, end in manned:
        if begin > reached:
            found.append(Gap(reached, begin))
        reached = max(reached, end)
    return [*found, Gap(reached, until)] if reached < until else found


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _on(shift: Shift, day: date, zone: ZoneInfo) -> Iterator[Stint]:
    """The stint of a shift that begins on that day, if one does."""
    fits, assumed = _fits(shift, day, zone)
    if not fits:
        return
    begin = datetime.combine(day, _clock(shift.begin), zone)
    end = datetime.combine(day, _clock(shift.end), zone)
    if end <= begin:
        end = datetime.combine(day + timedelta(days=1), _clock(shift.end), zone)
    yield Stint(begin, end, _turn(shift, day), shift.id, assumed)


def _fits(shift: Shift, day: date, zone: ZoneInfo) -> tuple[bool, bool]:
    """Whether the shift is on that day, and whether that had to be assumed."""
    if not shift.days or WEEKDAYS[day.weekday()] in shift.days:
        return True, False
    if not set(KINDS_OF_DAY).intersection(shift.days):
        return False, False
    try:
        works, assumed = is_workday(day, datetime.combine(day, time(), zone)), False
    except CalendarUnknown:
        works, assumed = day.weekday() < 5, True
    return ("workday" if works else "dayoff") in shift.days, assumed


def _turn(shift: Shift, day: date) -> tuple[str, ...]:
    if shift.rotate == "together" or shift.since is None:
        return shift.members
    passed = (day - shift.since).days
    turns = passed if shift.rotate == "daily" else passed // 7
    return (shift.members[turns % len(shift.members)],)


def _covered(planned: Iterable[Stint], cover: Cover) -> Iterator[Stint]:
    """The plan with a cover over it: pieces before and after stay, what lies under it is exchanged."""
    for stint in planned:
        begin, end = max(stint.since, cover.since), min(stint.until, cover.until)
        touched = begin < end and (cover.instead_of is None or cover.instead_of in stint.members)
        if not touched:
            yield stint
            continue
        if stint.since < begin:
            yield _cut(stint, stint.since, begin)
        if cover.instead_of is not None:
            others = tuple(m for m in stint.members if m != cover.instead_of)
            yield Stint(begin, end, tuple(dict.fromkeys((*others, *cover.members))), stint.shift, stint.assumed)
        if end < stint.until:
            yield _cut(stint, end, stint.until)
    if cover.instead_of is None and cover.members:
        yield Stint(cover.since, cover.until, cover.members, f"cover:{cover.id}")


def _cut(stint: Stint, since: datetime, until: datetime) -> Stint:
    return Stint(since, until, stint.members, stint.shift, stint.assumed)


def _within(stint: Stint, since: datetime, until: datetime) -> Stint | None:
    begin, end = max(stint.since, since), min(stint.until, until)
    return _cut(stint, begin, end) if begin < end and stint.members else None


def _clock(text: str) -> time:
    """`HH:MM`; 24:00 is the midnight after."""
    try:
        return time() if text == "24:00" else time.fromisoformat(text if len(text) == 5 else "?")
    except ValueError as error:
        raise Refused("bad_time", f"{text!r} is no time of day; write 08:30.") from error


def check_roster(roster: Roster, members: set[str]) -> None:
    """Raises `Refused` when a shift or a cover cannot be, or names somebody who is not of the unit's `members`."""
    for shift in roster.shifts:
        check_shift(shift)
    for cover in roster.covers:
        if cover.until <= cover.since:
            raise Refused("bad_span", f"Cover {cover.id} ends before it begins.")
    ids = [shift.id for shift in roster.shifts] + [cover.id for cover in roster.covers]
    twice = [a for a, b in pairwise(sorted(ids)) if a == b]
    if twice:
        raise Refused("twice", f"{twice[0]} stands in the roster twice.")
    named = {m for shift in roster.shifts for m in shift.members} | {
        m for cover in roster.covers for m in cover.members
    }
    named |= {cover.instead_of for cover in roster.covers if cover.instead_of}
    strangers = sorted(named - members)
    if strangers:
        raise Refused("no_such_member", f"{strangers[0]} is no member of this unit.")


def swapped(roster: Roster, cover: Cover, zone: ZoneInfo) -> Roster:
    """The roster with one more cover; `Refused` when the one who is to be replaced is not on duty in that time."""
    if cover.instead_of is not None:
        there = any(cover.instead_of in s.members for s in stints(roster, cover.since, cover.until, zone))
        if not there:
            raise Refused("not_on_duty", f"{cover.instead_of} is not on duty in that time.")
    return replace(roster, covers=(*roster.covers, cover), version=roster.version + 1)
