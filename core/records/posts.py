"""Posts, from admission to their labels."""

from datetime import date, datetime

from msgspec import Struct, field

from core.records.record import Record


class RawPost(Record, frozen=True, kw_only=True):
    """A post as admitted at the edge: valid, cleaned to plain text, personal data masked.

    `id` is a hash of the source and the source's own id. `author` is a salted hash, never a name, and `author_since` the day
    (there) when that account was opened, where the source tells it. `masks` counts what was
    masked in title and text, by kind (`mobile`, `identity`, ...). `jurisdiction` is an administrative division code
    (行政区划), the tenant and the partition key.
    """

    id: str
    source: str
    platform: str
    at: datetime
    seen_at: datetime
    jurisdiction: str
    text: str
    title: str = ""
    url: str | None = None
    author: str | None = None
    author_since: date | None = None
    reply_to: str | None = None
    root: str | None = None
    likes: int = 0
    comments: int = 0
    shares: int = 0
    extra: dict[str, str] = field(default_factory=dict)
    masks: dict[str, int] = field(default_factory=dict)

    @property
    def interactions(self) -> int:
        """What people did with it, all together: likes, comments and shares."""
        return self.likes + self.comments + self.shares


class Post(RawPost, frozen=True, kw_only=True):
    """A prepared post.

    `lang` is `zh-Hans`, `zh-Hant`, another BCP 47 tag, or `und`. `search` is the Simplified, case-folded copy of title
    and text that search and detection read. `group` is the id of the first post of its near-duplicates (its own id when
    it is the first). `revision` counts later sights of the same post with changed content or counts.
    `gone_at` is when its source was first seen not to have it any more; the post stays, None once it is there again.
    """

    lang: str = "und"
    search: str = ""
    group: str = ""
    revision: int = 0
    gone_at: datetime | None = None

    @property
    def is_copy(self) -> bool:
        """Whether this post repeats an earlier one (near-duplicate)."""
        return self.group not in ("", self.id)


UNSURE = "unsure"


class Label(Struct, frozen=True, kw_only=True):
    """The likeliest class out of several, with calibrated probabilities over all of them (they sum to 1).

    `unsure` where it is as likely wrong as right: then the answer is that there is none.
    """

    label: str
    probs: dict[str, float]
    unsure: bool = False

    @property
    def answer(self) -> str:
        """The label, or `unsure`: what is counted and searched."""
        return UNSURE if self.unsure else self.label

    @property
    def confidence(self) -> float:
        """Calibrated probability of the label given."""
        return self.probs.get(self.label, 0.0)


class Offence(Struct, frozen=True, kw_only=True):
    """`label` is `offensive` or `clean`; `prob` is the calibrated probability of `offensive`; `unsure` near the middle."""

    label: str
    prob: float
    unsure: bool = False


class Place(Struct, frozen=True, kw_only=True):
    """A place named in the text. `code`: division code (2, 4, 6, 9 or 12 digits); `text`: the words that named it."""

    code: str
    name: str
    text: str


class RiskHit(Struct, frozen=True, kw_only=True):
    """A risk word found. `category` as in the lexicon (`casualties`, `fire`, ...); of `danger`, which no word names, `word` is
    the passage that told it. `weight` in 0..1. `danger`: the category is one of danger to life or limb.
    """

    category: str
    word: str
    weight: float
    danger: bool = False


class Risk(Struct, frozen=True, kw_only=True):
    """`score` in 0..1: 1 - product of (1 - weight) over the distinct categories hit."""

    score: float = 0.0
    hits: tuple[RiskHit, ...] = ()


class Ngram(Struct, frozen=True, kw_only=True):
    """A piece of text that carried a decision, and how much (in log-odds units of the label given)."""

    text: str
    weight: float


class Target(Struct, frozen=True, kw_only=True):
    """What a sentiment is about: a unit (`unit`) or a place of the gazetteer (`place`, with its code), as it is written."""

    kind: str
    text: str
    code: str | None = None


class Told(Struct, frozen=True, kw_only=True):
    """That a person gave a label: who and when, by which correction (of this text, or `near` it: a near-duplicate).

    `model` is the model's own answer, `reasons` are what carried it; `target` is what its sentiment was about, `risk` the risk
    that the post had, where it is its danger that was corrected.
    """

    by: str = "person"
    who: str
    at: datetime
    correction: str
    near: bool = False
    model: Label
    reasons: tuple[Ngram, ...] = ()
    target: Target | None = None
    risk: Risk | None = None


class Labels(Struct, frozen=True, kw_only=True):
    """What the analysis says of a post; `reasons` maps a label kind (`sentiment`, `domain`, ...) to its n-grams.

    `danger` (`danger` or `none`) is whether it tells of a danger to life or limb that happens, has just happened or is near,
    by words, by their contexts and by the model: there is one where `risk` has a hit of a danger.
    `target` is what a negative or positive sentiment is about, where a unit or a place is named.
    `told` has the kinds that a person has corrected: their labels are the person's, with all the probability.
    """

    sentiment: Label
    emotion: Label
    domain: Label
    intent: Label
    offensive: Offence
    danger: Label
    places: tuple[Place, ...] = ()
    risk: Risk = Risk()
    reasons: dict[str, tuple[Ngram, ...]] = field(default_factory=dict)
    told: dict[str, Told] = field(default_factory=dict)
    model: str = ""
    target: Target | None = None


class AnalysedPost(Post, frozen=True, kw_only=True):
    """A prepared post with its labels."""

    labels: Labels


class Rejected(Record, frozen=True, kw_only=True):
    """Something refused: where it came from, the reason for a person, and what it said (masked, cut at 2 000 letters).

    `code` is one of a bounded set (it becomes a metric label); `reason` is a sentence.
    """

    id: str
    at: datetime
    origin: str
    code: str
    reason: str
    excerpt: str = ""
    jurisdiction: str = ""
