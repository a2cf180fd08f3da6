"""The posts that a signal is about, from the index."""

from datetime import datetime

from msgspec.structs import replace

from alerts.absence import same_hours
from alerts.limits import natural
from alerts.policy import Policy
from alerts.signals import Search, Signal, of_interest
from core.ports import Index, PostQuery
from core.records import AnalysedPost

PAGE = 200
MOST_POSTS = 5_000
"""The newest posts of a search that a signal looks at: what happens among more than that is heard by narrower searches."""


def listened_to(signal: Signal, policy: Policy, index: Index, now: datetime) -> list[AnalysedPost]:
    """The posts by which the signal is judged now; of a silence those of the hours that it compares, as many of each."""
    window = natural(signal.window)
    if signal.kind != "silence":
        return posts_of(signal, policy, index, now - window - natural(signal.reference), now)
    spans = same_hours(now, window, signal.weeks)
    most = MOST_POSTS // len(spans)
    return [post for since, until in spans for post in posts_of(signal, policy, index, since, until, most)]


def posts_of(
    signal: Signal, policy: Policy, index: Index, since: datetime, until: datetime, most: int = MOST_POSTS
) -> list[AnalysedPost]:
    """The newest posts of the signal's search since then that are of its area of concern and watch list."""
    query = _query(signal, policy, since, until)
    found: list[AnalysedPost] = []
    while len(found) < most:
        page = index.posts(query)
        found.extend(one.post for one in page.items)
        if page.cursor is None:
            break
        query = replace(query, cursor=page.cursor)
    return of_interest(signal, found[:most], policy.concerns, policy.lists)


def _query(signal: Signal, policy: Policy, since: datetime, until: datetime) -> PostQuery:
    search = signal.search
    if isinstance(search, str):
        search = next((one for one in policy.searches if one.id == signal.search), Search())
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
