"""Bodies and answers about drafts and fact cards. Their fields are the API's promise."""

from datetime import datetime

from msgspec import Struct

from alerts.drafts.cards import Row
from alerts.drafts.tone import ToneHit, ToneRule
from api.office_views import Change
from core.records import Citation, Draft, FactCard


class DraftBody(Struct, kw_only=True, forbid_unknown_fields=True):
    """The kind of draft that is wanted; see `GET /api/v1/drafts/kinds`."""

    kind: str = "reply"


class KindView(Struct, frozen=True, kw_only=True):
    """A kind of draft: its names, the parts that must have a fact card, and whether it stays inside the office."""

    id: str
    name: dict[str, str]
    needs: tuple[str, ...]
    internal: bool


class KindList(Struct, frozen=True, kw_only=True):
    """All kinds, the parts that fact cards can state, and the tone rules."""

    items: list[KindView]
    parts: dict[str, str]
    tone: list[ToneRule]


class DraftView(Struct, frozen=True, kw_only=True):
    """A draft with the words of its evidence, what the tone rules say of it, and what can be done now."""

    draft: Draft
    tone: list[ToneHit]
    moves: list[str]


class SentenceBody(Struct, kw_only=True, forbid_unknown_fields=True):
    """A sentence as a person wants it, and the evidence that it rests on."""

    text: str
    part: str = "known"
    cites: tuple[Citation, ...] = ()


class EditBody(Change, kw_only=True, forbid_unknown_fields=True):
    """All sentences of the draft, in order."""

    sentences: list[SentenceBody]


class ApproveBody(Change, kw_only=True, forbid_unknown_fields=True):
    """`accept`: approve although something is not supported or forbidden; `why` must say why then."""

    accept: bool = False


class FactBody(Change, kw_only=True, forbid_unknown_fields=True):
    """A verified statement. `part`: heard, known, doing, until, follow_up, refute, disclosure or policy."""

    part: str
    text: str
    unit: str
    source: str
    jurisdiction: str | None = None
    terms: tuple[str, ...] = ()
    domain: str | None = None
    place: str | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None


class FactView(Struct, frozen=True, kw_only=True):
    """A card, its state (`valid`, `not_yet`, `expiring`, `expired`, `withdrawn`), and whether a file of the policy holds it."""

    card: FactCard
    state: str
    origin: str


class FactList(Struct, frozen=True, kw_only=True):
    """Cards, by id."""

    items: list[FactView]


class ImportedCards(Struct, frozen=True, kw_only=True):
    """What became of each row of the file; `unchanged` were here already."""

    added: int
    unchanged: int
    refused: int
    rows: list[Row]
