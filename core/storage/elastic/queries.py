"""Our queries in Elasticsearch's language. Everything is a filter: answers come by time or heat, never by score."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.ports import IncidentQuery, PostQuery
from core.storage.words import Phrase, wanted

EQUAL = ("jurisdiction", "source", "platform", "sentiment", "domain", "lang")
MOST_BEGINNINGS = 10_000
"""Words that may stand for a single character at the end of a longer phrase."""
NEWEST_FIRST = [{"at": "desc"}, {"id": "asc"}]
TOP = 12
"""How many values of a dimension the board shows."""
EXACT = 500
"""Values that each shard tells, so that the top of all is right although months are counted apart."""
MOST_SOURCES = 10_000
"""More than an office can have; Elasticsearch answers with 65 536 buckets at most."""

Clause = dict[str, Any]


def posts_filter(query: PostQuery, members: Sequence[str] | None) -> Clause | None:
    """All that a search asks; None when its words ask for nothing. `members` are the posts of its incident."""
    filters: list[Clause] = [{"term": {name: v}} for name in EQUAL if (v := getattr(query, name)) is not None]
    unwanted: list[Clause] = []
    if query.words.strip():
        asked = wanted(query.words)
        if asked is None:
            return None
        filters += [{"bool": {"should": [_phrase(p) for p in group]}} for group in asked.groups]
        unwanted = [_phrase(p) for p in asked.unwanted]
    if query.since or query.until:
        filters.append(between("at", query.since, query.until))
    if query.place is not None:
        filters.append({"prefix": {"places": query.place}})
    if query.fold:
        filters.append({"term": {"copy": False}})
    if members is not None:
        filters.append({"terms": {"id": list(members)}})
    return {"bool": {"filter": filters, "must_not": unwanted}}


def incidents_filter(query: IncidentQuery) -> Clause:
    """Incidents that were not merged, of a jurisdiction, with posts since a time."""
    filters: list[Clause] = [{"term": {"merged": False}}]
    if query.jurisdiction:
        filters.append({"term": {"jurisdiction": query.jurisdiction}})
    if query.since:
        filters.append(between("last", query.since, None))
    return {"bool": {"filter": filters}}


def between(field: str, since: datetime | None, until: datetime | None) -> Clause:
    """A half-open range of times: as strings, for a range takes bare numbers as milliseconds whatever the mapping says."""
    bounds = {"gte": since, "lt": until}
    return {"range": {field: {name: str(int(at.timestamp())) for name, at in bounds.items() if at is not None}}}


def figures(hour_s: int) -> Clause:
    """The board's aggregations, each hour and each value with its sentiments."""
    top = {
        name: {"terms": {"field": field, "size": TOP, "shard_size": EXACT, "order": _MOST_FIRST}, "aggs": _NEGATIVE}
        for name, field in (("domains", "domain"), ("places", "places"), ("sources", "source"))
    }
    return {"hours": by_hour(hour_s), **top}


def sources() -> Clause:
    """Every source with its posts."""
    return {"terms": {"field": "source", "size": MOST_SOURCES, "order": _MOST_FIRST}, "aggs": _NEGATIVE}


def by_hour(hour_s: int) -> Clause:
    """Hours that have posts, each with its sentiments."""
    hours = {"date_histogram": {"field": "at", "fixed_interval": f"{hour_s}s", "min_doc_count": 1}}
    return {**hours, "aggs": {"sentiments": {"terms": {"field": "sentiment"}}}}


def first_of_sources(limit: int) -> Clause:
    """Of the sources that came first, each with its first post."""
    first = {"top_hits": {"size": 1, "sort": [{"at": "asc"}, {"id": "asc"}], "_source": ["body"]}}
    order = [{"earliest": "asc"}, {"_key": "asc"}]
    terms = {"field": "source", "size": limit, "shard_size": EXACT, "order": order}
    return {"terms": terms, "aggs": {"earliest": {"min": {"field": "at"}}, "first": first}}


def within(codes: Sequence[str]) -> Clause:
    """Posts that name a place in each of these divisions."""
    return {"filters": {"filters": {code: {"prefix": {"places": code}} for code in codes}}, "aggs": _NEGATIVE}


_NEGATIVE = {"negative": {"filter": {"term": {"sentiment": "negative"}}}}
_MOST_FIRST = [{"_count": "desc"}, {"_key": "asc"}]


def _phrase(phrase: Phrase) -> Clause:
    text = " ".join(phrase.tokens)
    if not phrase.prefix:
        return {"match_phrase": {"grams": text}}
    if len(phrase.tokens) == 1:
        return {"prefix": {"grams": text}}
    return {"match_phrase_prefix": {"grams": {"query": text, "max_expansions": MOST_BEGINNINGS}}}
