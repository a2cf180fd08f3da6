"""What the engines promise: Log, Index, Store, each by role, each with a contract suite in tests/contract.

Every adapter is safe to call from several threads. Reads see what was committed before they began. Nothing is written but
through `Storage.commit` (and `Log.append`, which is a commit of messages alone).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct, field

from core.audit import Chains
from core.effects import Consumed, Effects, Message, Seen, StateRow
from core.items import Items
from core.leases import Sources
from core.office import Accounts, Office
from core.records import (
    AnalysedPost,
    AuditRow,
    Case,
    CaseState,
    Channel,
    Correction,
    Delivery,
    DeliveryState,
    Draft,
    FactCard,
    Incident,
    ModelCard,
    Webhook,
)
from core.topics import Topic

# --- Log -------------------------------------------------------------------------------------------------------------


class Progress(Struct, frozen=True, kw_only=True):
    """How far a consumer has come in a partition: see `Consumed`."""

    position: int = 0
    sequence: int = 0


class Log(Protocol):
    """Topics in partitions, with positions that only grow (from 1) within one. Messages of one key share a partition."""

    @property
    def partitions(self) -> int:
        """How many partitions every topic has; they are numbered from 0."""
        ...

    def append(self, messages: Sequence[Message]) -> list[int | None]:
        """Write durably, in order; the position of each, None where the topic is known to hold a message of that id.

        An engine without look-ups by id never knows, and holds such a message twice: its readers go by the id.
        """
        ...

    def read(self, topic: Topic, after: int, limit: int, partition: int = 0) -> list[Message]:
        """At most `limit` messages with positions above `after`, in order; empty when there is none yet."""
        ...

    def end(self, topic: Topic, partition: int = 0) -> int:
        """Position of the newest message, 0 when there is none. One that the engine has deleted since may still count."""
        ...

    def progress(self, consumer: str, topic: Topic, partition: int = 0) -> Progress:
        """How far `consumer` has committed; zeros at first."""
        ...


def lag(log: Log, consumer: str, topic: Topic, partitions: Iterable[int] | None = None) -> int:
    """How many messages of a topic wait for a consumer, over these partitions or all.

    What was deleted between two that wait is counted with them; where none waits it is 0.
    """
    parts = range(log.partitions) if partitions is None else partitions
    return sum(max(0, log.end(topic, part) - log.progress(consumer, topic, part).position) for part in parts)


# --- Index -----------------------------------------------------------------------------------------------------------


class PostQuery(Struct, frozen=True, kw_only=True):
    """What to search for. `words`: all of them, `"..."` a phrase, a leading `-` excludes, `OR` between alternatives.

    Times are half-open (`since` inclusive, `until` exclusive). `fold` shows near-duplicates once (the first of each).
    """

    words: str = ""
    jurisdiction: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    source: str | None = None
    platform: str | None = None
    sentiment: str | None = None
    domain: str | None = None
    place: str | None = None
    incident: str | None = None
    lang: str | None = None
    fold: bool = False
    cursor: str | None = None
    limit: int = 50


Span = tuple[int, int]
"""Where a piece of a text begins and where it has ended, counted in Unicode code points (JavaScript counts otherwise)."""


class Highlights(Struct, frozen=True, kw_only=True):
    """Where a search's words stand in a post's own title and text: in order, apart from each other, never empty."""

    title: list[Span] = field(default_factory=list)
    text: list[Span] = field(default_factory=list)


class FoundPost(Struct, frozen=True, kw_only=True):
    """A post with the incident it belongs to. Of the first of near-duplicates, `copies` are how many posts say the same and
    `interactions` what people did with all of them together, itself included, wherever they stand; else its own alone.

    `highlights` are for a search with words; without, there are none.
    """

    post: AnalysedPost
    incident: str | None = None
    copies: int = 1
    interactions: int
    highlights: Highlights = Highlights()


class PostPage(Struct, frozen=True, kw_only=True):
    """Newest first; `cursor` fetches the next page, None at the end."""

    items: list[FoundPost]
    cursor: str | None = None


class IncidentQuery(Struct, frozen=True, kw_only=True):
    """Incidents by `order` (`heat` or `newest`); merged ones only when asked for by id."""

    jurisdiction: str | None = None
    since: datetime | None = None
    order: str = "heat"
    cursor: str | None = None
    limit: int = 50


class IncidentPage(Struct, frozen=True, kw_only=True):
    """A page of incidents; `cursor` fetches the next, None at the end."""

    items: list[Incident]
    cursor: str | None = None


class Bucket(Struct, frozen=True, kw_only=True):
    """Posts of one hour: how many, and how many of each sentiment."""

    at: datetime
    posts: int
    negative: int = 0
    neutral: int = 0
    positive: int = 0


class Count(Struct, frozen=True, kw_only=True):
    """How many posts (and how many of them negative) have a value of a dimension (place, domain, source)."""

    value: str
    posts: int
    negative: int = 0


class BoardFigures(Struct, frozen=True, kw_only=True):
    """The aggregations of the board over a span of hours, from rollups (no scan of posts)."""

    posts: int = 0
    negative: int = 0
    newest_at: datetime | None = None
    hours: list[Bucket] = field(default_factory=list)
    domains: list[Count] = field(default_factory=list)
    places: list[Count] = field(default_factory=list)
    sources: list[Count] = field(default_factory=list)


class Index(Protocol):
    """Search and aggregation over posts and incidents."""

    def posts(self, query: PostQuery) -> PostPage: ...

    def histogram(self, query: PostQuery) -> list[Bucket]:
        """How many posts a search finds in each hour that has any, oldest first; cursor and limit do not count."""

    def post(self, id_: str) -> FoundPost | None: ...

    def posts_by_id(self, ids: Sequence[str]) -> list[AnalysedPost]:
        """Those of these posts that are there, in this order."""

    def first_of_sources(self, incident: str, limit: int) -> list[AnalysedPost]:
        """The first post of each source in an incident, copies too, oldest first; of the `limit` sources that came first."""

    def incidents(self, query: IncidentQuery) -> IncidentPage: ...

    def incident(self, id_: str) -> Incident | None: ...

    def figures(self, since: datetime, until: datetime, jurisdiction: str | None) -> BoardFigures:
        """Aggregations over whole hours that begin in [since, until)."""

    def hours(self, since: datetime, until: datetime, jurisdiction: str | None) -> list[Bucket]:
        """Every whole hour that begins in [since, until), in order."""

    def within(self, since: datetime, until: datetime, jurisdiction: str | None, codes: Sequence[str]) -> list[Count]:
        """How many posts name a place in each of these divisions (each post once), over whole hours as in `figures`."""

    def sources(self, since: datetime, until: datetime, jurisdiction: str | None) -> list[Count]:
        """Every source that has posts, however quiet, the loudest first; over whole hours as in `figures`."""

    def newest(self, jurisdiction: str | None) -> datetime | None:
        """`at` of the newest post, None when there is none."""

    def catch_up(self) -> None:
        """Let the searches that follow find all that was committed before; without it an engine may be a second late."""


# --- Store -----------------------------------------------------------------------------------------------------------


class CaseQuery(Struct, frozen=True, kw_only=True):
    """Cases, gravest level and newest first; `open` True leaves out closed ones, `opened_since` those opened before."""

    jurisdiction: str | None = None
    state: CaseState | None = None
    open: bool = False
    unit: str | None = None
    opened_since: datetime | None = None
    cursor: str | None = None
    limit: int = 50


class CasePage(Struct, frozen=True, kw_only=True):
    """A page of cases; `cursor` fetches the next, None at the end."""

    items: list[Case]
    cursor: str | None = None


class StageState(Protocol):
    """What stages remember between batches and across restarts."""

    def seen(self, ids: Sequence[str]) -> dict[str, Seen]:
        """What is remembered of those posts that were seen before."""
        ...

    def seen_since(self, jurisdiction: str, since: datetime, limit: int) -> list[Seen]:
        """The newest `limit` posts published since then, oldest first (to rebuild the near-duplicate window)."""
        ...

    def state(self, stage: str, jurisdiction: str) -> list[StateRow]:
        """All rows of a stage's state, ordered by key."""
        ...


class Cases(Protocol):
    """Cases with their drafts, audit and fact cards."""

    def case(self, id_: str) -> Case | None: ...

    def cases(self, query: CaseQuery) -> CasePage: ...

    def cases_of(self, incidents: Sequence[str]) -> dict[str, Case]:
        """The newest case of each of these incidents that has one, by incident id."""
        ...

    def drafts(self, case: str) -> list[Draft]:
        """Newest first."""
        ...

    def draft(self, id_: str) -> Draft | None: ...

    def audit(self, object_: str) -> list[AuditRow]:
        """Oldest first."""
        ...

    def facts(self, jurisdiction: str) -> list[FactCard]: ...


class Outbox(Protocol):
    """Deliveries waiting to leave."""

    def claim(self, now: datetime, lease_s: float, limit: int) -> list[Delivery]:
        """Take due deliveries by conditional update; they come back after `lease_s` if nobody settles them."""
        ...

    def oldest_due(self, now: datetime) -> datetime | None:
        """Since when the delivery is due that has been due for longest; None when none is."""
        ...

    def settle(self, delivery: Delivery) -> None:
        """Record the outcome of an attempt (state, attempts, next_at, last_status)."""
        ...

    def delivery(self, id_: str) -> Delivery | None: ...

    def deliveries(self, target: str | None, state: DeliveryState | None, limit: int) -> list[Delivery]:
        """Newest first."""
        ...

    def webhooks(self) -> list[Webhook]: ...

    def channels(self) -> list[Channel]: ...


class CorrectionQuery(Struct, frozen=True, kw_only=True):
    """Corrections, newest first; `active` True leaves out withdrawn ones."""

    jurisdiction: str | None = None
    post: str | None = None
    active: bool = False
    cursor: str | None = None
    limit: int = 50


class CorrectionPage(Struct, frozen=True, kw_only=True):
    """A page of corrections; `cursor` fetches the next, None at the end."""

    items: list[Correction]
    cursor: str | None = None


class Teaching(Protocol):
    """What people corrected, and what was learnt from it."""

    def correction(self, id_: str) -> Correction | None: ...

    def corrections(self, query: CorrectionQuery) -> CorrectionPage: ...

    def standing_corrections(self, jurisdiction: str | None) -> list[Correction]:
        """All that are not withdrawn, oldest first; of every jurisdiction when None."""
        ...

    def unspread(self, before: datetime, limit: int) -> list[Correction]:
        """Those that changed before then and are not yet on all posts alike, oldest change first."""
        ...

    def seen_before(self, jurisdiction: str, before: tuple[datetime, str], since: datetime, limit: int) -> list[Seen]:
        """The newest `limit` posts published since then and, by time and id, before that one; newest first."""
        ...

    def taught(self) -> str:
        """A word that is another one after any correction, withdrawal or change of the model; cheap to ask."""
        ...

    def models(self) -> list[ModelCard]:
        """Newest first."""
        ...

    def model_in_use(self) -> str | None:
        """The version that `core.effects.use_model` chose last; None for the one that ships."""
        ...

    def weights(self, version: str) -> bytes | None: ...


class Store(StageState, Cases, Chains, Items, Outbox, Accounts, Sources, Teaching, Office, Protocol):
    """All roles of the Store."""


class Storage(Protocol):
    """The three ports of one engine set, and the transaction over them."""

    @property
    def log(self) -> Log: ...

    @property
    def index(self) -> Index: ...

    @property
    def store(self) -> Store: ...

    def commit(self, effects: Effects, consumed: Consumed | None = None) -> bool:
        """Apply all or nothing, together with the offset; False when nothing was to do.

        A batch whose offset was already committed is skipped whole. Raises `Overtaken` when another worker has
        committed a part of it, `Conflict` when a case was changed since it was read, `StorageError` when the engine
        cannot write; nothing is applied then.
        """
        ...

    def retain(self, log_after: datetime, posts_after: datetime, now: datetime) -> int:
        """Delete what is older: handled messages of the log, posts with what is derived from them, settled deliveries that
        were last due before `posts_after`; and credentials that are over.

        Cases, their audit and drafts stay. Returns 0 when nothing is left to delete.
        """
        ...

    def close(self) -> None: ...
