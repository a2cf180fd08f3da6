"""One cluster of posts: its centroid and its counts. It is also the row that is stored, so it holds whole numbers."""

import math
from collections.abc import Collection, Sequence

from msgspec import Struct, field

from core.records import AnalysedPost
from nlp.incidents.accounts import COUNTED, Exemplar, Passed, RiskCount, Where, add, named, together
from nlp.incidents.burst import SHARE_OF, WINDOWS_H
from nlp.incidents.features import Vector
from nlp.incidents.hashtags import Tags, hashtags
from nlp.incidents.letters import Letters
from nlp.incidents.rising import Rise
from nlp.incidents.usual import Usual
from nlp.incidents.voices import (
    KNOWN,
    POST,
    Kind,
    Voice,
    author_bit,
    count_in,
    faded,
    hashed,
    met,
    number_of,
    weakest,
)
from nlp.incidents.waves import Wave, is_young
from nlp.place_names import COMMUNITY

HOUR = 3600
_TERMS = 128
_TERMS_SLACK = 64
_GROUPS = 256
EXEMPLARS = 8
_PASSAGES = 16
_LINKS = 16
MEMBERS = 128
_FEW = 4
_TENTHS = 10
_COMES_BACK = 3


class Cluster(Struct, array_like=True):
    """Posts about one happening. Times are seconds since 1970.

    `terms` is the centroid (a sum of vectors, halved every half-life, of which the heaviest are kept), `squares` its
    squared length, `holders` how many posts had each of its features. `born` counts the clusters of the jurisdiction,
    `born_total` and `touched_total` its posts. `voices` are its authors (by hash), of whom three posts each are heard: in
    the counts of what posts say, and by the hour, in `hours` distinct posts and in `echoes` copies. `distinct`, `repeats`
    and `interactions` are of those who are not in `voices`; `step` is up to when all these have faded. `members` are its
    posts, to be assigned when it is raised or merged; at most 128 are kept, as a flood of copies would grow without end.
    `told_at` and `told_copies` are what the last milestone was told of. It `is_out` if it began with a copy of what a
    person put out, and is `bound` by so many corrections of people that put it where it is. Of a whole happening,
    `dismissed` is how many posts it had when a person said that it is none, and it is `held` once somebody works on its
    case; it was `parted_from` another incident, and `passages` are what came and left. It `continues` the earlier incidents
    that people linked it to, by the id of what they said. `coordinated` counts the posts of waves that looked arranged,
    `young` those of them by young accounts. `spots` are names of places that no list knows, as `places` are those that one
    does. `letters` is what its letters ask for (`nlp.incidents.letters`), `tags` are its hashtags. `surplus` is by how many
    posts its authors were heard more than three times, because they wrote in several clusters that became one. `expected`
    posts are usual in the jurisdiction in an hour, `usual` in each window of a burst; `prior` is how many posts the prior
    share is worth (`nlp.incidents.usual`).
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
    is_out: bool = False
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
    voices: dict[int, Voice] = field(default_factory=dict)
    step: int = 0
    echoes: dict[int, int] = field(default_factory=dict)
    continues: dict[str, str] = field(default_factory=dict)
    letters: Letters = field(default_factory=Letters)
    bound: int = 0
    surplus: int = 0
    young: int = 0
    tags: Tags = field(default_factory=Tags)

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
        return 2 * max(exact, default=0) >= self.understood

    @property
    def where(self) -> Where:
        """All places that its posts name."""
        return Where(self.places, self.spots)

    @property
    def is_of_concern(self) -> bool:
        """Whether half of the posts ask the government for something, or speak of what it answers for.

        A sad mood is no concern of it: everyday talk has as many negative words as complaints have.
        """
        return 2 * max(named(self.intents), named(self.domains)) >= self.understood

    @property
    def main_domain(self) -> str:
        """The label that most of its posts have, be it none."""
        return min(self.domains, key=lambda domain: (-self.domains[domain], domain), default="none")

    @property
    def authors(self) -> int:
        """Distinct authors, near exact for tens, 5 % off for a thousand."""
        return number_of(self.author_bits)

    @property
    def understood(self) -> int:
        """Distinct posts that count for what they say: of an author three, in each of the clusters that became this one."""
        return sum(self.sentiment.values())

    @property
    def heard(self) -> int:
        """Distinct posts that count: of an author three."""
        return self.understood - self.surplus

    @property
    def heard_of_others(self) -> int:
        """Those not of the author who was heard most."""
        return self.heard - max((voice.heard for voice in self.voices.values()), default=0)

    @property
    def by_hour(self) -> dict[int, int]:
        """Posts by the hour since 1970, copies too; of an author three and three at most."""
        if not self.echoes:
            return self.hours
        return {hour: self.hours.get(hour, 0) + self.echoes.get(hour, 0) for hour in self.hours | self.echoes}

    def posts_within(self, first: int, last: int) -> int:
        """Posts of some hours; copies up to as many as there are distinct posts in all."""
        said, echoed = (sum(by.get(hour, 0) for hour in range(first, last + 1)) for by in (self.hours, self.echoes))
        return said + min(echoed, self.heard)

    @property
    def counting_risks(self) -> dict[str, RiskCount]:
        """The risk categories that a tenth of the posts speak of, and two of them once there are four."""
        least = 1 if self.understood < _FEW else 2
        return {name: risk for name, risk in self.risks.items() if risk.posts >= max(least, self.understood / 10)}

    @property
    def risk(self) -> float:
        """Risk of what is said, of the categories that count."""
        return together(self.counting_risks)

    # --- what happens to it -------------------------------------------------------------------------------------------

    def fade(self, now: float, half_life: float) -> Vector:
        """Halve the centroid if a half-life has passed; after a long silence once, not to nothing.

        Returns the features that it lost, and how many posts had each.
        """
        elapsed = now - self.halved
        if elapsed < half_life:
            return {}
        self.halved = now
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

    def age(self, step: int) -> None:
        """Let what was heard fade up to a step (`nlp.incidents.voices`)."""
        steps, self.step = step - self.step, step
        if steps > 0:
            self.distinct, self.repeats = faded(self.distinct, steps), faded(self.repeats, steps)
            self.interactions = faded(self.interactions, steps)
            self.voices = {author: voice.after(steps) for author, voice in self.voices.items()}

    def count(self, post: AnalysedPost, at: float, now: float, *, arranged: bool = False) -> None:
        """Count any post, copy or not; who posts in an arranged wave is no person more."""
        self.copies += 1
        self.first_at = min(self.first_at, at)
        self.last_at = max(self.last_at, at)
        self.touched = now
        add(self.sources, post.source)
        if arranged:
            self.coordinated += 1
            self.young += is_young(post)
        else:
            self.author_bits = met(self.author_bits, 1 << author_bit(post.author or post.id))

    def measure(self, usual: Usual, total: int) -> None:
        """Note what is usual at its newest post, the jurisdiction's `total`-th."""
        self.expected, self.usual, self.per_day, self.prior = usual.hour, usual.windows, usual.per_day, usual.prior
        self.touched_total = total

    def count_copy(self, post: AnalysedPost, at: float) -> None:
        """Count a copy, which says nothing new, of what is held."""
        voice, hour = self._voice(post), int(at // HOUR)
        voice.repeat()
        if voice.is_in_time(hour, Kind.ECHOED):
            count_in(self.echoes, hour)
        self._heard(post, voice)

    def count_distinct(self, post: AnalysedPost, at: float, spots: Collection[str]) -> bool:
        """Count what a post says and which spots it names, if its author is heard; whether he is."""
        self.posts += 1
        voice, hour = self._voice(post), int(at // HOUR)
        is_heard = voice.say()
        if voice.is_in_time(hour, Kind.SAID):
            count_in(self.hours, hour)
        self._heard(post, voice)
        if is_heard:
            self._count_labels(post, spots)
        return is_heard

    def _voice(self, post: AnalysedPost) -> Voice:
        """Its author. Where none is named, each post is somebody's."""
        if post.author is None:
            return Voice()
        author = hashed(post.author)
        if author not in self.voices:
            self.know_at_most(KNOWN - 1)
            self.voices[author] = Voice()
        return self.voices[author]

    def know_at_most(self, authors: int) -> None:
        """Forget who of the authors said least: what he said stays."""
        while len(self.voices) > authors:
            self._forget(self.voices.pop(weakest(self.voices)))

    def _heard(self, post: AnalysedPost, voice: Voice) -> None:
        voice.interactions = max(voice.interactions, post.interactions)
        if post.author is None:
            self._forget(voice)

    def _forget(self, voice: Voice) -> None:
        self.distinct += voice.distinct / POST
        self.repeats += voice.repeats / POST
        self.interactions += voice.interactions

    def _count_labels(self, post: AnalysedPost, spots: Collection[str]) -> None:
        labels = post.labels
        add(self.sentiment, labels.sentiment.answer)
        add(self.domains, labels.domain.label)
        add(self.intents, labels.intent.label)
        for place in labels.places:
            if place.code in self.places or len(self.places) < COUNTED:
                self.places[place.code] = (place.name, self.places.get(place.code, ("", 0))[1] + 1)
        for spot in spots:
            add(self.spots, spot)
        self.tags.count(hashtags(post.search))
        heaviest = {hit.category: hit for hit in sorted(labels.risk.hits, key=lambda hit: (hit.weight, hit.word))}
        for category, hit in heaviest.items():
            risk = self.risks.setdefault(category, RiskCount(hit.word, hit.weight, 0, hit.danger))
            risk.posts += 1
            if hit.weight > risk.weight:
                risk.word, risk.weight = hit.word, hit.weight

    def exemplify(self, post: AnalysedPost, sentence: str, closeness: float) -> None:
        """Keep a sentence if it is among the closest; the first post stays."""
        if any(exemplar.sentence == sentence for exemplar in self.exemplars):
            return
        if len(self.exemplars) >= EXEMPLARS:
            weakest = min(range(1, EXEMPLARS), key=lambda place: (self.exemplars[place].closeness, -place))
            if self.exemplars[weakest].closeness >= closeness:
                return
            del self.exemplars[weakest]
        self.exemplars.append(Exemplar(post.id, sentence, closeness))

    def is_milestone(self, now: float) -> bool:
        """Whether it has grown by a tenth since the last one, or an hour has passed."""
        return _TENTHS * self.copies >= (_TENTHS + 1) * self.told_copies or now - self.told_at >= HOUR

    def keep(self, post: str) -> None:
        """Keep a post to be assigned later, while there are not too many."""
        if len(self.members) < MEMBERS:
            self.members.append(post)

    @property
    def is_movable(self) -> bool:
        """Whether it may go elsewhere by itself: no person put it here, and all its posts can be assigned anew."""
        return not self.is_out and not self.bound and self.is_known

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

    def link(self, said: str, earlier: str) -> None:
        """Note that a person says it goes on with an earlier incident; the newest 16 are kept."""
        self.continues = dict([*self.continues.items(), (said, earlier)][-_LINKS:])

    def passed(self, passage: Passed) -> None:
        """Note that posts came from another incident, or left for it."""
        self.passages = [*self.passages, passage][-_PASSAGES:]

    def let_go(self, post: str, distinct: int) -> None:
        """Count a post no more, worth so many distinct ones (a copy none), that a person says does not belong here.

        What it said of other things stays counted.
        """
        self.exemplars = [exemplar for exemplar in self.exemplars if exemplar.id != post] or self.exemplars
        self.posts -= distinct
        self.copies -= 1

    def take_back(self, distinct: int) -> None:
        """Count such a post again."""
        self.posts += distinct
        self.copies += 1


def _apart(some: Collection[str], others: Collection[str]) -> bool:
    return not any(one.startswith(other) or other.startswith(one) for one in some for other in others)
