"""From where the office hears, and where it is deaf: sources that fell silent, and divisions from which nobody is heard."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from alerts.absence import absence, bar
from core.ports import Count
from core.records import Crawl, Source

WEEKS = 4
"""Weeks whose same hours say what is usual."""
VISITS_MISSED = 3
"""A source whose last good visit is so many intervals ago is failing, whatever the last error said."""

State = Literal["heard", "quiet", "silent", "failing", "waiting"]


class SourceView(Struct, frozen=True, kw_only=True):
    """A source over the span shown. `usual` is what it brought in the same hours of the four weeks before, on the mean (of more
    than a week: in as many hours); None if it is new. `rarity` is -log10 of the chance of so few, in the last week at most, up
    to the last full hour or to that of its last good visit.

    `state`: `heard`; `quiet` (fewer than chance explains); `silent` (nothing, likewise); `failing` (its visits fail);
    `waiting` (nothing, and that is usual). `error` is what the last failed visit said.
    """

    source: str
    name: str
    posts: int
    negative: int
    usual: float | None
    rarity: float
    state: State
    last_ok_at: datetime | None = None
    error: str = ""


def sources_heard(
    now: datetime,
    shown: Sequence[Count],
    usual: Mapping[str, float],
    weeks: Sequence[Mapping[str, int]],
    configured: Sequence[tuple[Source, Crawl]],
    false_a_day: float,
) -> list[SourceView]:
    """Every source that brings posts, brought some in the same hours of the `weeks`, or is collected from; the deaf ones first.

    `usual` is what each brings in such a span, `weeks` what it is judged by: posts now and in the same hours of weeks before.
    """
    counts = {c.value: c for c in shown}
    known = {s.id: (s, crawl) for s, crawl in configured if s.enabled}
    ids = {**counts, **{id_: None for week in weeks for id_ in week}, **known}
    least = bar(false_a_day, len(ids))
    views = []
    for id_ in ids:
        count, one = counts.get(id_) or Count(value=id_, posts=0), known.get(id_)
        found = absence(weeks[0].get(id_, 0), [week.get(id_, 0) for week in weeks[1:]])
        views.append(
            SourceView(
                source=id_,
                name=one[0].name if one else id_,
                posts=count.posts,
                negative=count.negative,
                usual=round(usual[id_], 1) if usual.get(id_) else None,
                rarity=round(found.score, 1),
                state=_state(count.posts, one, now, is_missed=found.score > 0 and found.score >= least),
                last_ok_at=one[1].last_ok_at if one else None,
                error=f"{one[1].ending}: {one[1].detail}" if one and one[1].failures else "",
            )
        )
    order = ("failing", "silent", "quiet", "waiting", "heard")
    return sorted(views, key=lambda v: (order.index(v.state), -v.posts, v.name))


def _state(posts: int, one: tuple[Source, Crawl] | None, now: datetime, *, is_missed: bool) -> State:
    if one is not None and fails(*one, now):
        return "failing"
    if is_missed:
        return "quiet" if posts else "silent"
    return "heard" if posts else "waiting"


def fails(source: Source, crawl: Crawl, now: datetime) -> bool:
    """Whether its last visit failed, or it is long overdue."""
    if crawl.failures:
        return True
    since = crawl.last_ok_at or source.created_at
    return now - since > VISITS_MISSED * timedelta(seconds=max(crawl.pace_s, source.interval_s))
