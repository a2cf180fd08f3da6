"""Fact cards from the files that offices keep: the first sheet of a workbook, or the tables of a Word document."""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import docx
import openpyxl
from msgspec import Struct

from alerts.drafts.evidence import holds_personal_number
from core.clock import derived_id
from core.errors import Refused
from core.records import FactCard

COLUMNS = {
    "part": ("部分", "part", "类型"),
    "text": ("内容", "事实", "text"),
    "unit": ("单位", "责任单位", "unit"),
    "source": ("来源", "依据", "source"),
    "terms": ("关键词", "terms"),
    "domain": ("领域", "domain"),
    "place": ("地点", "地点代码", "place"),
    "valid_from": ("生效", "生效日期", "valid_from"),
    "valid_until": ("失效", "有效期至", "valid_until"),
}
PARTS = {
    "heard": "来意", "known": "事实", "doing": "措施", "until": "时限", "follow_up": "后续", "refute": "辟谣",
    "disclosure": "公开", "policy": "政策",
}  # fmt: skip
"""Parts of a draft that a card can state, and what they are called in files."""
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
MOST_ROWS = 5_000
MOST_UNPACKED = 64 * 1024 * 1024
LONGEST = 1_000


class Row(Struct, frozen=True, kw_only=True):
    """What became of a row: its number in the file, and its card, or why it was refused."""

    row: int
    card: FactCard | None = None
    code: str = ""
    reason: str = ""


def check_card(card: FactCard, units: set[str]) -> None:
    """Raises `Refused` for a card that no draft could use, or that must not be kept."""
    if card.part not in PARTS:
        raise Refused("bad_part", f"{card.part!r} is no part of a draft; these are: {', '.join(PARTS)}.")
    if not 0 < len(card.text.strip()) <= LONGEST:
        raise Refused("bad_text", f"A fact has 1 to {LONGEST} characters.")
    if card.unit not in units:
        raise Refused("no_such_unit", f"There is no unit {card.unit!r} to answer for it.")
    if not card.source.strip():
        raise Refused("no_source", "Say where the fact was taken from.")
    if holds_personal_number(card.text):
        raise Refused("personal_number", "The fact holds what can be a mobile or identity number: take it out.")
    if not card.terms and not card.domain and not card.place:
        raise Refused("applies_never", "Name terms, a domain or a place for which the card is meant.")
    if card.valid_from and card.valid_until and card.valid_until <= card.valid_from:
        raise Refused("bad_span", "The card ends before it begins.")


def read_cards(data: bytes, jurisdiction: str, units: dict[str, str], zone: ZoneInfo) -> list[Row]:
    """One answer per row of the file, in order. `units` maps ids and names to ids.

    A row's card has an id that follows from its unit, part and words, so that the same file again changes nothing.
    Raises `Refused` (`bad_file`) for what is no workbook and no Word document, has no header, or is too large.
    """
    try:
        rows = list(_rows(data))
    except Refused:
        raise
    except Exception as error:  # what these libraries raise on damaged files has no end
        raise Refused("bad_file", f"The file cannot be read: {type(error).__name__}.") from error
    return [_row(number, cells, jurisdiction, units, zone) for number, cells in rows]


def _rows(data: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    """Rows as dictionaries by our names of the columns, with their numbers."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = set(archive.namelist())
        if sum(one.file_size for one in archive.infolist()) > MOST_UNPACKED:
            raise Refused("bad_file", "The file is too large when it is unpacked.")
    if "word/document.xml" in names:
        tables = [
            [[cell.text for cell in row.cells] for row in table.rows]
            for table in docx.Document(io.BytesIO(data)).tables
        ]
    elif "xl/workbook.xml" in names:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        tables = [[list(row) for row in book.worksheets[0].iter_rows(values_only=True, max_row=MOST_ROWS + 1)]]
    else:
        raise Refused("bad_file", "This is neither a workbook (xlsx) nor a Word document (docx).")
    headed = [(table, header) for table in tables if table and "text" in (header := _header(table[0]))]
    if not headed:
        raise Refused("bad_file", "There is no table whose first row names the columns (内容, 单位, 来源, …).")
    number = 0
    for table, header in headed:
        for cells in table[1:]:
            number += 1
            if any(cell not in (None, "") for cell in cells):
                yield number + 1, {name: cells[n] for n, name in enumerate(header) if name and n < len(cells)}


def _header(cells: Sequence[Any]) -> list[str]:
    said = [str(cell or "").strip().lower() for cell in cells]
    return [next((name for name, words in COLUMNS.items() if one in words), "") for one in said]


def _row(number: int, cells: dict[str, Any], jurisdiction: str, units: dict[str, str], zone: ZoneInfo) -> Row:
    try:
        card = _card(cells, jurisdiction, units, zone)
        check_card(card, set(units.values()))
    except Refused as refused:
        return Row(row=number, code=refused.code, reason=str(refused))
    return Row(row=number, card=card)


def _card(cells: dict[str, Any], jurisdiction: str, units: dict[str, str], zone: ZoneInfo) -> FactCard:
    said = {name: str(value).strip() for name, value in cells.items() if value is not None}
    part = said.get("part", "known")
    part = next((id_ for id_, name in PARTS.items() if part in (id_, name)), part)
    unit = units.get(said.get("unit", ""), said.get("unit", ""))
    terms = said.get("terms", "").replace("，", "、").replace(",", "、").replace(";", "、").split("、")
    return FactCard(
        id="f" + derived_id("fact", jurisdiction, unit, part, said.get("text", ""))[:16],
        jurisdiction=jurisdiction,
        part=part,
        text=said.get("text", ""),
        unit=unit,
        source=said.get("source", ""),
        terms=tuple(term.strip() for term in terms if term.strip()),
        domain=said.get("domain") or None,
        place=said.get("place") or None,
        valid_from=_moment(cells.get("valid_from"), zone),
        valid_until=_moment(cells.get("valid_until"), zone),
    )


def _moment(value: Any, zone: ZoneInfo) -> datetime | None:
    """A day or time as a cell has it, in the office's zone; a day without a time is its first moment."""
    if value is None or str(value).strip() == "":
        return None
    at = value if isinstance(value, datetime) else _read(str(value).strip())
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


def _read(text: str) -> datetime:
    day = _DAY.fullmatch(text)
    try:
        return datetime(*map(int, day.groups())) if day else datetime.fromisoformat(text)  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError as error:
        raise Refused("bad_time", f"{text[:40]!r} is no day; write 2026-06-30.") from error
