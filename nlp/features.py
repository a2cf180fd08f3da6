"""Hashed character n-grams of many texts at once.

A text's features are the distinct buckets of its 1-, 2- and 3-character windows. All texts of a batch are laid out in one
array of code points and hashed by multiplication and addition over the whole array: no loop over characters. Training and
serving call the same function, so a bucket means the same in both.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

BITS = 18
BUCKETS = 1 << BITS
LONGEST = 600
"""Letters that are read of a text: the first 450 and the last 150; letters to the mayor say what they want at an end."""
HEAD = 450
ORDERS = (1, 2, 3)

_MULTIPLIERS = (np.uint32(0x9E3779B1), np.uint32(0x85EBCA77), np.uint32(0xC2B2AE3D))
_SEEDS = (np.uint32(0x27220A95), np.uint32(0x165667B1), np.uint32(0x2545F491))

Ints = NDArray[np.int64]


class Grams(NamedTuple):
    """The distinct buckets of each text of a batch: those of text i are `buckets[starts[i]:starts[i + 1]]`, sorted."""

    buckets: Ints
    starts: Ints


def clip(text: str) -> str:
    """What is read of a text."""
    return text if len(text) <= LONGEST else text[:HEAD] + " " + text[HEAD - LONGEST + 1 :]


def grams(texts: Sequence[str]) -> Grams:
    """The distinct buckets of every text, none for an empty one."""
    codes, owner = _layout(texts)
    return _grouped(np.concatenate([_keys(codes, owner, order)[1] for order in ORDERS]), len(texts))


class Windows(NamedTuple):
    """Every window of a batch: its text's number, its place in that clipped text, its length, its bucket."""

    owner: Ints
    begin: Ints
    order: Ints
    buckets: Ints
    distinct: Grams


def windows(texts: Sequence[str]) -> Windows:
    """All windows of a batch with the passages they stand for, and the distinct buckets (for explanations)."""
    codes, owner = _layout(texts)
    first = np.searchsorted(owner, np.arange(len(texts), dtype=np.int64))
    found = [_keys(codes, owner, order) for order in ORDERS]
    places, keys = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.repeat(np.array(ORDERS, np.int64), [len(column) for column, _ in found])
    number = owner[places]
    return Windows(number, places - first[number], order, keys & (BUCKETS - 1), _grouped(keys, len(texts)))


def _grouped(keys: Ints, texts: int) -> Grams:
    """Distinct keys by text. Sorting and comparing neighbours is twenty times faster than `np.unique`, which hashes."""
    ordered = np.sort(keys)
    distinct = ordered[np.diff(ordered, prepend=-1) != 0]
    starts = np.searchsorted(distinct, np.arange(texts + 1, dtype=np.int64) << BITS)
    return Grams(distinct & (BUCKETS - 1), starts)


def _layout(texts: Sequence[str]) -> tuple[NDArray[np.uint32], Ints]:
    """All code points one after the other, and the text that each belongs to."""
    read = [clip(text) for text in texts]
    lengths = np.fromiter((len(text) for text in read), np.int64, len(read))
    joined = "".join(read).encode("utf-32-le", "surrogatepass")
    return np.frombuffer(joined, np.uint32), np.repeat(np.arange(len(read), dtype=np.int64), lengths)


def _keys(codes: NDArray[np.uint32], owner: Ints, order: int) -> tuple[Ints, Ints]:
    """Place of every window of `order` characters that lies within one text, and its text's number and bucket in one key."""
    if len(codes) < order:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    end = len(codes) - order + 1
    hashed = np.full(end, _SEEDS[order - 1], np.uint32)
    for offset in range(order):
        hashed = (hashed ^ codes[offset : offset + end]) * _MULTIPLIERS[offset]
        hashed ^= hashed >> np.uint32(15)
    places = np.flatnonzero(owner[:end] == owner[order - 1 :])
    keys: Ints = (owner[places] << BITS) | (hashed[places] >> np.uint32(32 - BITS)).astype(np.int64)
    return places, keys
