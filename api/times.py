"""Times that callers write."""

from datetime import UTC, datetime

from core.errors import Refused

YEARS = range(1900, 2200)
"""Near the ends of the calendar (0001, 9999) a time cannot be moved to another zone, or a day on."""


def zoned(at: datetime) -> datetime:
    """In UTC. Raises `Refused` for one without a zone (`no_zone`), or far from our days (`bad_time`)."""
    if at.tzinfo is None:
        raise Refused("no_zone", "Write times with their zone: 2026-02-17T08:30:00+08:00.")
    if at.year not in YEARS:
        raise Refused("bad_time", f"A time is of the years {YEARS[0]} to {YEARS[-1]}.")
    return at.astimezone(UTC)


def zoned_if(at: datetime | None) -> datetime | None:
    """The same of a time that may be absent."""
    return None if at is None else zoned(at)


def in_utc(at: datetime | None) -> datetime | None:
    """The same of a time that may be absent, and that is UTC when it says no zone."""
    return zoned_if(at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at)
