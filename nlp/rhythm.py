"""What is usual at an hour of the day: the measure that a busy hour is held against."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median

from msgspec import Struct

from core.ports import Bucket

DAYS = 7
DAY_H = 24
ENOUGH_FOR_A_BAND = 4
"""Days below which the spread of an hour says nothing."""


class UsualHour(Struct, frozen=True, kw_only=True):
    """Posts that an hour usually has: the median of the same hour on the `days` days before (at most seven).

    `low` and `high` are the second lowest and second highest of them, None with fewer than four days. `week_ago` is the
    same hour a week before, None when nothing was collected then.
    """

    at: datetime
    posts: float | None = None
    low: int | None = None
    high: int | None = None
    days: int = 0
    week_ago: int | None = None


def usual(hours: Sequence[Bucket], shown: int) -> list[UsualHour]:
    """The last `shown` of consecutive `hours`, each against the same hour of the seven days before it.

    Hours before the first post that is there were not collected, and do not count.
    """
    first = next((n for n, hour in enumerate(hours) if hour.posts), len(hours))
    return [_usual(hours, place, first) for place in range(max(0, len(hours) - shown), len(hours))]


def _usual(hours: Sequence[Bucket], place: int, first: int) -> UsualHour:
    places = [place - DAY_H * day for day in range(1, DAYS + 1)]
    before = sorted(hours[p].posts for p in places if p >= first)
    band = len(before) >= ENOUGH_FOR_A_BAND
    return UsualHour(
        at=hours[place].at,
        posts=median(before) if before else None,
        low=before[1] if band else None,
        high=before[-2] if band else None,
        days=len(before),
        week_ago=hours[places[-1]].posts if places[-1] >= first else None,
    )


def span_of(shown: int) -> timedelta:
    """How far back `hours` must reach for `usual` to know all that it can."""
    return timedelta(hours=shown + DAYS * DAY_H)
