"""Incidents, why they were raised, and what people say of how posts were grouped."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct, field

from core.records.posts import Risk
from core.records.record import Record


class Term(Struct, frozen=True, kw_only=True):
    """A word with its weight (keyness or share, as the owner says) and how many posts hold it."""

    text: str
    weight: float
    posts: int = 0


class Reason(Struct, frozen=True, kw_only=True):
    """Why something was decided: a `code` that screens translate, and its figures as `facts`."""

    code: str
    facts: dict[str, str | int | float] = field(default_factory=dict)


class Why(StrEnum):
    """The codes of the reasons that the detector gives for an incident; rules may ask for them."""

    BURST = "burst"
    RISING = "rising"
    VOLUME = "volume"
    RISK = "risk"
    SPREAD = "spread"
    NEGATIVE = "negative"
    COORDINATED = "coordinated"
    YOUNG_ACCOUNTS = "young_accounts"


class PlaceCount(Struct, frozen=True, kw_only=True):
    """How many distinct posts of an incident name a place."""

    code: str
    name: str
    posts: int


class Passing(StrEnum):
    """How posts came into an incident, or left it, together."""

    CAME = "came"
    """`other`, or a part of it, went up in this one."""
    LEFT = "left"
    """A part of this one left for `other`, or became it."""


class Passage(Struct, frozen=True, kw_only=True):
    """So many `posts`, copies too, came from another incident or left for it, at a moment of stream time."""

    kind: Passing
    other: str
    posts: int
    at: datetime


class Incident(Record, frozen=True, kw_only=True):
    """Posts about one happening.

    `posts` counts distinct items (near-duplicates once), `copies` all posts, `authors` distinct author hashes. Of an author
    three posts count for what they say (`sentiment`, `domains`, `places`, `risk`), and three an hour in `series`. `heat` is
    the ranking figure, `speed` posts per hour over the last hour of stream time, `baseline` the expected posts per hour,
    `burst` the score of speed against baseline. `series` holds posts per hour, oldest first, ending at the hour of
    `last_at` (at most 48). `raised_at` is the stream time at which it first counted as an incident. `examples` are post
    ids, most telling first. `spots` are names of estates, roads, stations and schools that no list of places holds, learnt
    from posts, and how many distinct posts name each, as `hashtags` are those that posts bear. `version` grows with every
    post. `merged_into` names the incident that took it in, `parted_from` the one that it was a part of; `history` tells the
    newest 16 passages of posts between this incident and others, oldest first. A person has said that it `continues`
    earlier incidents, which could not be united with it any more. A person has `dismissed` what is none.

    `milestone`: a version for rules to judge. There is one for each of the first posts, then one whenever it has grown by a
    tenth, an hour has passed, it has taken in another one, or it has been silent for ten minutes of stream time since it grew.
    Which these are does not depend on how posts came in batches. Versions between them only keep screens fresh.
    """

    id: str
    jurisdiction: str
    title: str
    first_at: datetime
    last_at: datetime
    raised_at: datetime
    posts: int
    copies: int
    authors: int
    heat: float
    speed: float
    baseline: float
    burst: float
    sentiment: dict[str, int] = field(default_factory=dict)
    domain: str = "none"
    domains: dict[str, int] = field(default_factory=dict)
    sources: dict[str, int] = field(default_factory=dict)
    places: tuple[PlaceCount, ...] = ()
    spots: dict[str, int] = field(default_factory=dict)
    hashtags: dict[str, int] = field(default_factory=dict)
    terms: tuple[Term, ...] = ()
    risk: Risk = Risk()
    examples: tuple[str, ...] = ()
    series: tuple[int, ...] = ()
    reasons: tuple[Reason, ...] = ()
    version: int = 1
    milestone: bool = True
    merged_into: str | None = None
    parted_from: str | None = None
    history: tuple[Passage, ...] = ()
    continues: tuple[str, ...] = ()
    dismissed: bool = False

    @property
    def is_listed(self) -> bool:
        """Whether it stands for itself: neither merged nor said to be none."""
        return self.merged_into is None and not self.dismissed


class Assignment(Struct, array_like=True, frozen=True, kw_only=True):
    """A post belongs to an incident since `known_at` (stream time); `incident` None takes it out again."""

    post: str
    incident: str | None
    known_at: datetime


class Regroup(StrEnum):
    """What people have said or done that binds the grouping."""

    TOGETHER = "together"
    """`other` is the same happening as `incident`: they become one. If that cannot be, the later continues the earlier."""
    APART = "apart"
    """`post`, with those that say the same, does not belong to `incident`."""
    NOTHING = "nothing"
    """`incident` is none."""
    HELD = "held"
    """Somebody works on the case of `incident`: its id stays. Said by his moves, never by itself."""


class Regrouping(Record, frozen=True, kw_only=True):
    """What a person's correction, or his work on a case, says of the grouping.

    It lies in the log among the posts, so that a replay meets it where live did.

    `group` is the near-duplicate group of `post`. `raised_at` and `other_raised_at` say when `incident` and `other` were
    raised: of one that is over the detector knows it no more. `undone` takes an earlier one with the same `id` back.
    """

    id: str
    jurisdiction: str
    kind: Regroup
    incident: str
    other: str | None = None
    post: str | None = None
    group: str | None = None
    raised_at: datetime | None = None
    other_raised_at: datetime | None = None
    who: str
    at: datetime
    undone: bool = False
