"""What a stage asks for: a value that a runner commits in one transaction with the offsets that caused it.

A stage never writes. It returns `Effects`; the runner of the embedded set commits them in SQLite with the consumed
offset, the distributed one in the order that design.md gives. So every stage can be tested by looking at what it returns.
"""

from dataclasses import dataclass, field
from datetime import datetime

from msgspec import Struct

from core.codec import encode
from core.records import (
    AnalysedPost,
    Assignment,
    AuditRow,
    Case,
    Channel,
    Correction,
    Crawl,
    Credential,
    Delivery,
    Draft,
    FactCard,
    Incident,
    ModelCard,
    Notice,
    NoticeState,
    OfficeObject,
    PolicyItem,
    Rank,
    Record,
    Revisit,
    Sample,
    Source,
    User,
    VisitRecord,
    Webhook,
)
from core.topics import Topic


class Message(Struct, frozen=True, kw_only=True):
    """A record on its way into, or out of, the log. `id` makes a second append of the same message harmless.

    `sequence` grows by one with every message that commits put into a partition of a topic; a message that was sent twice
    carries the same one twice. 0: it was appended outside a commit, or its engine never repeats.
    """

    topic: Topic
    key: str
    id: str
    value: bytes
    position: int = -1
    partition: int = 0
    sequence: int = 0


def message(topic: Topic, key: str, id_: str, record: Record) -> Message:
    """A record ready for the log."""
    return Message(topic=topic, key=key, id=id_, value=encode(record))


@dataclass(frozen=True, slots=True)
class Consumed:
    """The batch that caused the effects: everything of `topic` above `after` up to `position` is done by `consumer`.

    `after` is the position that `consumer` had committed when it read the batch: who finds another one there was
    overtaken, and must not write. `sequence` is the last one in the batch (see `Message`), 0 when it carries none.
    """

    consumer: str
    topic: Topic
    position: int
    after: int = 0
    partition: int = 0
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """What is remembered of a post so that the next one can be told from it.

    `digest` covers content and counts; `fingerprint` is a 64-bit near-duplicate hash as a signed integer; `group` the id
    of the first post of its near-duplicates.
    """

    id: str
    jurisdiction: str
    at: datetime
    digest: str
    fingerprint: int
    group: str
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Revise:
    """A post that was seen gets another revision, if its stored one is still `expected`; otherwise the commit is a Conflict."""

    id: str
    revision: int
    expected: int


@dataclass(frozen=True, slots=True)
class Spread:
    """All posts alike have what a correction says since it was `changed` (made or withdrawn); it changed again: not yet."""

    correction: str
    changed: datetime


@dataclass(frozen=True, slots=True)
class LearntModel:
    """Keep a model that was learnt here, as `nlp.linear` writes it."""

    card: ModelCard
    weights: bytes


@dataclass(frozen=True, slots=True)
class RemoveModel:
    """Delete a model that was learnt here."""

    version: str


@dataclass(frozen=True, slots=True)
class StateRow:
    """A row of a stage's own state (the detector's clusters, a baseline). `value` None deletes it."""

    stage: str
    jurisdiction: str
    key: str
    value: bytes | None


@dataclass(frozen=True, slots=True)
class SaveCase:
    """Write a case if its stored version is still `expected` (0: it must not exist); otherwise the commit is a Conflict."""

    case: Case
    expected: int


@dataclass(frozen=True, slots=True)
class Keep:
    """Write what people edit if its stored version is still `expected` (0: it must not exist); otherwise a Conflict."""

    thing: OfficeObject | FactCard | Draft
    expected: int


@dataclass(frozen=True, slots=True)
class SettleNotice:
    """Write a notice if its stored state is still `expected`; otherwise the commit is a Conflict."""

    notice: Notice
    expected: NoticeState


@dataclass(frozen=True, slots=True)
class Visited:
    """A visit is over: what is known of the source now, kept only if `holder` still has the lease; else a Conflict.

    The lease ends at `free_at`: until then nobody asks that host again. `done` are the keys of revisits that are over,
    `revisits` those that are new or wait for their next look. The soonest that waits makes the source due, but not before
    `revisit_from` (None: not at all).
    """

    crawl: Crawl
    holder: str
    free_at: datetime
    visit: VisitRecord
    revisits: tuple[Revisit, ...] = ()
    done: tuple[str, ...] = ()
    sample: Sample | None = None
    ranks: tuple[Rank, ...] = ()
    revisit_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class RestHost:
    """No source of the host is due before then: it asked to be left alone."""

    host: str
    until: datetime


@dataclass(frozen=True, slots=True)
class AskCrawl:
    """What a person asks of the crawlers: `soon` a visit now, `backfill_since` a back-fill, `forget` begin anew."""

    source: str
    soon: bool = True
    backfill_since: datetime | None = None
    forget: bool = False


@dataclass(frozen=True, slots=True)
class SaveCookie:
    """The login that a person lent a source, encrypted; None takes it back."""

    source: str
    sealed: bytes | None


@dataclass(frozen=True, slots=True)
class RemoveSource:
    """Forget a source and all that is known of it. What it brought stays."""

    source: str


@dataclass(frozen=True, slots=True)
class RemoveJurisdiction:
    """Forget everything of a jurisdiction: log, index, cases, state (the sample's one click)."""

    jurisdiction: str


@dataclass(frozen=True, slots=True)
class RemoveCredential:
    """Revoke a token, session or one-time link by its hash."""

    hash: str


IN_USE = ("learn", "", "model")
"""Stage, jurisdiction and key of the row that names the model in use."""


def use_model(version: str | None) -> StateRow:
    """Label with the model of that version from now on; None: with the one that ships."""
    return StateRow(*IN_USE, None if version is None else version.encode())


Change = (
    Seen
    | StateRow
    | SaveCase
    | PolicyItem
    | Draft
    | AuditRow
    | Delivery
    | Notice
    | SettleNotice
    | Keep
    | Webhook
    | Channel
    | FactCard
    | Source
    | User
    | Credential
    | Correction
    | Revise
    | Spread
    | LearntModel
    | RemoveModel
    | RemoveCredential
    | Visited
    | RestHost
    | AskCrawl
    | SaveCookie
    | RemoveSource
    | RemoveJurisdiction
)
"""What the Store can be asked to write; a record stands for 'write this, replacing the one with its id'.

`AuditRow`, `Delivery` and `Notice` are exceptions: one whose id is already there is left as it is (written once, settled
by the outbox or by `SettleNotice`).
A `PolicyItem` is one more version, and a Conflict when somebody wrote that version first; so is a `User` that is there.
`AuditRow` and `Delivery` are exceptions: one whose id is already there is left as it is (written once, settled by the
outbox).
"""


@dataclass(slots=True)
class Effects:
    """Everything one batch changes. Add two with `+`."""

    messages: list[Message] = field(default_factory=list)
    posts: list[AnalysedPost] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    assigned: list[Assignment] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    def __add__(self, other: "Effects") -> "Effects":
        return Effects(
            self.messages + other.messages,
            self.posts + other.posts,
            self.incidents + other.incidents,
            self.assigned + other.assigned,
            self.changes + other.changes,
        )

    def __bool__(self) -> bool:
        return bool(self.messages or self.posts or self.incidents or self.assigned or self.changes)
