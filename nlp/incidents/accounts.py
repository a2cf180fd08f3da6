"""What a cluster holds of its posts beside plain numbers."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from msgspec import Struct

from core.records import Passing
from nlp.labels import DANGER
from nlp.risk import any_of

COUNTED = 16
"""Values of a kind that are counted at most."""


class Where(NamedTuple):
    """Codes of the places, and names of the spots, that something is about."""

    codes: Collection[str] = ()
    spots: Collection[str] = ()


class Exemplar(Struct, array_like=True):
    """A post kept to speak for the cluster: its most telling sentence, and how close it was to the centroid (cosine)."""

    id: str
    sentence: str
    closeness: float


class RiskCount(Struct, array_like=True):
    """A risk category: the heaviest word met, its weight, the distinct posts that hold a word of it, and whether it is one of
    danger to life or limb."""

    word: str
    weight: float
    posts: int
    danger: bool = False


def together(risks: Mapping[str, RiskCount]) -> float:
    """Risk of several categories, as in `core.records.Risk`. A danger that some posts name and others do not is one danger."""
    dangers = {name: risk.weight for name, risk in risks.items() if risk.danger}
    unnamed = dangers.pop(DANGER, 0.0)
    others = [risk.weight for risk in risks.values() if not risk.danger]
    return any_of([max(unnamed, any_of(dangers.values())), *others])


class Passed(Struct, array_like=True):
    """As `core.records.Passage`."""

    kind: Passing
    other: str
    posts: int
    at: float


def named(counts: dict[str, int]) -> int:
    """How many of those counted have a value."""
    return sum(posts for value, posts in counts.items() if value != "none")


def add(counts: dict[str, int], value: str, posts: int = 1) -> None:
    """Count more of a value, of at most `COUNTED` values."""
    if value in counts or len(counts) < COUNTED:
        counts[value] = counts.get(value, 0) + posts
