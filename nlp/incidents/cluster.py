"""One cluster of posts: its centroid and its counts. It is also the row that is stored, so it holds whole numbers."""

import math
from hashlib import blake2b

from msgspec import Struct, field

from core.records import AnalysedPost
from nlp.incidents.features import Vector

HOUR = 3600
SERIES_H = 48
_TERMS = 128
_TERMS_SLACK = 64
_GROUPS = 256
_EXEMPLARS = 8
_MEMBERS = 64
_BITS = 1024
_COUNTED = 16
_FEW = 4


class Exemplar(Struct, array_like=True):
    """A post kept to speak for the cluster: its most telling sentence, and how close it was to the centroid (cosine)."""

    id: str
    sentence: str
    closeness: float


class RiskCount(Struct, array_like=True):
    """A risk category: the heaviest word met, its weight, and the distinct posts that hold a word of it."""

    word: str
    weight: float
    posts: int


def author_bit(author: str) -> int:
    """Place of an author in the bitmap that counts authors."""
    return int.from_bytes(blake2b(author.encode("utf-8", "replace"), digest_size=2).digest(), "big") % _BITS


def group_hash(group: str) -> int:
    """48 bits of a near-duplicate group's id."""
    return int.from_bytes(blake2b(group.encode("utf-8", "replace"), digest_size=6).digest(), "big")


class Cluster(Struct, array_like=True):
    """Posts about one happening. Times are seconds since 1970.

    `terms` is the centroid (a sum of vectors, halved every half-life, of which the heaviest are kept), `squares` its
    squared length. `born` counts the clusters of the jurisdiction, `born_total` and `touched_total` its posts. Volumes of
    `distinct` posts and of `repeats` (copies) fade with the same half-life. `waiting` are the posts to be assigned when
    the cluster is raised; at most 64 are kept, as a flood of copies that no one raises would grow without end.
    """

    id: str
    born: int
    born_total: int
    first_at: float
    first_seen: float
    last_at: float = 0.0
    touched: float = 0.0
    touched_total: int = 0
    halved: float = 0.0
    expected: float = 0.0
    terms: Vector = field(default_factory=dict)
    squares: int = 0
    posts: int = 0
    copies: int = 0
    distinct: float = 0.0
    repeats: float = 0.0
    interactions: float = 0.0
    author_bits: bytes = b""
    waiting: list[str] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    exemplars: list[Exemplar] = field(default_factory=list)
    hours: dict[int, int] = field(default_factory=dict)
    sentiment: dict[str, int] = field(default_factory=dict)
    domains: dict[str, int] = field(default_factory=dict)
    sources: dict[str, int] = field(default_factory=dict)
    places: dict[str, tuple[str, int]] = field(default_factory=dict)
    risks: dict[str, RiskCount] = field(default_factory=dict)
    raised_at: float | None = None
    version: int = 0

    # --- what it is ---------------------------------------------------------------------------------------------------

    def cosine(self, vector: Vector, length: float) -> float:
        """Cosine between the centroid and a vector of that length."""
        get = self.terms.get
        dot = sum([weight * get(feature, 0) for feature, weight in vector.items()])
        return dot / (length * math.sqrt(self.squares)) if self.squares else 0.0

    @property
    def authors(self) -> int:
        """Distinct authors by linear counting (Whang et al. 1990), near exact for tens, 5 % off for a thousand."""
        ones = int.from_bytes(self.author_bits).bit_count()
        return round(-_BITS * math.log(1 - min(ones, _BITS - 1) / _BITS))

    def posts_in_hour(self, hour: int) -> int:
        """All posts, copies too, of an hour since 1970."""
        return self.hours.get(hour, 0)

    @property
    def speed(self) -> float:
        """Posts in the hour before `touched`: this clock hour, and the share of the one before that still reaches in."""
        hour, second = divmod(self.touched, HOUR)
        return self.posts_in_hour(int(hour)) + self.posts_in_hour(int(hour) - 1) * (1 - second / HOUR)

    @property
    def counting_risks(self) -> dict[str, RiskCount]:
        """The risk categories that a tenth of the posts speak of, and two of them once there are four."""
        least = 1 if self.posts < _FEW else 2
        return {name: risk for name, risk in self.risks.items() if risk.posts >= max(least, self.posts / 10)}

    @property
    def risk(self) -> float:
        """Risk of what is said, as in `core.records.Risk`, of the categories that count."""
        return 1 - math.prod(1 - risk.weight for risk in self.counting_risks.values())

    # --- what happens to it -------------------------------------------------------------------------------------------

    def fade(self, now: float, half_life: float) -> None:
        """Halve the centroid and the volumes if a half-life has passed; after a long silence once, not to nothing."""
        elapsed = now - self.halved
        if elapsed < half_life:
            return
        self.halved = now
        self.terms = {feature: half for feature, weight in self.terms.items() if (half := weight >> 1)}
        self.squares = sum([weight * weight for weight in self.terms.values()])
        factor = math.exp2(-elapsed / half_life)
        self.distinct *= factor
        self.repeats *= factor
        self.interactions *= factor

    def move(self, vector: Vector) -> None:
        """Add a post to the centroid."""
        terms, squares = self.terms, self.squares
        for feature, weight in vector.items():
            before = terms.get(feature, 0)
            squares += (2 * before + weight) * weight
            terms[feature] = before + weight
        self.squares = squares

    def prune(self) -> list[int]:
        """Drop the lightest terms when there are too many; the features dropped."""
        if len(self.terms) <= _TERMS + _TERMS_SLACK:
            return []
        ordered = sorted(self.terms.items(), key=lambda term: (-term[1], term[0]))
        self.terms = dict(ordered[:_TERMS])
        self.squares = sum([weight * weight for weight in self.terms.values()])
        return [feature for feature, _ in ordered[_TERMS:]]

    def count(self, post: AnalysedPost, at: float, now: float) -> None:
        """Count any post, copy or not."""
        self.copies += 1
        self.first_at = min(self.first_at, at)
        self.last_at = max(self.last_at, at)
        self.touched = now
        hour = int(at // HOUR)
        self.hours[hour] = self.hours.get(hour, 0) + 1
        if len(self.hours) > 2 * SERIES_H:
            newest = max(self.hours)
            self.hours = {hour: posts for hour, posts in self.hours.items() if hour > newest - SERIES_H}
        self.interactions += post.likes + post.comments + post.shares
        bits = int.from_bytes(self.author_bits) | 1 << author_bit(post.author or post.id)
        self.author_bits = bits.to_bytes((bits.bit_length() + 7) // 8)
        add(self.sources, post.source)

    def count_distinct(self, post: AnalysedPost) -> None:
        """Count what a post says; a copy says nothing new."""
        self.posts += 1
        self.distinct += 1
        labels = post.labels
        add(self.sentiment, labels.sentiment.label)
        add(self.domains, labels.domain.label)
        for place in labels.places:
            if place.code in self.places or len(self.places) < _COUNTED:
                self.places[place.code] = (place.name, self.places.get(place.code, ("", 0))[1] + 1)
        heaviest = {hit.category: hit for hit in sorted(labels.risk.hits, key=lambda hit: (hit.weight, hit.word))}
        for category, hit in heaviest.items():
            risk = self.risks.setdefault(category, RiskCount(hit.word, hit.weight, 0))
            risk.posts += 1
            if hit.weight > risk.weight:
                risk.word, risk.weight = hit.word, hit.weight

    def exemplify(self, post: AnalysedPost, sentence: str, closeness: float) -> None:
        """Keep a sentence if it is among the closest; the first post stays."""
        if any(exemplar.sentence == sentence for exemplar in self.exemplars):
            return
        if len(self.exemplars) >= _EXEMPLARS:
            weakest = min(range(1, _EXEMPLARS), key=lambda place: (self.exemplars[place].closeness, -place))
            if self.exemplars[weakest].closeness >= closeness:
                return
            del self.exemplars[weakest]
        self.exemplars.append(Exemplar(post.id, sentence, closeness))

    def wait(self, post: str) -> None:
        """Keep a post to be assigned if the cluster is raised."""
        if len(self.waiting) < _MEMBERS:
            self.waiting.append(post)

    def remember(self, group: int) -> int | None:
        """Hold a near-duplicate group, so that its copies come here; the one forgotten for it."""
        self.groups.append(group)
        return self.groups.pop(0) if len(self.groups) > _GROUPS else None


def add(counts: dict[str, int], value: str) -> None:
    """Count one more of a value, of at most 16 values."""
    if value in counts or len(counts) < _COUNTED:
        counts[value] = counts.get(value, 0) + 1
