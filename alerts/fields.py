"""What signals look at of a post: the value of a field, a figure, and whether it is of a search."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from core.records import AnalysedPost

Field = Literal["source", "platform", "author", "domain", "place", "sentiment", "emotion", "intent", "lang", "word"]
"""What of a post is looked at: `word` is every word of the signal's `values` that it says."""
Measure = Literal["likes", "comments", "shares", "reach", "risk", "negative"]
"""A figure of a post: `reach` is all interactions, `negative` the probability of it."""


class Search(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A saved search: posts with all the words (as in the search box) and with these labels."""

    id: str = ""
    name: dict[str, str] = {}
    words: str = ""
    jurisdiction: str | None = None
    source: str | None = None
    platform: str | None = None
    sentiment: str | None = None
    domain: str | None = None
    place: str | None = None
    lang: str | None = None


def matches(search: Search, post: AnalysedPost) -> bool:
    """Whether a post that was found already is of a narrower search; every word must be in it as it is written."""
    labels = post.labels
    wanted = (
        (search.source, (post.source,)),
        (search.platform, (post.platform,)),
        (search.sentiment, (labels.sentiment.label,)),
        (search.domain, (labels.domain.label,)),
        (search.lang, (post.lang,)),
    )
    if any(value is not None and value not in found for value, found in wanted):
        return False
    if search.place is not None and not any(p.code.startswith(search.place) for p in labels.places):
        return False
    said = f"{post.title} {post.text} {post.search}"
    return all(word in said for word in search.words.split())


def values_of(post: AnalysedPost, field: Field, words: Sequence[str] = ()) -> tuple[str, ...]:
    """The values that a post has of a field; none, one or several."""
    if field == "place":
        return tuple(dict.fromkeys(place.code for place in post.labels.places))
    if field == "word":
        said = f"{post.title} {post.text}"
        return tuple(word for word in words if word in said)
    if field in ("domain", "sentiment", "emotion", "intent"):
        label: str = getattr(post.labels, field).label
        return (label,)
    value = getattr(post, field)
    return (value,) if value else ()


def measured(post: AnalysedPost, measure: Measure) -> float:
    """A figure of a post."""
    if measure == "reach":
        return 1 + post.interactions
    if measure == "risk":
        return post.labels.risk.score
    if measure == "negative":
        return post.labels.sentiment.probs.get("negative", 0.0)
    return float(getattr(post, measure))
