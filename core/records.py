"""The records that flow through the product, from a post to an evaluated answer.

All are immutable values with a schema version; times are aware datetimes in UTC. Unknown fields are ignored when reading
(an older reader meets a newer record) and missing ones take their default (the other way round).
"""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct, field

JURISDICTION_SAMPLE = "990100"
"""Code of the imagined district of the bundled sample: no administrative division of China starts with 99."""


class Record(Struct, frozen=True, kw_only=True):
    """What every record on the log carries."""

    v: int = 1


# --- posts -----------------------------------------------------------------------------------------------------------


class RawPost(Record, frozen=True, kw_only=True):
    """A post as admitted at the edge: valid, cleaned to plain text, personal data masked.

    `id` is a hash of the source and the source's own id. `author` is a salted hash, never a name. `masks` counts what was
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
    reply_to: str | None = None
    root: str | None = None
    likes: int = 0
    comments: int = 0
    shares: int = 0
    extra: dict[str, str] = field(default_factory=dict)
    masks: dict[str, int] = field(default_factory=dict)


class Post(RawPost, frozen=True, kw_only=True):
    """A prepared post.

    `lang` is `zh-Hans`, `zh-Hant`, another BCP 47 tag, or `und`. `search` is the Simplified, case-folded copy of title
    and text that search and detection read. `group` is the id of the first post of its near-duplicates (its own id when
    it is the first). `revision` counts later sights of the same post with changed content or counts.
    """

    lang: str = "und"
    search: str = ""
    group: str = ""
    revision: int = 0

    @property
    def is_copy(self) -> bool:
        """Whether this post repeats an earlier one (near-duplicate)."""
        return self.group not in ("", self.id)


# --- labels ----------------------------------------------------------------------------------------------------------


class Label(Struct, frozen=True, kw_only=True):
    """One class out of several, with calibrated probabilities over all of them (they sum to 1)."""

    label: str
    probs: dict[str, float]

    @property
    def confidence(self) -> float:
        """Calibrated probability of the label given."""
        return self.probs.get(self.label, 0.0)


class Offence(Struct, frozen=True, kw_only=True):
    """`label` is `offensive` or `clean`; `prob` is the calibrated probability of `offensive`."""

    label: str
    prob: float


class Place(Struct, frozen=True, kw_only=True):
    """A place named in the text. `code`: division code (2, 4, 6, 9 or 12 digits); `text`: the words that named it."""

    code: str
    name: str
    text: str


class RiskHit(Struct, frozen=True, kw_only=True):
    """A risk word found. `category` as in the lexicon (`casualties`, `fire`, ...); `weight` in 0..1."""

    category: str
    word: str
    weight: float


class Risk(Struct, frozen=True, kw_only=True):
    """`score` in 0..1: 1 - product of (1 - weight) over the distinct categories hit."""

    score: float = 0.0
    hits: tuple[RiskHit, ...] = ()


class Ngram(Struct, frozen=True, kw_only=True):
    """A piece of text that carried a decision, and how much (in log-odds units of the label given)."""

    text: str
    weight: float


class Labels(Struct, frozen=True, kw_only=True):
    """What the analysis says of a post; `reasons` maps a label kind (`sentiment`, `domain`, ...) to its n-grams."""

    sentiment: Label
    emotion: Label
    domain: Label
    intent: Label
    offensive: Offence
    places: tuple[Place, ...] = ()
    risk: Risk = Risk()
    reasons: dict[str, tuple[Ngram, ...]] = field(default_factory=dict)
    model: str = ""


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


# --- incidents -------------------------------------------------------------------------------------------------------


class Term(Struct, frozen=True, kw_only=True):
    """A word with its weight (keyness or share, as the owner says) and how many posts hold it."""

    text: str
    weight: float
    posts: int = 0


class Reason(Struct, frozen=True, kw_only=True):
    """Why something was decided: a `code` that screens translate, and its figures as `facts`."""

    code: str
    facts: dict[str, str | int | float] = field(default_factory=dict)


class PlaceCount(Struct, frozen=True, kw_only=True):
    """How many distinct posts of an incident name a place."""

    code: str
    name: str
    posts: int


class Incident(Record, frozen=True, kw_only=True):
    """Posts about one happening.

    `posts` counts distinct items (near-duplicates once), `copies` all posts, `authors` distinct author hashes. `heat` is
    the ranking figure, `speed` posts per hour over the last hour of stream time, `baseline` the expected posts per hour,
    `burst` the score of speed against baseline. `series` holds posts per hour, oldest first, ending at the hour of
    `last_at` (at most 48). `raised_at` is the stream time at which it first counted as an incident. `examples` are post
    ids, most telling first. `version` grows by one with every update. `merged_into` names the incident that took it in.
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
    terms: tuple[Term, ...] = ()
    risk: Risk = Risk()
    examples: tuple[str, ...] = ()
    series: tuple[int, ...] = ()
    reasons: tuple[Reason, ...] = ()
    version: int = 1
    merged_into: str | None = None


class Assignment(Struct, frozen=True, kw_only=True):
    """A post belongs to an incident since `known_at` (stream time); `incident` None takes it out again."""

    post: str
    incident: str | None
    known_at: datetime


# --- cases -----------------------------------------------------------------------------------------------------------


class CaseState(StrEnum):
    """The life of a case, in order."""

    EMERGING = "emerging"
    CONFIRMED = "confirmed"
    HANDLING = "handling"
    ANSWERED = "answered"
    EVALUATED = "evaluated"
    CLOSED = "closed"


class Pause(Struct, frozen=True, kw_only=True):
    """A time in which a clock did not run."""

    since: datetime
    until: datetime | None
    who: str
    reason: str


class Clock(Struct, frozen=True, kw_only=True):
    """One statutory or agreed limit running on a case.

    `kind` names the row of the clock table (its limit, counting and legal source live there and are copied into `limit`,
    `counts` (`natural` or `working`), `source`). `due_at` is None while the calendar of a year it reaches is not
    published. `stopped_at` is when the duty was met; `warned` are the warning steps already sent (shares of the limit).
    """

    kind: str
    name: str
    started_at: datetime
    start_event: str
    limit: str
    counts: str
    source: str
    due_at: datetime | None
    pauses: tuple[Pause, ...] = ()
    stopped_at: datetime | None = None
    warned: tuple[float, ...] = ()
    breached: bool = False
    note: str = ""


class Case(Record, frozen=True, kw_only=True):
    """An incident that met a rule and now has a level, a unit and clocks. `level` 1 (gravest) to 4.

    `rule` and `reasons` say why it was opened and why it has its level; `unit` is the responsible unit's id, `support`
    further units, `owner` a user name. `version` grows by one with every saved change (optimistic concurrency).
    """

    id: str
    incident: str
    jurisdiction: str
    title: str
    state: CaseState
    level: int
    rule: str
    opened_at: datetime
    updated_at: datetime
    version: int = 1
    unit: str | None = None
    support: tuple[str, ...] = ()
    owner: str | None = None
    domain: str = "none"
    place: str | None = None
    reasons: tuple[Reason, ...] = ()
    clocks: tuple[Clock, ...] = ()
    answer: str | None = None
    answered_at: datetime | None = None
    evaluation: dict[str, str | int | float] = field(default_factory=dict)
    heat: float = 0.0
    peak_level: int = 4
    level_set_by: str | None = None


class CaseEvent(Record, frozen=True, kw_only=True):
    """Something that happened to a case. `type` is `case.opened`, `case.level`, `case.acknowledged`, ..."""

    id: str
    type: str
    at: datetime
    case: Case
    who: str = "system"
    why: str = ""


class AuditRow(Struct, frozen=True, kw_only=True):
    """Who changed what, when and why. `detail` is a small flat summary of the change, never a post's text."""

    id: str
    object: str
    at: datetime
    who: str
    action: str
    why: str = ""
    detail: dict[str, str | int | float] = field(default_factory=dict)


# --- drafts ----------------------------------------------------------------------------------------------------------


class Citation(Struct, frozen=True, kw_only=True):
    """Evidence of one sentence: `kind` is `post`, `fact` (a fact card) or `case` (the case's own record)."""

    kind: str
    id: str


class Sentence(Struct, frozen=True, kw_only=True):
    """A sentence of a draft with the evidence that supports it; `part` is its place in the form (`heard`, `known`, ...)."""

    part: str
    text: str
    cites: tuple[Citation, ...]


class Question(Struct, frozen=True, kw_only=True):
    """Something to find out before an answer can be given, and the unit that can."""

    text: str
    unit: str | None = None


class Draft(Record, frozen=True, kw_only=True):
    """A proposed answer, or a refusal.

    `status` is `proposed` or `refused`; a refused draft has no sentences and lists its questions. `ai_label` is the
    visible label, `ai_metadata` the hidden one (《人工智能生成合成内容标识办法》, in force 2025-09-01). Nothing here is ever
    sent by the machine.
    """

    id: str
    case: str
    at: datetime
    status: str
    kind: str = "reply"
    sentences: tuple[Sentence, ...] = ()
    questions: tuple[Question, ...] = ()
    refusal: str = ""
    method: str = "template"
    ai_label: str = ""
    ai_metadata: dict[str, str] = field(default_factory=dict)


class FactCard(Struct, frozen=True, kw_only=True):
    """A verified fact that a draft may use, with its owner and validity. `terms`: when any occurs in a case it applies."""

    id: str
    jurisdiction: str
    part: str
    text: str
    unit: str
    source: str
    terms: tuple[str, ...] = ()
    domain: str | None = None
    place: str | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None


# --- delivery --------------------------------------------------------------------------------------------------------


class DeliveryState(StrEnum):
    """Where a delivery stands. `dead`: given up after the last retry or refused for good by the receiver."""

    PENDING = "pending"
    DONE = "done"
    DEAD = "dead"


class Delivery(Struct, frozen=True, kw_only=True):
    """One message to one receiver. `id` is derived from the event and the receiver: written twice it is still one.

    `kind` is `webhook` or `person`; `target` a webhook id or a channel id; `event` the event type; `body` its JSON text.
    """

    id: str
    kind: str
    target: str
    event: str
    body: str
    created_at: datetime
    next_at: datetime
    state: DeliveryState = DeliveryState.PENDING
    attempts: int = 0
    last_status: str = ""
    delivered_at: datetime | None = None


class Webhook(Struct, frozen=True, kw_only=True):
    """A receiver of events. `secrets` are the active signing keys (`whsec_...`), newest first; `events` empty means all."""

    id: str
    url: str
    secrets: tuple[str, ...]
    created_at: datetime
    events: tuple[str, ...] = ()
    jurisdiction: str | None = None
    enabled: bool = True
    disabled_reason: str = ""
    description: str = ""


class Channel(Struct, frozen=True, kw_only=True):
    """A way to reach people: an Apprise URL (it holds a secret, so it is never logged), for units and levels."""

    id: str
    name: str
    url: str
    units: tuple[str, ...] = ()
    levels: tuple[int, ...] = (1, 2, 3, 4)
    enabled: bool = True


# --- people and sources ----------------------------------------------------------------------------------------------


class Role(StrEnum):
    """What a person or token may do; each includes the ones before it."""

    VIEWER = "viewer"
    RESPONDER = "responder"
    LEADER = "leader"
    ADMIN = "admin"


class User(Struct, frozen=True, kw_only=True):
    """A person who may log in; `password` is an argon2 hash, None until the one-time link is used."""

    id: str
    name: str
    role: Role
    created_at: datetime
    password: str | None = None
    disabled: bool = False


class Credential(Struct, frozen=True, kw_only=True):
    """An API token, a session or a one-time link, stored as the SHA-256 of its secret. `kind`: token, session, invite."""

    hash: str
    kind: str
    name: str
    role: Role
    created_at: datetime
    user: str | None = None
    expires_at: datetime | None = None


class Source(Struct, frozen=True, kw_only=True):
    """A place to collect from, and how the last visit went.

    `state` holds what the next conditional request needs (etag, last_modified). `assessment` is the impact assessment
    (lawful basis, rate, identity, robots decision, who approved), 网络数据安全管理条例 art. 18.
    """

    id: str
    kind: str
    url: str
    name: str
    jurisdiction: str
    created_at: datetime
    interval_s: int = 600
    enabled: bool = True
    state: dict[str, str] = field(default_factory=dict)
    assessment: dict[str, str] = field(default_factory=dict)
    next_at: datetime | None = None
    last_ok_at: datetime | None = None
    last_error: str = ""
    last_items: int = 0
