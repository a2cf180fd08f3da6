"""The passages of a text that carried a decision: what windows gain for a class, gathered into readable runs."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nlp.features import ORDERS, Ints, Windows
from nlp.linear import Floats

CORE = 0.4
EDGE = 0.12
"""A passage has a character that gains at least `CORE` of what its text's strongest does, and none below `EDGE` of it."""
_BREAKS = np.frombuffer(" ,.;:!?。、…~()《》【】“”#/@_\"'".encode("utf-32-le"), np.uint32)

Passages = list[tuple[str, float]]


class _Runs(NamedTuple):
    """Runs of characters within texts: position of the first, how many, and the sum of their gains."""

    begins: Ints
    sizes: Ints
    sums: Floats


class Letters(NamedTuple):
    """Texts laid end to end, as `Windows` has them: `owner[p]` is the text that position p belongs to."""

    read: Sequence[str]
    codes: NDArray[np.uint32]
    owner: Ints

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Letters":
        """The letters of these texts."""
        owner = np.repeat(np.arange(len(texts), dtype=np.int64), [len(text) for text in texts])
        return cls(texts, np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32), owner)


def per_window(seen: Windows, gains: Floats, most: int) -> list[Passages]:
    """`passages` where `gains` is (orders x positions), as `seen.buckets` is: every window's gain is shared out evenly over
    its characters."""
    return passages(Letters(seen.read, seen.codes, seen.owner), per_character(gains), most)


def passages(seen: Letters, gains: Floats, most: int) -> list[Passages]:
    """At most `most` passages of every text with their log-odds, heaviest first; none that speak against the class.

    `gains` has one figure per position.
    """
    if not len(seen.codes):
        return [[] for _ in seen.read]
    found: list[dict[str, float]] = [{} for _ in seen.read]
    runs = _runs(seen, gains)
    owners = seen.owner[runs.begins]
    heaviest = np.lexsort((-runs.sums, owners))
    offsets = runs.begins - np.searchsorted(seen.owner, owners)
    chosen = heaviest[_rank(owners[heaviest]) < most]
    columns = owners[chosen], offsets[chosen], runs.sizes[chosen], runs.sums[chosen]
    for owner, offset, size, gain in zip(*(column.tolist() for column in columns), strict=True):
        weight = round(gain, 3)
        if weight > 0:
            found[owner].setdefault(seen.read[owner][offset : offset + size], weight)
    return [list(passages.items()) for passages in found]


def per_character(gains: Floats) -> Floats:
    """The gain of every position, of (orders x positions): its share of each window that covers it."""
    shared = np.zeros(gains.shape[1], np.float32)
    for order, gain in zip(ORDERS, gains, strict=True):
        for offset in range(min(order, len(gain))):
            shared[offset:] += gain[: len(gain) - offset] / order
    return shared


def _runs(seen: Letters, gain: Floats) -> _Runs:
    """Runs of characters with enough gain, broken at spaces, at punctuation and between texts."""
    first = np.flatnonzero(np.diff(seen.owner, prepend=-1))
    strongest = np.zeros(len(seen.read), np.float32)
    strongest[seen.owner[first]] = np.maximum.reduceat(gain, first)
    # What speaks against is no share of anything; where nothing speaks for, the strongest is no divisor.
    relative = np.maximum(gain, np.float32(0)) / np.maximum(strongest, np.finfo(np.float32).tiny)[seen.owner]
    inside = (relative >= EDGE) & ~np.isin(seen.codes, _BREAKS)
    follows = np.zeros(len(inside), bool)
    follows[1:] = inside[:-1] & (seen.owner[1:] == seen.owner[:-1])
    begins = np.flatnonzero(inside & ~follows)
    if not len(begins):
        return _Runs(begins, begins, gain[:0])
    sizes = np.add.reduceat(inside.astype(np.int64), begins)
    sums = np.add.reduceat(np.where(inside, gain, np.float32(0)), begins)
    strong = np.maximum.reduceat(np.where(inside, relative, np.float32(0)), begins) >= CORE
    return _Runs(begins[strong], sizes[strong], sums[strong])


def _rank(owners: NDArray[np.int64]) -> Ints:
    """How many of the same owner came before, for sorted owners."""
    ranks: Ints = np.arange(len(owners)) - np.searchsorted(owners, owners)
    return ranks
