"""Hashed character n-grams of many texts at once.

All texts of a batch are laid out in one array of code points, and every window of 1, 2 and 3 characters is hashed by
multiplication and addition over the whole array: no loop over characters. Training and serving call the same function, so
a bucket means the same in both.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

BITS = 22
BUCKETS = 1 << BITS
NO_BUCKET = 0
"""Where a window falls that reaches over the end of its text."""
LONGEST = 600
"""Characters that are read of a text: the first 450 and the last 150; letters to the mayor say what they want at an end."""
HEAD = 450
ORDERS = (1, 2, 3)

_MULTIPLIERS = (np.uint32(0x9E3779B1), np.uint32(0x85EBCA77), np.uint32(0xC2B2AE3D))
_SEEDS = (np.uint32(0x27220A95), np.uint32(0x165667B1), np.uint32(0x2545F491))

Ints = NDArray[np.int64]


class Windows(NamedTuple):
    """The windows of a batch.

    `read` holds what is read of each text; laid end to end these are `codes`, one code point per position, and
    `owner[p]` is the text that position p belongs to. `buckets[k - 1, p]` is the bucket of the window of k characters that
    begins at p, `NO_BUCKET` where it would reach into the next text.
    """

    read: list[str]
    codes: NDArray[np.uint32]
    owner: Ints
    buckets: Ints

    def of(self, texts: Ints) -> tuple["Windows", Ints]:
        """The windows of some of the texts (their numbers, rising), and which positions these were."""
        place = np.full(len(self.read), -1, np.int64)
        place[texts] = np.arange(len(texts))
        owner = place[self.owner]
        kept = np.flatnonzero(owner >= 0)
        part = Windows(
            [self.read[text] for text in texts.tolist()], self.codes[kept], owner[kept], self.buckets[:, kept]
        )
        return part, kept


def clip(text: str) -> str:
    """What is read of a text."""
    return text if len(text) <= LONGEST else text[:HEAD] + " " + text[HEAD - LONGEST + 1 :]


def unclip(figures: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    """A figure for every character of a text of that length, of those for what `clip` left of it; 0 for what it cut out."""
    if length <= LONGEST:
        return figures
    whole = np.zeros(length, np.float32)
    whole[:HEAD] = figures[:HEAD]
    whole[HEAD - LONGEST + 1 :] = figures[HEAD + 1 :]
    return whole


def windows(texts: Sequence[str]) -> Windows:
    """All windows of all texts; any string will do, lone surrogates and empty ones too."""
    read = [clip(text) for text in texts]
    lengths = np.fromiter((len(text) for text in read), np.int64, len(read))
    codes = np.frombuffer("".join(read).encode("utf-32-le", "surrogatepass"), np.uint32)
    owner = np.repeat(np.arange(len(read), dtype=np.int64), lengths)
    buckets = np.full((len(ORDERS), len(codes)), NO_BUCKET, np.int64)
    for row, order in enumerate(ORDERS):
        fitting = max(0, len(codes) - order + 1)
        inside = owner[:fitting] == owner[order - 1 :]
        buckets[row, :fitting] = np.where(inside, _hashed(codes, order, fitting), NO_BUCKET)
    return Windows(read, codes, owner, buckets)


def _hashed(codes: NDArray[np.uint32], order: int, fitting: int) -> NDArray[np.uint32]:
    """The bucket, from 1 on, of the first `fitting` windows of `order` characters."""
    hashed = np.full(fitting, _SEEDS[order - 1], np.uint32)
    for offset in range(order):
        hashed = (hashed ^ codes[offset : offset + fitting]) * _MULTIPLIERS[offset]
        hashed ^= hashed >> np.uint32(15)
    bucket: NDArray[np.uint32] = np.maximum(hashed >> np.uint32(32 - BITS), np.uint32(1))
    return bucket


def distinct(owner: Ints, values: NDArray[np.integer], texts: int) -> tuple[Ints, Ints]:
    """The distinct values above 0 of every text, and where each text's begin (`texts` + 1 offsets).

    `values` is (orders x positions), as `Windows.buckets` is, each below 2**32.
    """
    keys = ((owner << 32) | values)[values > 0]
    keys.sort()
    first = np.ones(len(keys), bool)
    np.not_equal(keys[1:], keys[:-1], out=first[1:])
    keys = keys[first]
    starts = np.searchsorted(keys, np.arange(texts + 1, dtype=np.int64) << 32)
    return keys & 0xFFFFFFFF, starts
