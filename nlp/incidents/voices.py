"""How much of each author is heard: three posts, however many he writes.

Of an author a cluster counts three posts in all, and as many copies; in an hour likewise. What it has heard fades in steps,
four to a half-life of the jurisdiction, at the same moments of the stream for every cluster and one step after the other. So
one post more never changes what the others are worth: neither a restart nor the order of reading does.

The authors of whom most was heard are known one by one. Who is forgotten for another had the least to say: to be counted
anew, an author must let as many others speak as are known.
"""

import math
from enum import IntEnum
from hashlib import blake2b

from msgspec import Struct, field

MOST = 3
"""Posts that an author is heard with."""
KNOWN = 32
"""Authors that a cluster knows one by one."""
POST = 64
"""What a post is worth to begin with."""
STEPS = 4
"""In a half-life."""
SERIES_H = 48
"""Hours of which counts are kept."""
_BITS = 1024
_KEPT, _OF = 37, 44  # (37 / 44)^4 = 0.50003


def hashed(name: str) -> int:
    """32 bits of an author, or of a group of near-duplicates."""
    return int.from_bytes(blake2b(name.encode("utf-8", "replace"), digest_size=4).digest(), "big")


def author_bit(author: str) -> int:
    """Place of an author in the bitmap that counts authors."""
    return hashed(author) % _BITS


def met(bits: bytes, others: int) -> bytes:
    """The bitmap of authors with others in it."""
    both = int.from_bytes(bits) | others
    return both.to_bytes((both.bit_length() + 7) // 8)


def number_of(bits: bytes) -> int:
    """How many authors a bitmap holds, by linear counting (Whang et al. 1990)."""
    ones = int.from_bytes(bits).bit_count()
    return round(-_BITS * math.log(1 - min(ones, _BITS - 1) / _BITS))


def faded(amount: float, steps: int) -> float:
    """What is left after some steps."""
    for _ in range(steps):
        amount = amount * _KEPT / _OF
    return amount


class Kind(IntEnum):
    """What is counted by the hour."""

    SAID = 0
    ECHOED = 1


class Voice(Struct, array_like=True):
    """One author in a cluster.

    `heard` counts distinct posts, of which it goes up to three. `distinct` and `repeats` are what his posts and copies are
    worth now (a fresh one is worth `POST`), `interactions` those of the post that has most of them now. `recent` counts posts
    and copies of his newest `hour` since 1970, and of the one before it.
    """

    heard: int = 0
    distinct: int = 0
    repeats: int = 0
    interactions: int = 0
    hour: int = 0
    recent: list[int] = field(default_factory=lambda: [0, 0, 0, 0])

    def say(self) -> bool:
        """Take a post that says something new; whether he is heard."""
        self.distinct = min(MOST * POST, self.distinct + POST)
        if self.heard >= MOST:
            return False
        self.heard += 1
        return True

    def repeat(self) -> None:
        """Take a copy."""
        self.repeats = min(MOST * POST, self.repeats + POST)

    def is_in_time(self, hour: int, kind: Kind) -> bool:
        """Whether a post is one of the first three of its hour, that being one of the newest two; it is counted then."""
        self._turn(max(hour, self.hour))
        if hour < self.hour - 1 or self.posts(hour, kind) >= MOST:
            return False
        self.recent[2 * (self.hour - hour) + kind] += 1
        return True

    def posts(self, hour: int, kind: Kind) -> int:
        """Those counted in an hour, if that is one of the newest two."""
        return self.recent[2 * (self.hour - hour) + kind] if 0 <= self.hour - hour <= 1 else 0

    def beyond(self, hour: int, share: float, kind: Kind) -> float:
        """By how much an hour, and the share of the one before, hold more than three posts."""
        return max(0.0, self.posts(hour, kind) + self.posts(hour - 1, kind) * share - MOST)

    def after(self, steps: int) -> "Voice":
        """The same, faded by some steps."""
        amounts = self.distinct, self.repeats, self.interactions
        for _ in range(steps):
            amounts = amounts[0] * _KEPT // _OF, amounts[1] * _KEPT // _OF, amounts[2] * _KEPT // _OF
        return Voice(self.heard, *amounts, self.hour, list(self.recent))

    def surplus(self, other: "Voice") -> int:
        """How many more than three were heard of him here and in another cluster."""
        return max(0, self.heard + other.heard - MOST)

    def join(self, other: "Voice") -> dict[tuple[Kind, int], int]:
        """Take over what another cluster heard of him; by how much both had too many posts of a kind in an hour."""
        self.heard = min(MOST, self.heard + other.heard)
        self.distinct = min(MOST * POST, self.distinct + other.distinct)
        self.repeats = min(MOST * POST, self.repeats + other.repeats)
        self.interactions = max(self.interactions, other.interactions)
        self._turn(max(self.hour, other.hour))
        too_many = {}
        for kind in Kind:
            for before in (0, 1):
                both = self.posts(self.hour - before, kind) + other.posts(self.hour - before, kind)
                self.recent[2 * before + kind] = min(MOST, both)
                too_many[kind, self.hour - before] = max(0, both - MOST)
        return too_many

    def _turn(self, hour: int) -> None:
        """Let an hour be his newest."""
        if hour > self.hour:
            self.recent = [0, 0, *(self.recent[:2] if hour == self.hour + 1 else (0, 0))]
            self.hour = hour


def count_in(hours: dict[int, int], hour: int) -> None:
    """Count a post in an hour, of which two days are kept."""
    hours[hour] = hours.get(hour, 0) + 1
    if len(hours) > SERIES_H:
        newest = max(hours)
        for old in [old for old in hours if old <= newest - SERIES_H]:
            del hours[old]


def weakest(voices: dict[int, Voice]) -> int:
    """The author of whom least was heard."""
    return min(voices, key=lambda author: (voices[author].distinct, voices[author].repeats))
