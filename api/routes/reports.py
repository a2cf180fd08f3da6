"""Reports: made on demand or by the clock, read on the screen, taken away as Word or PDF."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from msgspec import Struct

from alerts.reports import shelf
from alerts.reports.maker import FORMATS, Format, Wanted
from alerts.reports.spans import KINDS, span_of
from api.parts import Parts
from api.reach import Reach, need_case_of
from api.requests import CallerOf, Id, Jurisdiction, Limit, PartsOf, ReachOf
from api.times import in_utc
from api.views import Code
from api.wire import Json, answers, body, gives, takes
from core.effects import Effects
from core.errors import NotFound
from core.records import JURISDICTION_SAMPLE
from core.records.reports import OfficeReport, ReportCard

router = APIRouter(prefix="/api/v1/reports", tags=["reports"])

MEDIA = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


class ReportBody(Struct, kw_only=True):
    """`kind`: flash, daily, weekly, monthly, or case (with `case`). Without a span: the one that has just ended."""

    kind: str
    jurisdiction: Code | None = None
    since: datetime | None = None
    until: datetime | None = None
    case: str | None = None
    lang: str = "zh-Hans"


class ReportList(Struct, frozen=True, kw_only=True):
    """Reports without their content, newest first."""

    items: list[ReportCard]


def find(parts: Parts, id_: str) -> OfficeReport:
    """The report of that id."""
    found = shelf.report(parts.storage.store, id_)
    if found is None:
        raise NotFound(f"There is no report {id_}.")
    return found


@router.get("", summary="Reports, newest first", **answers(ReportList, "Those that were made."))
def reports(
    parts: PartsOf,
    reach: ReachOf,
    kind: Annotated[str | None, Query(description="Only of this kind.")] = None,
    case: Annotated[str | None, Query(max_length=80, description="Only on this case.")] = None,
    jurisdiction: Jurisdiction = None,
    limit: Limit = 50,
) -> Json:
    codes = [parts.intake.admission.jurisdiction, JURISDICTION_SAMPLE]
    wanted = [jurisdiction] if jurisdiction else list(dict.fromkeys(codes))
    cards = shelf.cards(parts.storage.store, wanted)
    found = [card for card in cards if kind in (None, card.kind) and case in (None, card.case)]
    return Json(ReportList(items=_within(parts, reach, found)[:limit]))


def _within(parts: Parts, reach: Reach, cards: list[ReportCard]) -> list[ReportCard]:
    """Those that the caller may read: of a unit, those on cases that concern it."""
    if reach.units is None:
        return cards
    cases = {id_: parts.storage.store.case(id_) for id_ in {card.case for card in cards if card.case}}
    seen = {id_ for id_, case in cases.items() if reach.seen(case)}
    return [card for card in cards if card.case in seen]


@router.post(
    "",
    summary="Make a report",
    openapi_extra=takes(ReportBody, {"kind": "daily", "lang": "zh-Hans"}),
    **answers(OfficeReport, "The report.", 201),
)
def make(
    parts: PartsOf, caller: CallerOf, reach: ReachOf, given: Annotated[ReportBody, Depends(body(ReportBody))]
) -> Json:
    """Who belongs to a unit makes those on cases that concern it; those on a span are on all units."""
    now = parts.now()
    if reach.units is not None:
        reach.need_seen(need_case_of(given.case if given.kind == "case" else None, parts.storage.store))
    wanted = Wanted(
        kind=given.kind,
        jurisdiction=given.jurisdiction,
        since=in_utc(given.since),
        until=in_utc(given.until),
        case=given.case,
        lang=given.lang,
        who=caller.name,
        key=parts.new_id(),
    )
    if given.kind in KINDS and (wanted.since is None or wanted.until is None):
        since, until = span_of(given.kind, now, parts.zone)
        wanted = replace(wanted, since=wanted.since or since, until=wanted.until or until)
    made = parts.reports.make(wanted, now)
    parts.storage.commit(Effects(changes=[*shelf.kept(made)]))
    return Json(made, 201)


@router.get("/{id_}", summary="A report with its content", **answers(OfficeReport, "The report."))
def report(parts: PartsOf, id_: Id) -> Json:
    return Json(find(parts, id_))


@router.get("/{id_}/{format_}", summary="A report as a file (docx or pdf)", **gives("The file.", *MEDIA.values()))
def file(parts: PartsOf, id_: Id, format_: str) -> Response:
    if format_ not in FORMATS:
        raise NotFound(f"A report is a file of {' or '.join(FORMATS)}, not {format_}.")
    chosen: Format = "docx" if format_ == "docx" else "pdf"
    found = find(parts, id_)
    name = f"{found.kind}-{found.until.astimezone(parts.zone):%Y%m%d-%H%M}-{found.lang}.{format_}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(parts.reports.render(found, chosen), media_type=MEDIA[format_], headers=headers)


@router.delete("/{id_}", summary="Forget a report", **answers(dict, "It is gone."))
def remove(parts: PartsOf, id_: Id) -> Json:
    find(parts, id_)
    parts.storage.commit(Effects(changes=[*shelf.forgotten(id_)]))
    return Json({"removed": id_})
