"""The posts that a signal is about, from the index."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from msgspec.structs import replace

from alerts.absence import WEEK, full_hour, same_hours
from alerts.fields import Search
from alerts.limits import natural
from alerts.policy import Policy, unknown_names
from alerts.signals import Listened, Signal, of_interest
from core.ports import Index, PostQuery
from core.records import AnalysedPost, Crawl

PAGE = 200
SECOND = timedelta(seconds=1)
MOST_POSTS = 5_000
"""The newest posts of a search that a signal looks at: what happens among more than that is heard by narrower searches."""

Span = tuple[datetime, datetime]


class Gathered(NamedTuple):
    """How far posts have come: up to which hour those of each collected source are there, how many wait to be understood."""

    ends: Mapping[str, datetime]
    waiting: int = 0


def gathered(crawls: Iterable[Crawl], waiting: int = 0) -> Gathered:
    """By the last answers of the sources; nobody knows how far that is which others push."""
    return Gathered({one.source: full_hour(one.last_ok_at) for one in crawls if one.last_ok_at is not None}, waiting)


def listened_to(signal: Signal, policy: Policy, index: Index, now: datetime, so_far: Gathered) -> Listened:
    """What the signal is judged by now; of a silence posts of a source up to where they have come, in all weeks alike."""
    window = natural(signal.window)
    if signal.kind == "silence":
        return _compared(signal, policy, index, same_hours(now, window, signal.weeks), so_far)
    return Listened(posts_of(signal, policy, index, now - window - natural(signal.reference), now))


def _compared(signal: Signal, policy: Policy, index: Index, spans: Sequence[Span], so_far: Gathered) -> Listened:
    """The posts of the longest stretch before the end of every span of which all posts are looked at."""
    most = MOST_POSTS // len(spans)
    found = [_newest(signal, policy, index, span, most) for span in spans]
    whole = [until - one.since for (_, until), one in zip(spans, found, strict=True)]
    stretch = max(timedelta(), min(whole))
    (_, end), *_ = spans
    posts = [
        post
        for week, ((_, until), one) in enumerate(zip(spans, found, strict=True))
        for post in one.posts
        if until - stretch <= post.at and post.at + week * WEEK < so_far.ends.get(post.source, end)
    ]
    return Listened(posts, stretch, so_far.waiting)


def posts_of(signal: Signal, policy: Policy, index: Index, since: datetime, until: datetime) -> list[AnalysedPost]:
    """The newest posts of the signal's search since then that are of its area of concern and watch list."""
    return _newest(signal, policy, index, (since, until), MOST_POSTS).posts


class _Newest(NamedTuple):
    """Posts of interest among the newest of a span, and since when none of the span is missing."""

    posts: list[AnalysedPost]
    since: datetime


def _newest(signal: Signal, policy: Policy, index: Index, span: Span, most: int) -> _Newest:
    """No posts where the policy lacks what the signal names: its files, and what people wrote over them, change apart."""
    if any(unknown_names(signal, policy)):
        return _Newest([], span[0])
    query = _query(signal, policy, *span)
    found: list[AnalysedPost] = []
    cursor: str | None = ""
    while cursor is not None and len(found) < most:
        page = index.posts(query)
        found.extend(one.post for one in page.items)
        cursor = page.cursor
        query = replace(query, cursor=cursor)
    is_cut = cursor is not None or len(found) > most
    # An index goes by whole seconds: of the last one that was looked at, posts may be missing.
    since = found[most - 1].at.replace(microsecond=0) + SECOND if is_cut else span[0]
    return _Newest(of_interest(signal, found[:most], policy.concerns, policy.lists), since)


def _query(signal: Signal, policy: Policy, since: datetime, until: datetime) -> PostQuery:
    search = signal.search
    if isinstance(search, str):
        search = next((one for one in policy.searches if one.id == search), Search())
    return PostQuery(
        words=search.words,
        jurisdiction=signal.jurisdiction,
        since=since,
        until=until,
        source=search.source,
        platform=search.platform,
        sentiment=search.sentiment,
        domain=search.domain,
        place=search.place,
        lang=search.lang,
        limit=PAGE,
    )
