"""Duty rosters as iCalendar (RFC 5545): out for everybody's calendar, in from the one that an office keeps already."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from icalendar import Calendar, Event

from alerts.duty import Stint
from core.clock import derived_id
from core.errors import Refused
from core.records import Cover

PRODUCT = "-//huiying//duty//ZH"
MEMBERS = "x-huiying-members"
"""Ids of the members of a stint, so that our own calendar comes back as it went out."""
MOST_EVENTS = 2_000


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


def read(data: bytes, names: Mapping[str, str], span: tuple[datetime, datetime], zone: ZoneInfo) -> list[Cover]:
    """The covers that a calendar stands for, in the span; recurring events are written out.

    `names` maps members' names to ids: they are looked for in our own property, then in the summary and the attendees.
    Raises `Refused`: `bad_calendar`, `too_many_events`, or `no_such_member` for an event that names none of them.
    """
    try:
        events = list(Calendar.from_ical(data).walk("VEVENT"))
        found = [cover for event in events for cover in _covers(event, names, span, zone)]
    except Refused:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError) as error:
        raise Refused("bad_calendar", f"This is not an iCalendar file that can be read: {error}.") from error
    if len(found) > MOST_EVENTS:
        raise Refused("too_many_events", f"The calendar has more than {MOST_EVENTS} events in that time.")
    return sorted(found, key=lambda cover: (cover.since, cover.id))


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
    local = begin.astimezone(zone).replace(tzinfo=None)
    rule = event["rrule"]
    until = rule.pop("UNTIL", None)
    last = span[1] if until is None else min(span[1], _moment(until[0], zone) + timedelta(seconds=1))
    bounds = [at.astimezone(zone).replace(tzinfo=None) for at in (span[0] - length, last)]
    made = rrulestr(rule.to_ical().decode(), dtstart=local).xafter(bounds[0], count=MOST_EVENTS + 1, inc=True)
    left_out = {_moment(one.dt, zone) for group in _listed(event.get("exdate")) for one in group.dts}
    found = [at.replace(tzinfo=zone) for at in _until(made, bounds[1])]
    return [at for at in found if at not in left_out]


def _until(made: Any, last: datetime) -> Iterator[datetime]:
    for at in made:
        if at >= last:
            return
        yield at


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
