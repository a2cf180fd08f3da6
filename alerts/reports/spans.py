"""Which span a report is on."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

HOURS = {"flash": 3, "daily": 24, "weekly": 24 * 7}
KINDS = (*HOURS, "monthly")
"""Kinds of reports on a span; the one on a case is `case`."""


def span_of(kind: str, at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The span that ends at the last whole hour before `at`; of a monthly report the last whole calendar month.

    Whole hours, because the figures are kept by the hour. Raises `KeyError` for a kind that is none.
    """
    if kind == "monthly":
        first = at.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        before = (first - timedelta(days=1)).replace(day=1)
        return before, first
    until = at.replace(minute=0, second=0, microsecond=0)
    return until - timedelta(hours=HOURS[kind]), until


def whole_hours(since: datetime, until: datetime) -> tuple[datetime, datetime]:
    """The span widened to whole hours."""
    end = until.replace(minute=0, second=0, microsecond=0)
    return since.replace(minute=0, second=0, microsecond=0), end if end == until else end + timedelta(hours=1)
