"""A post as a sparse vector: bigrams of Chinese characters, words and numbers, hashed to 20 bits and weighted by IDF.

Weights are whole numbers, so that sums of them do not depend on the order in which they are added.
"""

import re
import zlib
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SHIPPED = Path(__file__).parent.parent / "data" / "idf.npz"
BUCKETS = 1 << 20
PLACE = BUCKETS
"""Added to the bucket of a bigram of a place's name: where something is tells two matters apart, it makes none."""

IDF_SCALE = 16
"""The table holds IDF in sixteenths."""

NORM = 1024
"""Euclidean length of every vector, up to rounding."""

_FEATURES = 64
_HAN_FIRST, _HAN_LAST = 0x3400, 0x9FFF
_WORD = re.compile(r"[^\W_\u3400-\u9fff]{2,}")
_FURNITURE = re.compile(
    r"https?://[!-~]+|/{0,2}@[^\s:：/@]{1,30}[:：]?|\[[^\W_]{1,8}\]|回复|转发微博|网页链接|展开全文|微博视频|秒拍视频"
)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_MIX_SECOND = np.uint64(0xC2B2AE3D27D4EB4F)
_REPEATS = np.array([0, 4, 6, 7, 8], dtype=np.int64)  # 4 (1 + log2(n) / 2), for n up to 4

Vector = dict[int, int]
"""Weight by feature, heaviest first."""

Bytes = NDArray[np.uint8]


def idf(documents: int, frequencies: NDArray[np.int64]) -> Bytes:
    """ln((N + 1) / (df + 1)) + 1 in sixteenths, smoothed as scikit-learn does."""
    table: Bytes = np.rint((np.log((documents + 1) / (frequencies + 1)) + 1) * IDF_SCALE).clip(0, 255).astype(np.uint8)
    return table


@cache
def shipped_idf() -> Bytes:
    """The table made by `nlp.training.idf`, one byte per bucket."""
    with np.load(SHIPPED, allow_pickle=False) as stored:
        return np.asarray(stored["idf"], dtype=np.uint8)


def bigram_hashes(code_points: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Bucket of every pair of neighbours; -1 where one of the two is no Chinese character."""
    han = (code_points >= _HAN_FIRST) & (code_points <= _HAN_LAST)
    mixed = (code_points[:-1] * _MIX) ^ (code_points[1:] * _MIX_SECOND)
    mixed = (mixed ^ (mixed >> np.uint64(29))) * _MIX
    buckets: NDArray[np.int64] = (mixed >> np.uint64(44)).astype(np.int64)
    buckets[~(han[:-1] & han[1:])] = -1
    return buckets


def code_points(text: str) -> NDArray[np.uint64]:
    """The characters as numbers; halves of surrogate pairs pass."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)


def word_hash(word: str) -> int:
    """Bucket of a word or number."""
    return zlib.crc32(word.encode("utf-8", "surrogatepass")) >> 12


def occurrences(folded: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Distinct features of folded texts as `text << 20 | bucket`, ascending, and how often each occurs in its text."""
    texts = [_FURNITURE.sub(" ", text) for text in folded]
    joined = code_points("\n".join([*texts, ""]))
    buckets = bigram_hashes(joined)
    ends = np.cumsum(np.fromiter((len(text) + 1 for text in texts), dtype=np.int64, count=len(texts)))
    places = np.flatnonzero(buckets >= 0)
    bigrams = np.searchsorted(ends, places, side="right") << 20 | buckets[places]
    words = [number << 20 | word_hash(word) for number, text in enumerate(texts) for word in _WORD.findall(text)]
    return np.unique_counts(np.concatenate((bigrams, np.array(words, dtype=np.int64))))


@lru_cache(maxsize=1 << 14)
def name_buckets(name: str) -> tuple[int, ...]:
    """Buckets of the bigrams of a folded name or word, in order."""
    return tuple(bucket for bucket in bigram_hashes(code_points(name)).tolist() if bucket >= 0) if name else ()


def vectors(folded: Sequence[str], table: Bytes, names: Sequence[Sequence[str]] = ()) -> list[Vector]:
    """One vector per text, of its at most 64 heaviest features; empty for a text without any.

    `names` are the names of places in each text (none need be given): their bigrams become features of their own kind
    (`PLACE`), of half the weight.
    """
    if not folded:
        return []
    features, counts = occurrences(folded)
    owners, buckets = features >> 20, features & (BUCKETS - 1)
    weights = table[buckets].astype(np.int64) * _REPEATS[np.minimum(counts, 4)]
    named = {number << 20 | bucket for number, own in enumerate(names) for name in own for bucket in name_buckets(name)}
    if named:
        places = np.flatnonzero(np.isin(features, np.fromiter(named, dtype=np.int64, count=len(named))))
        buckets[places] |= PLACE
        weights[places] >>= 1
    order = np.lexsort((buckets, -weights, owners))
    owners, buckets, weights = owners[order], buckets[order], weights[order]
    starts = np.searchsorted(owners, np.arange(len(folded) + 1))
    ranks = np.arange(len(owners)) - starts[owners]
    kept = ranks < _FEATURES
    owners, buckets, weights = owners[kept], buckets[kept], weights[kept]
    squares = np.zeros(len(folded), dtype=np.int64)
    np.add.at(squares, owners, weights * weights)
    scaled = np.rint(weights * (NORM / np.sqrt(squares[owners]))).astype(np.int64)
    bounds = np.searchsorted(owners, np.arange(len(folded) + 1)).tolist()
    pairs = list(zip(buckets.tolist(), scaled.tolist(), strict=True))
    return [dict(pairs[start:end]) for start, end in pairwise(bounds)]
