"""Posts over time, in as many columns as a screen can show."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from core.ports import Bucket

MOST_HOURS = 72
"""Over more hours than these, columns are days."""


class Histogram(Struct, frozen=True, kw_only=True):
    """`posts` is how many there are in all; `step` says what a column is."""

    step: Literal["hour", "day"]
    posts: int
    buckets: list[Bucket]


def histogram_of(hours: Sequence[Bucket], zone: ZoneInfo) -> Histogram:
    """Hours as they are, or added up to days of the office's zone."""
    total = sum(bucket.posts for bucket in hours)
    if not hours or hours[-1].at - hours[0].at < timedelta(hours=MOST_HOURS):
        return Histogram(step="hour", posts=total, buckets=list(hours))
    days: dict[datetime, list[Bucket]] = {}
    for bucket in hours:
        days.setdefault(bucket.at.astimezone(zone).replace(hour=0), []).append(bucket)
    return Histogram(step="day", posts=total, buckets=[_added(day, some) for day, some in days.items()])


def _added(at: datetime, some: Sequence[Bucket]) -> Bucket:
    return Bucket(
        at=at,
        posts=sum(b.posts for b in some),
        negative=sum(b.negative for b in some),
        neutral=sum(b.neutral for b in some),
        positive=sum(b.positive for b in some),
    )
