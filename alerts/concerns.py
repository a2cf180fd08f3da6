"""Areas of concern: what an office wants to hear of, said by words, examples, places and matters rather than one keyword.

Something is of an area when it says one of its words or is nearly one of its examples, is of its places and matters (where it
names any), and says none of its exclusions. Every answer has its reason, also a no.
"""

import math
from collections import Counter
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Literal

from msgspec import Struct

from core.records import AnalysedPost, Incident, Reason


class Concern(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An area of concern. `places` are code prefixes; `alike` is how near an example must be (cosine of character pairs)."""

    id: str
    name: dict[str, str]
    source: str
    words: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    alike: float = 0.3


class WatchList(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Values to look out for: `sources`, `words`, `places` (code prefixes) or `authors` (their hashes, as posts have them)."""

    id: str
    name: dict[str, str]
    source: str
    of: Literal["sources", "words", "places", "authors"]
    values: tuple[str, ...]


class Spoken(Struct, frozen=True):
    """What is matched: the text, its places' codes, its domain, its sources, its authors."""

    text: str
    places: tuple[str, ...] = ()
    domain: str = "none"
    sources: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()


def spoken_of(incident: Incident) -> Spoken:
    """What an incident says: its title and terms."""
    text = " ".join([incident.title, *(term.text for term in incident.terms)])
    return Spoken(text, tuple(p.code for p in incident.places), incident.domain, tuple(incident.sources))


def spoken_by(post: AnalysedPost) -> Spoken:
    """What a post says."""
    places = tuple(place.code for place in post.labels.places)
    authors = (post.author,) if post.author else ()
    return Spoken(f"{post.title} {post.text}", places, post.labels.domain.label, (post.source,), authors)


def concerned(concern: Concern, spoken: Spoken) -> tuple[bool, Reason]:
    """Whether it is of the area, and why or why not."""
    facts: dict[str, str | int | float] = {"concern": concern.id}

    def said(holds: bool, code: str, **more: str | float) -> tuple[bool, Reason]:
        return holds, Reason(code=f"concern.{code}", facts={**facts, **more})

    against = _against(concern, spoken)
    if against is not None:
        return said(False, against[0], value=against[1])
    word = _first(concern.words, spoken.text)
    if word:
        return said(True, "word", word=word)
    if not concern.words and not concern.examples:
        return said(True, "matter")
    example, near = nearest(concern.examples, spoken.text)
    if concern.examples and near >= concern.alike:
        return said(True, "example", example=example, alike=round(near, 2))
    return said(False, "not_said", alike=round(near, 2))


def _against(concern: Concern, spoken: Spoken) -> tuple[str, str] | None:
    """What speaks against it whatever is said: an excluded word, another matter, another place."""
    excluded = _first(concern.without, spoken.text)
    if excluded:
        return "excluded", excluded
    if concern.domains and spoken.domain not in concern.domains:
        return "other_domain", spoken.domain
    if concern.places and not _place(concern.places, spoken.places):
        return "other_place", ", ".join(spoken.places[:3])
    return None


def listed(watched: WatchList, spoken: Spoken) -> tuple[bool, Reason]:
    """Whether something of the list occurs, and what."""
    found = {
        "words": lambda: _first(watched.values, spoken.text),
        "places": lambda: _place(watched.values, spoken.places),
        "sources": lambda: _among(watched.values, spoken.sources),
        "authors": lambda: _among(watched.values, spoken.authors),
    }[watched.of]()
    return bool(found), Reason(code="list.found" if found else "list.none", facts={"list": watched.id, "value": found})


def nearest(examples: Sequence[str], text: str) -> tuple[str, float]:
    """The example most like the text, and the cosine of their pairs of characters."""
    if not examples:
        return "", 0.0
    pairs = _pairs(text)
    return max(((one, _cosine(_pairs_of_example(one), pairs)) for one in examples), key=lambda found: found[1])


def _first(words: Sequence[str], text: str) -> str:
    return next((word for word in words if word in text), "")


def _place(prefixes: Sequence[str], codes: Sequence[str]) -> str:
    return next((code for code in codes for prefix in prefixes if code.startswith(prefix)), "")


def _among(values: Collection[str], found: Sequence[str]) -> str:
    return next((one for one in found if one in values), "")


@lru_cache(maxsize=4_096)
def _pairs_of_example(text: str) -> Counter[str]:
    return _pairs(text)


def _pairs(text: str) -> Counter[str]:
    kept = "".join(char for char in text if char.isalnum())
    return Counter(kept[n : n + 2] for n in range(len(kept) - 1))


def _cosine(one: Counter[str], two: Counter[str]) -> float:
    if not one or not two:
        return 0.0
    both = sum(number * two[pair] for pair, number in one.items())
    return both / math.sqrt(sum(n * n for n in one.values()) * sum(n * n for n in two.values()))
