"""Near-duplicates: reposts, forwarded notices and copies with a word changed, found within a window of time.

A fingerprint is 64 bits. For most texts they are 16 b-bit MinHash values of 4 bits each over character shingles (Li and
König, b-Bit Minwise Hashing, 2010): the share of equal nibbles estimates the Jaccard similarity of the shingle sets. Of
edited Weibo posts with a similarity of 0.8 to 0.9 this joins 93 %; a 64-bit SimHash within 3 bits joins 6 %, because it
is made for texts far longer than posts. Texts too short even for MinHash get a hash of the whole and the lowest bit set:
they are copies only when equal.
"""

import hashlib
import re
from array import array
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from core.effects import Seen

SHORT = 12
"""Letters below which only equal texts count as copies."""

AGREEING = 12
"""Of 16 nibbles, how many must be equal: a Jaccard similarity of about 0.75."""

HORIZON = timedelta(hours=72)
WINDOW_SIZE = 200_000

_SHINGLE = 3
_HASHES = 16
_BANDS = 4
_BAND_BITS = 64 // _BANDS
_BUCKETS = 1 << _BAND_BITS
_FEW = 4096  # entries up to which a table of the buckets in use takes less than one of all of them
_CHAIN = 64  # candidates looked at per band: boilerplate openings fill some buckets with thousands

_MULTIPLIERS = np.random.Generator(np.random.PCG64(20261123)).integers(1, 2**63, _HASHES, dtype=np.uint64) * 2 + 1
_BASE = np.uint64(0x9E3779B97F4A7C15)
_SHIFTS = np.arange(0, 64, 4, dtype=np.uint64)
_NIBBLES = 0x1111111111111111
_ALL = (1 << 64) - 1

_FORWARDED = re.compile(r"//@[^\s:：/@]{1,30}[:：]?|回[复覆]@[^\s:：/@]{1,30}[:：]|转发微博|轉發微博")
_LINK = re.compile(r"https?://[!-~]+")
_TOPIC = re.compile(r"#[^#\n]{1,40}#")
_NOT_WORDS = re.compile(r"[\W_]+")


def essence(folded: str) -> str:
    """What a repost shares with its original, letters and digits only.

    That is the longest part between `//@user:` marks, without links and without `#topics#`, which posts of quite
    different content share.
    """
    text = _LINK.sub("", folded) if "http" in folded else folded
    if "@" in text or "转发" in text:
        text = max(_FORWARDED.split(text), key=len)
    if "#" in text:
        text = _TOPIC.sub("", text)
    return _NOT_WORDS.sub("", text)


def fingerprints(folded: Sequence[str]) -> NDArray[np.int64]:
    """One fingerprint per folded text (`nlp.script.fold`), the same in every process."""
    texts = [essence(text) for text in folded]
    prints = np.zeros(len(texts), dtype=np.uint64)
    long = [index for index, text in enumerate(texts) if len(text) >= SHORT]
    if long:
        prints[long] = _minhash([texts[index] for index in long]) & np.uint64(_ALL - 1)
    for index, text in enumerate(texts):
        if len(text) < SHORT:
            prints[index] = _exact(folded[index])
    return prints.view(np.int64)


def _exact(folded: str) -> int:
    key = (_NOT_WORDS.sub("", folded) or folded).encode("utf-8", "replace")
    return int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "big") | 1


def _minhash(texts: Sequence[str]) -> NDArray[np.uint64]:
    """The 16 nibbles of each text, all texts at once: shingles of the whole batch lie in one array."""
    letters = np.frombuffer("".join(texts).encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    ends = np.cumsum(lengths)
    shingles = letters[: len(letters) - _SHINGLE + 1].copy()
    for step in range(1, _SHINGLE):
        shingles = shingles * _BASE + letters[step : len(letters) - _SHINGLE + 1 + step]
    shingles = _mixed(shingles)
    inside = np.ones(len(shingles), dtype=bool)
    for back in range(1, _SHINGLE):  # shingles that reach over the end of a text into the next
        inside[ends[:-1] - back] = False
    shingles = shingles[inside]
    starts = np.concatenate(([0], np.cumsum(lengths - _SHINGLE + 1)[:-1]))
    prints = np.zeros(len(texts), dtype=np.uint64)
    for multiplier, shift in zip(_MULTIPLIERS, _SHIFTS, strict=True):
        least = np.minimum.reduceat(shingles * multiplier, starts)
        prints |= (_mixed(least) & np.uint64(15)) << shift
    return prints


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of SplitMix64: every bit of the input moves every bit of the output."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def agreeing(one: int, other: int) -> int:
    """How many of the 16 nibbles of two fingerprints are equal."""
    differing = (one ^ other) & _ALL
    differing |= differing >> 1
    differing |= differing >> 2
    return _HASHES - (differing & _NIBBLES).bit_count()


def alike(prints: NDArray[np.int64], fingerprint: int) -> NDArray[np.bool_]:
    """Which of these fingerprints are of near-duplicates of the text with that one."""
    differing = prints.view(np.uint64) ^ np.uint64(fingerprint & _ALL)
    if fingerprint & 1:
        same: NDArray[np.bool_] = differing == 0
        return same
    short = (prints & 1).astype(bool)
    differing |= differing >> np.uint64(1)
    differing |= differing >> np.uint64(2)
    agree = _HASHES - np.bitwise_count(differing & np.uint64(_NIBBLES)).astype(np.int64)
    found: NDArray[np.bool_] = (agree >= AGREEING) & ~short
    return found


def repeated(prints: NDArray[np.int64], known: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of these fingerprints have a near-duplicate among the known ones.

    None is missed: near-duplicates differ in four nibbles at most, so of five groups of nibbles they share one whole.
    """
    found = np.zeros(len(prints), dtype=bool)
    groups = np.array_split(np.arange(_HASHES), _HASHES - AGREEING + 1)
    for mask in [np.uint64(sum(15 << 4 * int(nibble) for nibble in group)) for group in groups]:
        parts = known.view(np.uint64) & mask
        order = np.argsort(parts, kind="stable")
        wanted = prints.view(np.uint64) & mask
        begins, ends = (np.searchsorted(parts[order], wanted, side) for side in ("left", "right"))
        for number in np.flatnonzero(~found & (begins < ends)).tolist():
            same_part = known[order[begins[number] : ends[number]]]
            found[number] = alike(same_part, int(prints[number])).any()
    return found


def bands(fingerprint: int) -> tuple[tuple[int, int], ...]:
    """(number, value) of the parts of a fingerprint of which near-duplicates, as a rule, share one."""
    return tuple((band, fingerprint >> band * _BAND_BITS & _BUCKETS - 1) for band in range(_BANDS))


def own_words(folded: str) -> str:
    """The letters that somebody who forwards a text puts in front of it; empty when he only forwards, or writes himself."""
    before, mark, _ = folded.partition("//@")
    return _NOT_WORDS.sub("", _FORWARDED.sub("", before)) if mark else ""


class _Buckets(dict[int, int]):
    """The newest entry of each bucket that has one, else 0."""

    def __missing__(self, bucket: int) -> int:
        return 0


class Window:
    """The first posts of the groups of the last 72 hours of stream time, at most `size` of them.

    A ring: a new entry takes the place of the oldest. Every band has buckets that hold the newest entry, and every entry
    points to the one before it in its bucket, so that nothing has to be deleted. It grows with its entries: 30 take about
    12 kB, 200 000 about 30 MB.
    """

    def __init__(self, size: int = WINDOW_SIZE, horizon: timedelta = HORIZON) -> None:
        self._size = size
        self._horizon = horizon.total_seconds()
        self._next = size  # the number of the first entry, at place 0; 0 says 'none'
        self._newest = float("-inf")
        self._prints = array("q")
        self._times = array("d")
        self._groups: list[str] = []
        self._before = array("q")
        self._heads: _Buckets | array[int] = _Buckets()

    def __len__(self) -> int:
        """How many posts it holds."""
        return len(self._prints)

    def restore(self, rows: Iterable[Seen]) -> None:
        """Take in what is remembered, oldest first, as if it had been seen just now in that order."""
        for row in rows:
            self._join(row.fingerprint, row.at.timestamp(), row.group or row.id)

    def group_of(self, id_: str, fingerprint: int, at: datetime) -> str:
        """Id of the first post of the near-duplicates that this one belongs to: its own when it is the first."""
        return self._join(fingerprint, at.timestamp(), id_)

    def _join(self, fingerprint: int, at: float, own: str) -> str:
        self._newest = max(self._newest, at)
        entry = self._find(fingerprint)
        if entry == 0:
            self._add(fingerprint, at, own)
            return own
        place = entry % self._size
        group = self._groups[place]
        ages = self._next - entry > self._size // 2 or at - self._times[place] > self._horizon / 2
        if ages:  # a group that is still growing must not fall out of the window
            self._add(fingerprint, at, group)
        return group

    def _find(self, fingerprint: int) -> int:
        """Number of the entry most alike, the newest of several; 0 for none."""
        best, best_agreeing = 0, AGREEING - 1
        exact = fingerprint & 1
        oldest_entry = self._next - self._size
        oldest_time = self._newest - self._horizon
        for band in range(_BANDS):
            entry = self._heads[self._bucket(fingerprint, band)]
            for _ in range(_CHAIN):
                if entry < oldest_entry or entry == 0:
                    break
                place = entry % self._size
                other = self._prints[place]
                if self._times[place] >= oldest_time:
                    if other == fingerprint:
                        return entry
                    if not (exact or other & 1) and (alike := agreeing(fingerprint, other)) > best_agreeing:
                        best, best_agreeing = entry, alike
                entry = self._before[place * _BANDS + band]
        return best

    def _add(self, fingerprint: int, at: float, group: str) -> None:
        entry, place = self._next, self._next % self._size
        self._next += 1
        if place == len(self._prints):
            self._grow()
        self._prints[place] = fingerprint
        self._times[place] = at
        self._groups[place] = group
        for band in range(_BANDS):
            bucket = self._bucket(fingerprint, band)
            self._before[place * _BANDS + band] = self._heads[bucket]
            self._heads[bucket] = entry

    def _grow(self) -> None:
        if len(self._prints) == _FEW:
            self._heads = array("q", [self._heads[bucket] for bucket in range(_BUCKETS * _BANDS)])
        self._prints.append(0)
        self._times.append(0.0)
        self._groups.append("")
        self._before.extend([0] * _BANDS)

    @staticmethod
    def _bucket(fingerprint: int, band: int) -> int:
        return band * _BUCKETS + (fingerprint >> band * _BAND_BITS & _BUCKETS - 1)
