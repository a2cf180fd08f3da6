"""When the public is quiet again: what would make an incident end, by the level's own figures."""

from datetime import datetime, timedelta
from math import ceil

from msgspec import Struct

from alerts.policy import Level
from core.records import Incident

HOUR = timedelta(hours=1)


class Ending(Struct, frozen=True, kw_only=True):
    """An incident ends once fewer than `fewer_than` posts (copies too) come within `hours`; `recent` came in the last ones.

    `quiet`: it has ended. The hours are counted as whole hours of the clock, the one that has begun and the one that they
    reach back into included.
    """

    fewer_than: int
    hours: float
    recent: int
    quiet: bool


def ending(incident: Incident, level: Level, now: datetime) -> Ending:
    """What would make it end from now on, however many of the posts to come are copies."""
    return Ending(
        fewer_than=_too_many(incident.copies, level),
        hours=level.quiet_hours,
        recent=_recent(incident, level, now),
        quiet=is_quiet(incident, level, now),
    )


def is_quiet(incident: Incident, level: Level, now: datetime) -> bool:
    """Whether fewer than the level's share of its posts, copies too, came in the level's last hours."""
    span = level.quiet_hours * HOUR
    if now - incident.first_at < span:
        return False
    if not incident.series:
        return now - incident.last_at >= span
    recent = _recent(incident, level, now)
    return recent < _too_many(max(0, incident.copies - recent), level)


def _recent(incident: Incident, level: Level, now: datetime) -> int:
    """Posts of the level's last hours."""
    begin = incident.last_at.replace(minute=0, second=0, microsecond=0)
    since = now - level.quiet_hours * HOUR
    hours = enumerate(reversed(incident.series))
    return sum(posts for back, posts in hours if begin - back * HOUR + HOUR > since)


def _too_many(earlier: int, level: Level) -> int:
    """The fewest posts after so many earlier ones that are the level's share of all."""
    share = level.quiet_share
    return max(1, ceil(round(share * earlier / (1 - share), 6)))
