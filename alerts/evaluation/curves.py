"""What was said hour by hour before and after an answer."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import log1p

from msgspec import Struct

from core.records import AnalysedPost

HOUR = timedelta(hours=1)
MOST_HOURS = 24 * 30
"""Curves are no longer than a month: what is older is of another happening, or nobody looks at it by the hour."""
RUMOUR = "rumour"
"""The category of the risk table that tells of rumours."""


class Point(Struct, frozen=True, kw_only=True):
    """An hour: all posts, how many of them negative and how many that tell a rumour, and their heat.

    Heat is the sum of 1 + ln(1 + likes + comments + shares): what was said that hour, by how far it went.
    """

    at: datetime
    posts: int
    negative: int
    rumours: int
    heat: float


class Span(Struct, frozen=True, kw_only=True):
    """The hours on one side of the answer: how many, posts an hour, heat an hour, and the shares (null without posts)."""

    hours: int
    posts_an_hour: float
    heat_an_hour: float
    negative_share: float | None
    rumour_share: float | None


def curve(posts: Sequence[AnalysedPost], until: datetime) -> list[Point]:
    """Whole hours from that of the first post to the last that was over at `until`; hours without a post are zero."""
    if not posts:
        return []
    end = _hour(until)
    begin = max(min(_hour(post.at) for post in posts), end - MOST_HOURS * HOUR)
    size = max(0, (end - begin) // HOUR)
    counts = [[0, 0, 0] for _ in range(size)]
    heat = [0.0] * size
    for post in posts:
        n = (post.at - begin) // HOUR
        if 0 <= n < size:
            counts[n][0] += 1
            counts[n][1] += post.labels.sentiment.answer == "negative"
            counts[n][2] += any(hit.category == RUMOUR for hit in post.labels.risk.hits)
            heat[n] += 1 + log1p(post.interactions)
    return [
        Point(at=begin + n * HOUR, posts=all_, negative=bad, rumours=told, heat=round(heat[n], 2))
        for n, (all_, bad, told) in enumerate(counts)
    ]


def around(points: Sequence[Point], answered_at: datetime) -> tuple[Span, Span]:
    """The hours before the one of the answer, and those after it; that hour itself is of neither."""
    hour = _hour(answered_at)
    return _span([p for p in points if p.at < hour]), _span([p for p in points if p.at > hour])


def _span(points: Sequence[Point]) -> Span:
    posts, hours = sum(p.posts for p in points), len(points)
    return Span(
        hours=hours,
        posts_an_hour=round(posts / hours, 3) if hours else 0.0,
        heat_an_hour=round(sum(p.heat for p in points) / hours, 3) if hours else 0.0,
        negative_share=round(sum(p.negative for p in points) / posts, 4) if posts else None,
        rumour_share=round(sum(p.rumours for p in points) / posts, 4) if posts else None,
    )


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
