"""One cluster of posts: its centroid and its counts. It is also the row that is stored, so it holds whole numbers."""

import math
from collections.abc import Collection, Sequence
from hashlib import blake2b
from typing import NamedTuple

from msgspec import Struct, field

from core.records import AnalysedPost, Passing
from nlp.incidents.burst import SHARE_OF, WINDOWS_H
from nlp.incidents.features import Vector
from nlp.incidents.rising import Rise
from nlp.incidents.usual import Usual
from nlp.place_names import COMMUNITY

HOUR = 3600
SERIES_H = 48
_TERMS = 128
_TERMS_SLACK = 64
_GROUPS = 256
_EXEMPLARS = 8
_PASSAGES = 16
_MEMBERS = 128
_BITS = 1024
_COUNTED = 16
_FEW = 4
_TENTHS = 10
_COMES_BACK = 3
_WAVE_S = 120
_WAVE_AUTHORS = 8


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
    """A risk category: the heaviest word met, its weight, and the distinct posts that hold a word of it."""

    word: str
    weight: float
    posts: int


class Wave(Struct, array_like=True):
    """The same text posted again and again: which, since when, and by whom (places in the bitmap of authors)."""

    group: int = 0
    began: float = 0.0
    authors: list[int] = field(default_factory=list)


class Passed(Struct, array_like=True):
    """As `core.records.Passage`."""

    kind: Passing
    other: str
    posts: int
    at: float


def author_bit(author: str) -> int:
    """Place of an author in the bitmap that counts authors."""
    return int.from_bytes(blake2b(author.encode("utf-8", "replace"), digest_size=2).digest(), "big") % _BITS


def group_hash(group: str) -> int:
    """48 bits of a near-duplicate group's id."""
    return int.from_bytes(blake2b(group.encode("utf-8", "replace"), digest_size=6).digest(), "big")


class Cluster(Struct, array_like=True):
    """Posts about one happening. Times are seconds since 1970.

    `terms` is the centroid (a sum of vectors, halved every half-life, of which the heaviest are kept), `squares` its
    squared length, `holders` how many posts had each of its features. `born` counts the clusters of the jurisdiction,
    `born_total` and `touched_total` its posts. Volumes of `distinct` posts and of `repeats` (copies) fade with the same
    half-life. `members` are its posts, to be assigned when it is raised or merged; at most 128 are kept, as a flood of
    copies would grow without end. `told_at` and `told_copies` are what the last milestone was told of. `pinned` is what a
    person put where it is. Of a whole happening, `dismissed` is how many posts it had when a person said that it is none, and
    it is `held` once somebody works on its case; it was `parted_from` another incident, and `passages` are what came and left.
    `coordinated` counts the posts of waves that looked arranged. `spots` are names of places that no list knows, as `places`
    are those that one does. `expected` posts are usual in the jurisdiction in an hour, `usual` in each window of a burst;
    `prior` is how many posts the prior share is worth (`nlp.incidents.usual`).
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
    holders: Vector = field(default_factory=dict)
    squares: int = 0
    posts: int = 0
    copies: int = 0
    distinct: float = 0.0
    repeats: float = 0.0
    interactions: float = 0.0
    author_bits: bytes = b""
    members: list[str] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    exemplars: list[Exemplar] = field(default_factory=list)
    hours: dict[int, int] = field(default_factory=dict)
    sentiment: dict[str, int] = field(default_factory=dict)
    domains: dict[str, int] = field(default_factory=dict)
    intents: dict[str, int] = field(default_factory=dict)
    sources: dict[str, int] = field(default_factory=dict)
    places: dict[str, tuple[str, int]] = field(default_factory=dict)
    risks: dict[str, RiskCount] = field(default_factory=dict)
    raised_at: float | None = None
    version: int = 0
    told_at: float = 0.0
    told_copies: int = 0
    pinned: bool = False
    dismissed: int = 0
    per_day: float = 0.0
    wave: Wave = field(default_factory=Wave)
    coordinated: int = 0
    spots: dict[str, int] = field(default_factory=dict)
    usual: list[float] = field(default_factory=lambda: [0.0] * len(WINDOWS_H))
    prior: float = SHARE_OF
    rise: Rise = field(default_factory=Rise)
    held: bool = False
    parted_from: str = ""
    passages: list[Passed] = field(default_factory=list)

    # --- what it is ---------------------------------------------------------------------------------------------------

    def cosine(self, vector: Vector, length: float, named: Sequence[tuple[int, int]]) -> tuple[float, float]:
        """Cosine between the centroid and a vector of that length, and the part of it without `named`, its places."""
        if not self.squares:
            return 0.0, 0.0
        get = self.terms.get
        both = sum([weight * get(feature, 0) for feature, weight in vector.items()])
        places = sum([weight * get(feature, 0) for feature, weight in named])
        scale = length * math.sqrt(self.squares)
        return both / scale, (both - places) / scale

    def is_elsewhere(self, where: Where) -> bool:
        """Whether both name places, and none of the one is, holds or lies in one of the other's.

        Spots say more than divisions: two estates of one district are two places. 伊景园滨河苑 lies in 伊景园.
        """
        if where.spots and self.spots:
            return _apart(self.spots, where.spots)
        return bool(where.codes and self.places) and _apart(self.places, where.codes)

    def is_mostly_of(self, where: Where) -> bool:
        """Whether half of its posts name one of the places, and that place is no larger than a community."""
        exact = [self.places[code][1] for code in where.codes if code in self.places and len(code) >= COMMUNITY]
        exact += [self.spots[spot] for spot in where.spots if spot in self.spots]
        return 2 * max(exact, default=0) >= self.posts

    @property
    def where(self) -> Where:
        """All places that its posts name."""
        return Where(self.places, self.spots)

    @property
    def is_of_concern(self) -> bool:
        """Whether half of the posts ask the government for something, or speak of what it answers for.

        A sad mood is no concern of it: everyday talk has as many negative words as complaints have.
        """
        return 2 * max(_named(self.intents), _named(self.domains)) >= self.posts

    @property
    def main_domain(self) -> str:
        """The label that most of its posts have, be it none."""
        return min(self.domains, key=lambda domain: (-self.domains[domain], domain), default="none")

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

    def fade(self, now: float, half_life: float) -> Vector:
        """Halve the centroid and the volumes if a half-life has passed; after a long silence once, not to nothing.

        Returns the features that it lost, and how many posts had each.
        """
        elapsed = now - self.halved
        if elapsed < half_life:
            return {}
        self.halved = now
        factor = math.exp2(-elapsed / half_life)
        self.distinct *= factor
        self.repeats *= factor
        self.interactions *= factor
        return self._keep_terms({feature: half for feature, weight in self.terms.items() if (half := weight >> 1)})

    def move(self, vector: Vector) -> None:
        """Add a post to the centroid."""
        terms, holders, squares = self.terms, self.holders, self.squares
        for feature, weight in vector.items():
            before = terms.get(feature, 0)
            squares += (2 * before + weight) * weight
            terms[feature] = before + weight
            holders[feature] = holders.get(feature, 0) + 1
        self.squares = squares

    def prune(self) -> Vector:
        """Drop the lightest terms when there are too many; the features dropped, and how many posts had each."""
        if len(self.terms) <= _TERMS + _TERMS_SLACK:
            return {}
        ordered = sorted(self.terms.items(), key=lambda term: (-term[1], term[0]))
        return self._keep_terms(dict(ordered[:_TERMS]))

    def _keep_terms(self, terms: Vector) -> Vector:
        dropped = {feature: posts for feature, posts in self.holders.items() if feature not in terms}
        self.terms = terms
        self.holders = {feature: self.holders[feature] for feature in terms}
        self.squares = sum([weight * weight for weight in terms.values()])
        return dropped

    def is_arranged(self, copy: AnalysedPost, group: int, at: float) -> bool:
        """Whether a copy comes in a wave: by the eighth account that posts the same within two minutes, not as a reply.

        The seven before it are counted as people; that is for the time before one could know.
        """
        if copy.root is not None or copy.reply_to is not None:
            return False
        if self.wave.group != group or not 0 <= at - self.wave.began <= _WAVE_S:
            self.wave = Wave(group, at)
        bit = author_bit(copy.author or copy.id)
        if bit not in self.wave.authors and len(self.wave.authors) < _WAVE_AUTHORS:
            self.wave.authors.append(bit)
        return len(self.wave.authors) >= _WAVE_AUTHORS

    def count_arranged(self) -> None:
        """Count a post that is nobody's voice: not towards authors, hours or interactions."""
        self.copies += 1
        self.coordinated += 1

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
        self.interactions += post.interactions
        bits = int.from_bytes(self.author_bits) | 1 << author_bit(post.author or post.id)
        self.author_bits = bits.to_bytes((bits.bit_length() + 7) // 8)
        add(self.sources, post.source)

    def measure(self, usual: Usual, total: int) -> None:
        """Note what is usual at its newest post, the jurisdiction's `total`-th."""
        self.expected, self.usual, self.per_day, self.prior = usual.hour, usual.windows, usual.per_day, usual.prior
        self.touched_total = total

    def count_distinct(self, post: AnalysedPost, spots: Collection[str]) -> None:
        """Count what a post says and which spots it names; a copy says nothing new."""
        self.posts += 1
        self.distinct += 1
        labels = post.labels
        add(self.sentiment, labels.sentiment.answer)
        add(self.domains, labels.domain.label)
        add(self.intents, labels.intent.label)
        for place in labels.places:
            if place.code in self.places or len(self.places) < _COUNTED:
                self.places[place.code] = (place.name, self.places.get(place.code, ("", 0))[1] + 1)
        for spot in spots:
            add(self.spots, spot)
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

    def is_milestone(self, now: float) -> bool:
        """Whether it has grown by a tenth since the last one, or an hour has passed."""
        return _TENTHS * self.copies >= (_TENTHS + 1) * self.told_copies or now - self.told_at >= HOUR

    def keep(self, post: str) -> None:
        """Keep a post to be assigned later, while there are not too many."""
        if len(self.members) < _MEMBERS:
            self.members.append(post)

    @property
    def is_movable(self) -> bool:
        """Whether it may go elsewhere by itself: no person put it here, and all its posts can be assigned anew."""
        return not self.pinned and self.is_known

    @property
    def is_known(self) -> bool:
        """Whether all its posts are known."""
        return len(self.members) == self.copies

    @property
    def is_dismissed(self) -> bool:
        """Whether a person said that this is no incident, and it has not become three times as much since."""
        return self.dismissed > 0 and self.copies < _COMES_BACK * self.dismissed

    def remember(self, group: int) -> int | None:
        """Hold a near-duplicate group, so that its copies come here; the one forgotten for it."""
        self.groups.append(group)
        return self.groups.pop(0) if len(self.groups) > _GROUPS else None

    def passed(self, passage: Passed) -> None:
        """Note that posts came from another incident, or left for it."""
        self.passages = [*self.passages, passage][-_PASSAGES:]

    def let_go(self, post: str) -> None:
        """Count a post no more that a person says does not belong here; what it said of other things stays counted."""
        self.exemplars = [exemplar for exemplar in self.exemplars if exemplar.id != post] or self.exemplars
        self.posts -= 1
        self.copies -= 1

    def take_back(self) -> None:
        """Count such a post again."""
        self.posts += 1
        self.copies += 1

    def absorb(self, other: "Cluster") -> None:
        """Take over all that another cluster has counted."""
        held = {feature: self.holders.get(feature, 0) + posts for feature, posts in other.holders.items()}
        self.move(other.terms)
        self.holders |= held
        self.first_at, self.first_seen = min(self.first_at, other.first_at), min(self.first_seen, other.first_seen)
        self.last_at, self.touched = max(self.last_at, other.last_at), max(self.touched, other.touched)
        if other.touched_total > self.touched_total:
            self.touched_total, self.per_day = other.touched_total, other.per_day
            self.expected, self.usual, self.prior = other.expected, other.usual, other.prior
        is_younger = other.born_total >= self.rise.total
        self.rise.absorb(other.rise, other.copies - other.coordinated, is_younger=is_younger)
        self.posts += other.posts
        self.copies += other.copies
        self.distinct += other.distinct
        self.repeats += other.repeats
        self.coordinated += other.coordinated
        self.interactions += other.interactions
        bits = int.from_bytes(self.author_bits) | int.from_bytes(other.author_bits)
        self.author_bits = bits.to_bytes((bits.bit_length() + 7) // 8)
        self._absorb_counts(other)
        kept = {exemplar.sentence for exemplar in self.exemplars}
        self.exemplars += [exemplar for exemplar in other.exemplars if exemplar.sentence not in kept]
        self.exemplars[1:] = sorted(self.exemplars[1:], key=lambda one: -one.closeness)[: _EXEMPLARS - 1]
        self.members = [*self.members, *other.members][:_MEMBERS]

    def _absorb_counts(self, other: "Cluster") -> None:
        for hour, posts in other.hours.items():
            self.hours[hour] = self.hours.get(hour, 0) + posts
        for name in ("sentiment", "domains", "intents", "sources", "spots"):
            own = getattr(self, name)
            for value, posts in getattr(other, name).items():
                add(own, value, posts)
        for code, (name, posts) in other.places.items():
            if code in self.places or len(self.places) < _COUNTED:
                self.places[code] = (name, self.places.get(code, ("", 0))[1] + posts)
        for category, risk in other.risks.items():
            own_risk = self.risks.setdefault(category, RiskCount(risk.word, risk.weight, 0))
            own_risk.posts += risk.posts
            if risk.weight > own_risk.weight:
                own_risk.word, own_risk.weight = risk.word, risk.weight


def _apart(some: Collection[str], others: Collection[str]) -> bool:
    return not any(one.startswith(other) or other.startswith(one) for one in some for other in others)


def _named(counts: dict[str, int]) -> int:
    return sum(posts for value, posts in counts.items() if value != "none")


def add(counts: dict[str, int], value: str, posts: int = 1) -> None:
    """Count more of a value, of at most 16 values."""
    if value in counts or len(counts) < _COUNTED:
        counts[value] = counts.get(value, 0) + posts
