"""What the public may read: only what somebody chose to publish, masked once more on its way out."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from alerts.punctuality import Duty
from api.parts import Parts
from core.codec import decode, encode
from core.effects import Effects, StateRow
from core.errors import Conflict, NotFound, Refused
from core.records import JURISDICTION_SAMPLE, AuditRow
from core.records.publication import Publication
from nlp.masking import mask

STAGE = "public"
"""Publications are rows of this stage's state: few, small, read as a whole, and gone with their jurisdiction."""
LONGEST_TITLE = 120
LONGEST_TEXT = 4_000
MOST = 500
DUTY_SPAN = timedelta(days=30)


class PublicAnswer(Struct, frozen=True, kw_only=True):
    """What was asked, what the office answered, and when."""

    title: str
    text: str
    unit: str
    asked_on: str
    answered_on: str


class PublicQuestion(Struct, frozen=True, kw_only=True):
    """A common question and its answer."""

    title: str
    text: str
    unit: str


class PublicFigures(Struct, frozen=True, kw_only=True):
    """Clocks of the last `days`: how many were decided, how many kept, and the median hours to an answer."""

    days: int
    decided: int
    kept: int
    answer_hours: float | None


class PublicView(Struct, frozen=True, kw_only=True):
    """Everything that is published, newest first. `updated` is the time of the newest of it."""

    office: str
    updated: str | None
    answers: list[PublicAnswer]
    questions: list[PublicQuestion]
    figures: PublicFigures | None


def jurisdictions(parts: Parts) -> tuple[str, ...]:
    """Whose publications are shown: the office's own, and those of the sample while it is there."""
    return tuple(dict.fromkeys((parts.intake.admission.jurisdiction, JURISDICTION_SAMPLE)))


def published(parts: Parts) -> list[tuple[str, Publication]]:
    """Publications with their jurisdictions, newest first."""
    rows = [(of, row.value) for of in jurisdictions(parts) for row in parts.storage.store.state(STAGE, of)]
    found = [(of, decode(value, Publication)) for of, value in rows if value is not None]
    return sorted(found, key=lambda pair: (pair[1].published_at, pair[1].id), reverse=True)


def publish(parts: Parts, jurisdiction: str, one: Publication) -> Publication:
    """Save a publication, masked. Raises `Refused` when it says nothing, or too much."""
    if one.kind != "figures" and not (one.title.strip() and one.text.strip()):
        raise Refused("missing_text", "A publication has a title and a text.")
    if len(one.title) > LONGEST_TITLE or len(one.text) > LONGEST_TEXT:
        raise Refused("too_long", f"A title has at most {LONGEST_TITLE} characters, a text {LONGEST_TEXT}.")
    if len(published(parts)) >= MOST:
        raise Conflict(f"{MOST} publications are enough: withdraw some first.")
    masked = replace(one, title=mask(one.title.strip()).text, text=mask(one.text.strip()).text)
    row = StateRow(STAGE, jurisdiction, masked.id, encode(masked))
    parts.storage.commit(
        Effects(changes=[row, _audit(parts, masked, jurisdiction, "publication.published", masked.by)])
    )
    return masked


def withdraw(parts: Parts, id_: str, who: str) -> None:
    """Take a publication back; NotFound when there is none of that id."""
    found = next(((of, one) for of, one in published(parts) if one.id == id_), None)
    if found is None:
        raise NotFound(f"There is no publication {id_}.")
    jurisdiction, one = found
    row = StateRow(STAGE, jurisdiction, id_, None)
    parts.storage.commit(Effects(changes=[row, _audit(parts, one, jurisdiction, "publication.withdrawn", who)]))


def _audit(parts: Parts, one: Publication, jurisdiction: str, action: str, who: str) -> AuditRow:
    return AuditRow(
        id=parts.new_id(),
        object=one.case or one.id,
        at=parts.now(),
        who=who,
        action=action,
        detail={"kind": one.kind},
        jurisdiction=jurisdiction,
    )


def view(parts: Parts, office: str, duty: Duty | None) -> PublicView:
    """What anybody may read; `duty` is shown only when the office has published its figures."""
    shown = [one for _, one in published(parts)]
    names = {unit.id: unit.name for unit in parts.policy.units}
    by_kind = {kind: [one for one in shown if one.kind == kind] for kind in ("answer", "question", "figures")}
    return PublicView(
        office=office,
        updated=_day(parts, shown[:1]),
        answers=[
            PublicAnswer(
                title=one.title,
                text=one.text,
                unit=names.get(one.unit or "", ""),
                asked_on=_date(parts, one.asked_at),
                answered_on=_date(parts, one.answered_at or one.published_at),
            )
            for one in by_kind["answer"]
        ],
        questions=[
            PublicQuestion(title=one.title, text=one.text, unit=names.get(one.unit or "", ""))
            for one in by_kind["question"]
        ],
        figures=PublicFigures(days=DUTY_SPAN.days, decided=duty.decided, kept=duty.kept, answer_hours=duty.answer_hours)
        if duty is not None and by_kind["figures"]
        else None,
    )


def _date(parts: Parts, at: datetime | None) -> str:
    return "" if at is None else at.astimezone(ZoneInfo(parts.time_zone)).date().isoformat()


def _day(parts: Parts, newest: Iterable[Publication]) -> str | None:
    return next((_date(parts, one.published_at) for one in newest), None)
