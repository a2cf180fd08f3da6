"""From where the office hears, and where it is deaf: sources that fell silent, and divisions from which nobody is heard."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from core.ports import Count
from core.records import Crawl, Source

QUIET = 0.2
"""Less than this share of its usual posts, and a source is quiet."""
ENOUGH = 5.0
"""Posts a day below which a source that brings none says nothing."""
VISITS_MISSED = 3
"""A source whose last good visit is so many intervals ago is failing, whatever the last error said."""

State = Literal["heard", "quiet", "silent", "failing", "waiting"]


class SourceView(Struct, frozen=True, kw_only=True):
    """A source over the span shown. `usual` is what it brought in such a span over the week before; None if it is new.

    `state`: `heard`; `quiet` (far below its usual); `silent` (nothing, though it usually brings some); `failing` (its visits
    fail); `waiting` (nothing yet). `error` is what the last failed visit said.
    """

    source: str
    name: str
    posts: int
    negative: int
    usual: float | None
    state: State
    last_ok_at: datetime | None = None
    error: str = ""


def sources_heard(
    now: datetime,
    days: float,
    shown: Sequence[Count],
    week: Mapping[str, int],
    configured: Sequence[tuple[Source, Crawl]],
) -> list[SourceView]:
    """Every source that brings posts, brought some over the `week` before, or is collected from; the deaf ones first."""
    counts = {c.value: c for c in shown}
    known = {s.id: (s, crawl) for s, crawl in configured if s.enabled}
    views = []
    for id_ in {**counts, **week, **known}:
        count = counts.get(id_) or Count(value=id_, posts=0)
        usual = week[id_] * days / 7 if id_ in week else None
        one = known.get(id_)
        views.append(
            SourceView(
                source=id_,
                name=one[0].name if one else id_,
                posts=count.posts,
                negative=count.negative,
                usual=None if usual is None else round(usual, 1),
                state=_state(count.posts, usual, days, one, now),
                last_ok_at=one[1].last_ok_at if one else None,
                error=f"{one[1].ending}: {one[1].detail}" if one and one[1].failures else "",
            )
        )
    order = ("failing", "silent", "quiet", "waiting", "heard")
    return sorted(views, key=lambda v: (order.index(v.state), -v.posts, v.name))


def _state(posts: int, usual: float | None, days: float, one: tuple[Source, Crawl] | None, now: datetime) -> State:
    if one is not None and _fails(*one, now):
        return "failing"
    if usual is not None and usual >= ENOUGH * days:
        if posts == 0:
            return "silent"
        if posts < QUIET * usual:
            return "quiet"
    return "heard" if posts else "waiting"


def _fails(source: Source, crawl: Crawl, now: datetime) -> bool:
    if crawl.failures:
        return True
    since = crawl.last_ok_at or source.created_at
    return now - since > VISITS_MISSED * timedelta(seconds=max(crawl.pace_s, source.interval_s))
