"""Makes reports and renders them; the one door to this package for `api` and `app`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from alerts.reports import pdf, word
from alerts.reports.ground import Ground
from alerts.reports.overview import overview
from alerts.reports.spans import KINDS, whole_hours
from alerts.reports.special import special
from alerts.reports.words import LANGUAGES, piece
from core.clock import derived_id
from core.errors import NotFound, Refused
from core.records.reports import OfficeReport

TEMPLATES = Path(__file__).parent / "templates"
LONGEST_DAYS = 400

Format = Literal["docx", "pdf"]
FORMATS: tuple[Format, ...] = ("docx", "pdf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody asks for: a kind with its span, or a case. `key` tells apart reports on the same; "" for scheduled ones."""

    kind: str
    jurisdiction: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    case: str | None = None
    lang: str = LANGUAGES[0]
    who: str = "system"
    key: str = ""


class Maker:
    """`ground` gives what a report in a language is made from; `own` is the office's folder of templates, if any."""

    def __init__(self, ground: Callable[[str], Ground], link: str, own: Path | None = None) -> None:
        self._ground = ground
        self._link = link
        self._own = own

    def make(self, wanted: Wanted, now: datetime) -> OfficeReport:
        """The report; raises `Refused` for what makes no sense, `NotFound` for a case that is not there."""
        if wanted.lang not in LANGUAGES:
            raise Refused("bad_language", f"A language is one of {', '.join(LANGUAGES)}.")
        ground = self._ground(wanted.lang)
        return self._on_case(ground, wanted, now) if wanted.kind == "case" else self._on_span(ground, wanted, now)

    def render(self, report: OfficeReport, format_: Format) -> bytes:
        """The report as a file of that format."""
        if format_ == "docx":
            return word.docx_of(report, self._template(word.TEMPLATE), self._link)
        return pdf.pdf_of(report, self._template(pdf.TEMPLATE), self._link)

    def _template(self, name: str) -> Path:
        own = self._own / name if self._own else None
        return own if own is not None and own.exists() else TEMPLATES / name

    def _on_span(self, ground: Ground, wanted: Wanted, now: datetime) -> OfficeReport:
        if wanted.kind not in KINDS:
            raise Refused("bad_kind", f"A report is one of {', '.join((*KINDS, 'case'))}.")
        if wanted.since is None or wanted.until is None or wanted.since >= wanted.until:
            raise Refused("bad_span", "The span ends before it begins.")
        since, until = whole_hours(wanted.since, wanted.until)
        if (until - since).days > LONGEST_DAYS:
            raise Refused("bad_span", f"A report is on {LONGEST_DAYS} days at most.")
        place = ground.jurisdiction_name(wanted.jurisdiction) if wanted.jurisdiction else ground.words.text("all")
        return OfficeReport(
            id=report_id(
                wanted.jurisdiction, wanted.kind, since.isoformat(), until.isoformat(), wanted.lang, wanted.key
            ),
            kind=wanted.kind,
            jurisdiction=wanted.jurisdiction or "",
            place=place,
            lang=ground.words.lang,
            title=ground.words.text(f"title.{wanted.kind}", place=place),
            subtitle=_subtitle(ground, since, until, now),
            since=since,
            until=until,
            made_at=now,
            made_by=wanted.who,
            sections=overview(ground, wanted.jurisdiction, since, until),
            note=ground.words.text("note", zone=ground.words.code("zone", ground.zone.key)),
        )

    def _on_case(self, ground: Ground, wanted: Wanted, now: datetime) -> OfficeReport:
        case = ground.store.case(wanted.case or "")
        incident = ground.index.incident(case.incident) if case is not None else None
        if case is None or incident is None:
            raise NotFound(f"There is no case {wanted.case} with its incident.")
        sections, ai_label, ai_metadata = special(ground, case, incident)
        return OfficeReport(
            id=report_id(case.jurisdiction, "case", case.id, now.isoformat(), wanted.lang, wanted.key),
            kind="case",
            jurisdiction=case.jurisdiction,
            place=ground.jurisdiction_name(case.jurisdiction),
            lang=ground.words.lang,
            title=ground.words.text("title.case", title=piece(case.title).text),
            subtitle=_subtitle(ground, incident.first_at, incident.last_at, now),
            since=incident.first_at,
            until=incident.last_at,
            made_at=now,
            made_by=wanted.who,
            case=case.id,
            sections=sections,
            note=ground.words.text("note", zone=ground.words.code("zone", ground.zone.key)),
            ai_label=ai_label,
            ai_metadata=ai_metadata,
        )


def report_id(jurisdiction: str | None, *parts: str) -> str:
    """The same for a report on the same; its jurisdiction can be read from it."""
    return f"{jurisdiction or 'all'}-{derived_id('report', jurisdiction or '', *parts)}"


def _subtitle(ground: Ground, since: datetime, until: datetime, now: datetime) -> str:
    words, zone = ground.words, ground.zone
    span = words.text("subtitle", since=words.time(since, zone), until=words.time(until, zone))
    return f"{span} · {words.text('made', made=words.day(now, zone) + ' ' + now.astimezone(zone).strftime('%H:%M'))}"
