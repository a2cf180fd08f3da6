"""What letters ask for, and where: by these one matter at one place is told from all others.

A letter is a post with a title that asks for something. It names a place and a matter. Letters about two matters of one
estate share its name, which is the rarest of their words; letters about one nuisance at two estates share all words but that.
So each is weighed by itself:

    place   names are believed by their shape (`nlp.incidents.spots`) from the first letter on: those in titles tell places
            apart; found anywhere in another they tell that the place is the same
    matter  mean cosine of ordinary words, pairs of characters that are not rare in text in general, without those names
    own     cosine of all words, each worth the share of all posts that hold it which these letters are: a word that many
            others hold, be it 麻将馆 or the name of a town, makes no matter of two

Letters about one place are of one matter if `matter` and `own` together reach a bar. Where one names no place, or a
matter has none (a lender that does not pay back), the bar is higher.
"""

import math
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from msgspec import Struct, field

from core.records import AnalysedPost
from nlp.incidents.features import IDF_SCALE, NORM, Bytes, Vector, bigram_hashes, code_points, name_buckets, word_hash
from nlp.incidents.spots import Mention, is_rare, mentions, short_of
from nlp.place_names import COMMUNITY, STREET
from nlp.script import fold

_ORDINARY = 9 * IDF_SCALE
"""Words below this IDF are ordinary: names are not."""
_TITLE = 2
_REPEATS = 6
_WORDS = 64
_SLACK = 256
_NAMES = 16
_HELD = 4
_STEEP = 12.0
_LATIN = re.compile(r"[^\W\d_\u3400-\u9fff]{2,}")


class Place(Enum):
    """What two groups of letters say of where they are about."""

    SAME = "same"
    APART = "apart"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Bar:
    """`matter` and `own` must each reach theirs, and together `both`."""

    matter: float
    own: float
    both: float


JOINS = {Place.SAME: Bar(0.1, 0.0, 0.24), Place.UNKNOWN: Bar(0.1, 0.09, 0.38)}
"""For a letter to join a cluster."""
UNITES = {Place.SAME: Bar(0.1, 0.0, 0.3), Place.UNKNOWN: Bar(0.1, 0.09, 0.45)}
"""For two clusters to be parts of one happening."""


class Letters(Struct, array_like=True):
    """One letter, or those of a cluster: how many, how many name each place in the title (`titled`) or anywhere that counts
    (`named`), at most 16 each, the sum of their ordinary words, and how many name any place in the title (`placed`)."""

    posts: int = 0
    titled: dict[str, int] = field(default_factory=dict)
    named: dict[str, int] = field(default_factory=dict)
    words: Vector = field(default_factory=dict)
    placed: int = 0

    def absorb(self, other: "Letters") -> None:
        """Take in others."""
        self.posts += other.posts
        self.placed += other.placed
        for own, others in ((self.titled, other.titled), (self.named, other.named)):
            for name, posts in others.items():
                if name in own or len(own) < _NAMES:
                    own[name] = own.get(name, 0) + posts
        for word, weight in other.words.items():
            self.words[word] = self.words.get(word, 0) + weight
        if len(self.words) > _SLACK:
            kept = sorted(self.words.items(), key=lambda word: (-word[1], word[0]))
            self.words = dict(kept[: _SLACK // 2])

    def are_most_of(self, posts: int) -> bool:
        """Whether more than half of so many posts are letters."""
        return 2 * self.posts > posts

    def place(self, other: "Letters") -> Place:
        """By the names that a quarter of each hold."""
        titled, named = self._held(self.titled), self._held(self.named)
        others_titled, others_named = other._held(other.titled), other._held(other.named)
        if _meet(titled or named, others_named) or _meet(others_titled or others_named, named):
            return Place.SAME
        is_told = titled and others_titled and self._is_placed and other._is_placed
        return Place.APART if is_told else Place.UNKNOWN

    def matter(self, other: "Letters") -> float:
        """Mean cosine of the ordinary words of the one and of the other."""
        fewer, more = sorted((self.words, other.words), key=len)
        dot = sum([weight * more.get(word, 0) for word, weight in fewer.items()])
        return dot / (NORM * NORM * max(1, self.posts * other.posts))

    @property
    def _is_placed(self) -> bool:
        return 2 * self.placed >= self.posts

    def _held(self, names: dict[str, int]) -> list[str]:
        return [name for name, posts in names.items() if _HELD * posts >= self.posts]


def joins(one: Letters, other: Letters, own: float) -> float:
    """How well a letter fits others; 0 if it is of another matter or place."""
    bar = JOINS.get(one.place(other))
    both = 0.0 if bar is None else _both(bar, one.matter(other), own)
    return both if bar is not None and both >= bar.both else 0.0


def unites(one: Letters, other: Letters, own: float, least: float, bias: float) -> float:
    """The chance that the letters of two clusters are of one happening: `least` at the bar; moved by what people taught."""
    bar = UNITES.get(one.place(other))
    both = 0.0 if bar is None else _both(bar, one.matter(other), own)
    if bar is None or not both:
        return 0.0
    return 1 / (1 + math.exp(_STEEP * (bar.both - both) - math.log(least / (1 - least)) - bias))


def _both(bar: Bar, matter: float, own: float) -> float:
    return matter + own if matter >= bar.matter and own >= bar.own else 0.0


def _meet(some: Iterable[str], others: Collection[str]) -> bool:
    """Whether they share a name, be it with more before it: 丽发新城, 暮云丽发新城."""
    return any(one in other or other in one for one in some for other in others)


# --- a post ----------------------------------------------------------------------------------------------------------


def letter(post: AnalysedPost, table: Bytes) -> Letters | None:
    """A post as a letter; None if it has no title or asks for nothing. `table` is the IDF of every bucket."""
    if not post.title or post.labels.intent.label == "none":
        return None
    title, text = fold(post.title), post.search
    streets = sorted({place.text for place in post.labels.places if len(place.code) >= STREET})
    listed = {place.text for place in post.labels.places if len(place.code) >= COMMUNITY}
    found = list(mentions(title))
    titled = {*_names(found, streets, table), *(name for name in listed if name in title)}
    located = set(_names((one for one in mentions(text) if one.located), streets, table))
    named = titled | located | listed | {short_of(one.longest) for one in found}
    words = _words(title, text, {*titled, *located, *streets}, table)
    titles, names = (dict.fromkeys(sorted(some)[:_NAMES], 1) for some in (titled, named))
    return Letters(1, titles, names, words, bool(titled))


def _names(found: Iterable[Mention], streets: Collection[str], table: Bytes) -> Iterator[str]:
    """What is rare enough for a name, without the street before it; or what a street gave its name to."""
    for one in found:
        name = short_of(one.longest)
        street = next((street for street in streets if street in name), None)
        if street is not None:
            rest = name.partition(street)[2]
            yield rest if len(rest) > 2 else street + rest
        elif is_rare(one.longest, table):
            yield name


def _words(title: str, text: str, names: Iterable[str], table: Bytes) -> Vector:
    """The heaviest ordinary words of a length of `NORM`; those of the title count three times."""
    own = {bucket for name in names for bucket in name_buckets(name)}
    times: dict[int, int] = {}
    for part, worth in ((text, 1), (title, _TITLE)):
        pairs = [bucket for bucket in bigram_hashes(code_points(part)).tolist() if bucket >= 0]
        for bucket in (*pairs, *map(word_hash, _LATIN.findall(part))):
            if table[bucket] < _ORDINARY and bucket not in own:
                times[bucket] = times.get(bucket, 0) + worth
    weights = {bucket: int(table[bucket]) * (1 + math.log2(min(_REPEATS, n))) for bucket, n in times.items()}
    kept = sorted(weights.items(), key=lambda word: (-word[1], word[0]))[:_WORDS]
    length = math.sqrt(sum([weight * weight for _, weight in kept])) or 1.0
    return {bucket: round(weight * NORM / length) for bucket, weight in kept}
