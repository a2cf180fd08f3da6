"""Answers that join several records, and the bodies of requests. Their fields are the API's promise."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta as Limits
from msgspec import Struct, field

from alerts.checklists import CaseChecklist
from core.ports import BoardFigures, FoundPost
from core.records import AuditRow, Case, Delivery, Draft, Health, Incident
from core.records.audit import Verified
from core.records.publication import Publication, PublicationKind
from nlp.intake import Receipt

Instant = Annotated[datetime, Limits(tz=True)]
Code = Annotated[str, Limits(pattern=r"^[0-9]{2,12}$", description="Administrative division code.")]


class LevelView(Struct, frozen=True, kw_only=True):
    """A level as screens show it."""

    level: int
    color: str
    name: dict[str, str]


class UnitView(Struct, frozen=True, kw_only=True):
    """A unit that can be responsible for a case."""

    id: str
    name: str
    jurisdiction: str


class JurisdictionView(Struct, frozen=True, kw_only=True):
    """A jurisdiction that holds posts; `sample` marks the bundled imagined one."""

    code: str
    name: str
    sample: bool


class Meta(Struct, frozen=True, kw_only=True):
    """What a screen needs before anything else; units and jurisdictions only for people who are logged in."""

    version: str
    time_zone: str
    setup_needed: bool
    levels: list[LevelView]
    units: list[UnitView]
    jurisdictions: list[JurisdictionView]
    places: dict[str, str]


class SessionView(Struct, frozen=True, kw_only=True):
    """Who is logged in. `unit`: what the person belongs to, None for the whole office. `screen`: a paired wall screen.
    `idle_minutes`: after so many a screen locks itself; 0: never.
    """

    name: str
    role: str
    unit: str | None = None
    screen: bool = False
    idle_minutes: int = 15


class LoggedIn(Struct, frozen=True, kw_only=True):
    """A session; `mine` is the one that asks."""

    id: str
    name: str
    role: str
    created_at: datetime
    expires_at: datetime | None
    locked: bool
    mine: bool


class SessionList(Struct, frozen=True, kw_only=True):
    """Sessions, newest first."""

    items: list[LoggedIn]


class Unlock(Struct, kw_only=True):
    """The password of the locked session's person."""

    password: str


class ScreenBody(Struct, kw_only=True):
    """What the wall screen is called, e.g. where it hangs."""

    name: str


class ScreenCode(Struct, frozen=True, kw_only=True):
    """What a wall screen is paired with: eight digits, for one screen, until `expires_at`."""

    code: str
    name: str
    expires_at: datetime


class PairBody(Struct, kw_only=True):
    """The code; blanks in it do not matter."""

    code: str


class ScreenView(Struct, frozen=True, kw_only=True):
    """A paired wall screen."""

    id: str
    name: str
    created_at: datetime


class ChainsView(Struct, frozen=True, kw_only=True):
    """Every chain of the audit; `loose` rows were written by an earlier release and stand in none."""

    items: list[Verified]
    loose: int


class ScreenList(Struct, frozen=True, kw_only=True):
    """Paired wall screens, newest first."""

    items: list[ScreenView]


class Login(Struct, kw_only=True):
    """Name and password."""

    name: str
    password: str


class Setup(Struct, kw_only=True):
    """The code of a one-time link, and the name and password that its holder chooses."""

    code: str
    name: str
    password: str


class RankedIncident(Struct, frozen=True, kw_only=True):
    """An incident with its case, if a rule opened one."""

    incident: Incident
    case: Case | None = None


class RankedPage(Struct, frozen=True, kw_only=True):
    """A page of incidents."""

    items: list[RankedIncident]
    cursor: str | None = None


class Totals(Struct, frozen=True, kw_only=True):
    """Posts of a span, and how many were negative."""

    posts: int
    negative: int


class BlindSpot(Struct, frozen=True, kw_only=True):
    """A source where posts may be missed since `since`; `said` is why, in words."""

    source: str
    name: str
    health: Health
    since: datetime | None
    said: dict[str, str]


class Board(Struct, frozen=True, kw_only=True):
    """Everything of the board's first view; `position` is where its events begin."""

    at: datetime
    jurisdiction: str | None
    hours: int
    sample: bool
    figures: BoardFigures
    previous: Totals
    incidents: list[RankedIncident]
    posts: list[FoundPost]
    lag: int
    position: str
    blind: list[BlindSpot] = field(default_factory=list)


class CaseFile(Struct, frozen=True, kw_only=True):
    """An incident and everything about its case; `moves` are what the case can do now.

    `checklist` is null where no list is for the case.
    """

    incident: Incident
    case: Case | None
    posts: list[FoundPost]
    drafts: list[Draft]
    audit: list[AuditRow]
    moves: list[str]
    checklist: CaseChecklist | None = None


class Moved(Struct, frozen=True, kw_only=True):
    """A case after a move, and what it can do next."""

    case: Case
    moves: list[str]


class Received(Struct, frozen=True, kw_only=True):
    """The answer to a batch: counts, and one receipt per item in order."""

    accepted: int
    duplicate: int
    rejected: int
    items: list[Receipt]


class LabelsBody(Struct, kw_only=True, forbid_unknown_fields=True):
    """What a person says of a post; kinds that are not named stay as they are. `note` is kept with the correction."""

    sentiment: str | None = None
    emotion: str | None = None
    domain: str | None = None
    intent: str | None = None
    offensive: str | None = None
    danger: str | None = None
    note: str = ""


class PublicationBody(Struct, kw_only=True):
    """What to publish: an `answer` of a `case`, a common `question`, or the leave to show `figures`."""

    kind: PublicationKind
    title: str = ""
    text: str = ""
    case: str | None = None
    unit: str | None = None


class PublicationList(Struct, frozen=True, kw_only=True):
    """Publications, newest first."""

    items: list[Publication]


class MoveBody(Struct, kw_only=True):
    """`why` goes into the audit; `version`, when given, must be the case's present one."""

    why: str = ""
    version: int | None = None


class AssignBody(MoveBody, kw_only=True):
    """The responsible unit and, if known, the person."""

    unit: str
    owner: str | None = None


class LevelBody(MoveBody, kw_only=True):
    """The level a person sets (1 gravest to 4); it holds against the rules, until `until` if given."""

    level: int
    until: Instant | None = None


class ClockBody(MoveBody, kw_only=True):
    """The kind of the clock, or all that run."""

    clock: str | None = None


class AnswerBody(MoveBody, kw_only=True):
    """The answer as it was published."""

    text: str


class EvaluateBody(MoveBody, kw_only=True):
    """What the evaluation found."""

    note: str = ""


class WebhookBody(Struct, kw_only=True, forbid_unknown_fields=True):
    """Where to send events; `events`, `levels` and `places` (prefixes) empty mean all, `jurisdiction` absent means all."""

    url: str
    events: list[str] = field(default_factory=list)
    levels: list[int] = field(default_factory=list)
    places: list[Code] = field(default_factory=list)
    jurisdiction: Code | None = None
    description: str = ""


class WebhookView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A webhook; `secret` only in the answer that made it."""

    id: str
    url: str
    events: tuple[str, ...]
    enabled: bool
    created_at: datetime
    levels: tuple[int, ...] = ()
    places: tuple[str, ...] = ()
    jurisdiction: str | None = None
    description: str = ""
    disabled_reason: str = ""
    secret: str | None = None


class WebhookList(Struct, frozen=True, kw_only=True):
    """All webhooks."""

    items: list[WebhookView]


class ReplayBody(Struct, kw_only=True, forbid_unknown_fields=True):
    """The id of the delivery that is sent again."""

    delivery: str


class RecoverBody(Struct, kw_only=True, forbid_unknown_fields=True):
    """Since when everything that did not arrive is sent again."""

    since: datetime


class Recovered(Struct, frozen=True, kw_only=True):
    """How many deliveries are on their way again; `more`: there are others, ask again."""

    deliveries: int
    more: bool


class DeliveryList(Struct, frozen=True, kw_only=True):
    """Deliveries, newest first."""

    items: list[Delivery]


class ChannelBody(Struct, kw_only=True, forbid_unknown_fields=True):
    """An Apprise URL, and for which units (empty: all) and levels it is meant; with `member` it is that person's own."""

    name: str
    url: str
    units: list[str] = field(default_factory=list)
    levels: list[int] = field(default_factory=lambda: [1, 2, 3, 4])
    member: str | None = None


class ChannelView(Struct, frozen=True, kw_only=True):
    """A channel; `kind` is the scheme of its URL, the rest of which is secret."""

    id: str
    name: str
    kind: str
    units: tuple[str, ...]
    levels: tuple[int, ...]
    enabled: bool
    member: str | None = None


class ChannelList(Struct, frozen=True, kw_only=True):
    """All channels."""

    items: list[ChannelView]


class RejectedView(Struct, frozen=True, kw_only=True):
    """A refused record with its place in the list."""

    position: int
    at: datetime
    origin: str
    code: str
    reason: str
    excerpt: str


class RejectedPage(Struct, frozen=True, kw_only=True):
    """Refused records, oldest first; `cursor` continues after the last, None when there is no more."""

    items: list[RejectedView]
    cursor: str | None = None
