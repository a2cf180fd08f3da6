"""Reports that were made, kept as rows of state: a card for lists, and the content beside it."""

from collections.abc import Iterable

import msgspec

from core.codec import decode, encode
from core.effects import StateRow
from core.ports import StageState
from core.records.reports import OfficeReport, ReportCard

CARDS = "report-cards"
CONTENT = "report-content"
FORGOTTEN = "report-forgotten"
"""A mark that stays of a report that was forgotten: what the clock makes is not made again."""
EVERYWHERE = "all"
"""Where a report on all jurisdictions is kept."""


def kept(report: OfficeReport) -> list[StateRow]:
    """What to write to keep a report; it replaces the one with its id."""
    where = report.jurisdiction or EVERYWHERE
    card = msgspec.convert(report, ReportCard, from_attributes=True)
    return [
        StateRow(CARDS, where, report.id, msgspec.json.encode(card)),
        StateRow(f"{CONTENT}/{report.id}", where, report.id, encode(report)),
    ]


def forgotten(id_: str) -> list[StateRow]:
    """What to write to forget a report."""
    where = jurisdiction_of(id_)
    return [
        StateRow(CARDS, where, id_, None),
        StateRow(f"{CONTENT}/{id_}", where, id_, None),
        StateRow(f"{FORGOTTEN}/{id_}", where, id_, b"1"),
    ]


def cards(store: StageState, jurisdictions: Iterable[str]) -> list[ReportCard]:
    """The reports of these jurisdictions and those on all, newest first."""
    rows = [row for where in (*jurisdictions, EVERYWHERE) for row in store.state(CARDS, where)]
    found = [msgspec.json.decode(row.value, type=ReportCard) for row in rows if row.value]
    return sorted(found, key=lambda card: (card.made_at, card.id), reverse=True)


def report(store: StageState, id_: str) -> OfficeReport | None:
    """A report with its content."""
    rows = store.state(f"{CONTENT}/{id_}", jurisdiction_of(id_))
    return decode(rows[0].value, OfficeReport) if rows and rows[0].value else None


def was_made(store: StageState, id_: str) -> bool:
    """Whether there is a report with that id, or was one that somebody forgot."""
    where = jurisdiction_of(id_)
    return any(store.state(f"{stage}/{id_}", where) for stage in (CONTENT, FORGOTTEN))


def jurisdiction_of(id_: str) -> str:
    """Where a report with that id is kept."""
    return id_.partition("-")[0]
