"""Duty rosters as iCalendar (RFC 5545): out for everybody's calendar, in from the one that an office keeps already.

What is read may have been written by anybody, so that no rule in it is followed further than a roster needs.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import MAXYEAR, date, datetime, time, timedelta
from itertools import islice
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from icalendar import Calendar, Event
from icalendar.parser import Contentline, Contentlines

from alerts.duty import Stint
from core.clock import derived_id
from core.errors import Refused
from core.records import Cover

PRODUCT = "-//huiying//duty//ZH"
MEMBERS = "x-huiying-members"
"""Ids of the members of a stint, so that our own calendar comes back as it went out."""
MOST_EVENTS = 2_000
MOST_VALUES = 100
"""Values that a rule may list: all months, days of a month and of a week are fifty."""
PATIENCE_S = 20.0
EPOCH = 400
"""Years after which the calendar repeats, its weekdays too."""


def written(planned: Sequence[Stint], names: Mapping[str, str], title: str, now: datetime) -> bytes:
    """The calendar of a plan: an event per stint, whose id stays the same while its shift and begin do."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", title)
    for stint in planned:
        event = Event()
        event.add("uid", f"{derived_id('duty', title, stint.shift, stint.since.isoformat())}@huiying")
        event.add("dtstamp", now)
        event.add("dtstart", stint.since.astimezone(now.tzinfo))
        event.add("dtend", stint.until.astimezone(now.tzinfo))
        event.add("summary", "、".join(names.get(member, member) for member in stint.members))
        event.add(MEMBERS, ",".join(stint.members))
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def read(
    data: bytes,
    names: Mapping[str, str],
    span: tuple[datetime, datetime],
    zone: ZoneInfo,
    clock: Callable[[], float] = monotonic,
) -> list[Cover]:
    """The covers that a calendar stands for, in the span; recurring events are written out. It may take `PATIENCE_S`.

    `names` maps members' names to ids: they are looked for in our own property, then in the summary and the attendees.
    A time whose zone has no known name is the office's. Raises `Refused`: `bad_calendar`, `too_often` for an event that
    repeats within a day, `too_many_events`, or `no_such_member` for an event that names none of them.
    """
    try:
        events = Calendar.from_ical(_without_zones(data)).walk("VEVENT")
        found = list(islice(_all_covers(events, names, span, zone, clock), MOST_EVENTS + 1))
    except Refused:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError) as error:
        raise Refused("bad_calendar", f"This is not an iCalendar file that can be read: {error}.") from error
    if len(found) > MOST_EVENTS:
        raise Refused("too_many_events", f"The calendar has more than {MOST_EVENTS} events in that time.")
    return sorted(found, key=lambda cover: (cover.since, cover.id))


def _without_zones(data: bytes) -> Any:  # the library takes lines too, though its types do not say so
    """The lines of the file without its own definitions of time zones.

    These have rules too, which are followed anew for every time in the zone; and the library keeps them for all later files.
    """
    kept = Contentlines()
    within = False
    for line in filter(None, Contentlines.from_ical(data)):  # type: ignore[no-untyped-call]  # it has no types
        edge = _edge(line)
        within = within or edge == ("BEGIN", "VTIMEZONE")
        if not within:
            kept.append(line)
        within = within and edge != ("END", "VTIMEZONE")
    return kept


def _edge(line: Contentline) -> tuple[str, str]:
    """What the line begins or ends, if it does."""
    try:
        name, _, value = line.parts()
    except ValueError:  # the library decides whether a broken line matters
        return "", ""
    return name.upper(), value.upper()


def _all_covers(
    events: Sequence[Any],
    names: Mapping[str, str],
    span: tuple[datetime, datetime],
    zone: ZoneInfo,
    clock: Callable[[], float],
) -> Iterator[Cover]:
    give_up = clock() + PATIENCE_S
    for event in events:
        if clock() > give_up:
            raise Refused("too_many_events", f"The calendar's events are not read within {PATIENCE_S:g} seconds.")
        yield from _covers(event, names, span, zone)


def _covers(event: Any, names: Mapping[str, str], span: tuple[datetime, datetime], zone: ZoneInfo) -> Iterator[Cover]:
    begin = _moment(event["dtstart"].dt, zone)
    length = _length(event, begin, zone)
    members: tuple[str, ...] = ()
    for at in _beginnings(event, begin, span, length, zone):
        if not (at < span[1] and at + length > span[0]):
            continue
        members = members or _members(event, names)
        id_ = "i" + derived_id("ical", str(event.get("uid", "")), at.isoformat())[:15]
        yield Cover(id=id_, since=at, until=at + length, members=members, kind="import")


def _beginnings(
    event: Any, begin: datetime, span: tuple[datetime, datetime], length: timedelta, zone: ZoneInfo
) -> list[datetime]:
    """When the event begins: once, or by its rule, in local time, so that a daily shift stays at its hour."""
    if "rrule" not in event:
        return [begin]
    rule = event["rrule"]
    _check_rule(rule)
    until = rule.pop("UNTIL", None)
    last = span[1] if until is None else min(span[1], _moment(until[0], zone) + timedelta(seconds=1))
    local = [at.astimezone(zone).replace(tzinfo=None) for at in (begin, span[0] - length, last)]
    left_out = {_moment(one.dt, zone) for group in _listed(event.get("exdate")) for one in group.dts}
    found = [at.replace(tzinfo=zone) for at in _times(rule.to_ical().decode(), *local)]
    return [at for at in found if at not in left_out]


def _check_rule(rule: Any) -> None:
    """Refuses what no roster means: days are the finest step of a rule, and it goes forward."""
    within_a_day = any(len(rule.get(part, ())) > 1 for part in ("BYHOUR", "BYMINUTE", "BYSECOND"))
    if within_a_day or {"HOURLY", "MINUTELY", "SECONDLY"}.intersection(rule["FREQ"]):
        raise Refused("too_often", "An event repeats within a day: a roster takes events that come once a day at most.")
    if min(rule.get("INTERVAL", [1])) < 1 or sum(map(len, rule.values())) > MOST_VALUES:
        raise ValueError("the rule of an event cannot be meant")


def _times(rule: str, begin: datetime, since: datetime, until: datetime) -> Iterator[datetime]:
    """When a rule that begins then comes true in the span.

    One that never does is followed until the calendar ends with the year 9999. So all is moved there by whole epochs, after
    which dates and weekdays are the same: some hundred years are followed instead of eight thousand.
    """
    if until <= max(begin, since):
        return
    later = (MAXYEAR - until.year) // EPOCH * EPOCH
    for at in rrulestr(rule, dtstart=_moved(begin, later)).xafter(_moved(since, later), inc=True):
        if at >= _moved(until, later):
            return
        yield _moved(at, -later)


def _moved(at: datetime, years: int) -> datetime:
    return at.replace(year=at.year + years)


def _listed(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


def _length(event: Any, begin: datetime, zone: ZoneInfo) -> timedelta:
    if "dtend" in event:
        length = _moment(event["dtend"].dt, zone) - begin
    elif "duration" in event:
        length = event["duration"].dt
    else:
        length = timedelta(days=1)
    if not timedelta() < length <= timedelta(days=31):
        raise Refused("bad_calendar", f"The event of {begin:%Y-%m-%d} ends before it begins, or lasts over a month.")
    return length


def _moment(value: date | datetime, zone: ZoneInfo) -> datetime:
    """A whole day begins at midnight, and a time without a zone is the office's."""
    if not isinstance(value, datetime):
        return datetime.combine(value, time(), zone)
    return value if value.tzinfo is not None else value.replace(tzinfo=zone)


def _members(event: Any, names: Mapping[str, str]) -> tuple[str, ...]:
    own = [one for one in str(event.get(MEMBERS, "")).replace("\\,", ",").split(",") if one in names.values()]
    if own:
        return tuple(own)
    said = " ".join([str(event.get("summary", "")), *(_attendee(one) for one in _listed(event.get("attendee")))])
    found = [id_ for name, id_ in names.items() if name and name in said]
    if not found:
        raise Refused("no_such_member", f"“{said[:60]}” names no member of this unit.")
    return tuple(found)


def _attendee(value: Any) -> str:
    return str(value.params.get("CN", "")) if hasattr(value, "params") else str(value)
