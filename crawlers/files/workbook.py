"""The first sheet with rows of an xlsx workbook, read row by row, after a look at what its zip archive claims to hold."""

import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Protocol, cast
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.escape import unescape
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook import Workbook

from core.errors import Refused
from core.records import Reason
from crawlers.files.header import Header, find_header
from crawlers.files.rows import LONGEST_LINE, Rows

LARGEST_UNPACKED = 1024**3
LARGEST_STRINGS = 256 * 1024**2
"""The shared strings are held in memory at about four times this size."""
SUSPICIOUS_RATIO = 200
SUSPICIOUS_FROM = 16 * 1024**2
MOST_PARTS = 10_000
MOST_ROWS = 1_048_576  # Excel's own limit; a row number beyond it would make openpyxl count up to it
WIDEST = 256
_LOOK_AHEAD = 50

_BROKEN = (
    zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError, IndexError, EOFError, OSError, ParseError,
    InvalidFileException,
)  # fmt: skip
"""What openpyxl and zipfile raise for archives that are damaged or no workbook: they have no common error."""

Cells = tuple[int, list[object]]


class _Sheet(Protocol):
    """openpyxl's ReadOnlyWorksheet, which its type stubs do not know."""

    def reset_dimensions(self) -> None: ...

    def iter_rows(self, *, max_row: int, max_col: int, values_only: bool) -> Iterator[tuple[object, ...]]: ...


def check_archive(path: Path) -> None:
    """Refuse what would fill the memory or is no workbook, from the directory of the archive alone.

    Raises `Refused` (`compression_bomb`, `too_large`, `not_xlsx`). The directory may lie, but zipfile reads no more of a
    part than it says.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise Refused("not_xlsx", f"{path.name} is a damaged zip archive: {error}.") from error
    names = {part.filename for part in parts}
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
        raise Refused("not_xlsx", f"{path.name} is a zip archive, but no xlsx workbook.")
    if len(parts) > MOST_PARTS or any(_swells(part) for part in parts):
        raise Refused("compression_bomb", f"{path.name} unpacks to far more than a workbook would.")
    strings = sum(part.file_size for part in parts if part.filename == "xl/sharedStrings.xml")
    if strings > LARGEST_STRINGS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
        raise Refused("too_large", f"{path.name} is too large for xlsx: save it as CSV and import that.")


def _swells(part: zipfile.ZipInfo) -> bool:
    return part.file_size > SUSPICIOUS_FROM and part.file_size > SUSPICIOUS_RATIO * max(part.compress_size, 1)


def read_header(path: Path) -> Header:
    """The columns of the first sheet with rows; the note `other_sheets` counts the sheets left unread."""
    first: list[tuple[int, list[str]]] = []
    others = 0
    for found in islice(_sheet_rows(path), _LOOK_AHEAD):
        if isinstance(found, Refused):
            raise found
        number, cells, others = found
        first.append((number, ["" if cell is None else str(cell) for cell in cells]))
    header = find_header(first)
    notes = (*header.notes, Reason(code="other_sheets", facts={"sheets": others})) if others else header.notes
    return Header(names=header.names, row=header.row, notes=notes)


def read_rows(path: Path, header: Header) -> Rows:
    """The rows below the header; cells beyond the named columns are left out when empty, refused (`ragged_row`) otherwise."""
    last = header.row
    width = len(header.names)
    for found in _sheet_rows(path):
        if isinstance(found, Refused):
            yield last + 1, found
            return
        number, cells, _ = found
        if number <= header.row:
            continue
        last = number
        if any(cell is not None for cell in cells[width:]):
            yield number, Refused("ragged_row", f"Row {number} has more cells than the header.")
        elif any(isinstance(cell, str) and len(cell) > LONGEST_LINE for cell in cells):
            yield number, Refused("cell_too_large", f"Row {number} has a cell of more than {LONGEST_LINE:,} letters.")
        else:
            yield number, dict(zip(header.names, cells, strict=False))


def _sheet_rows(path: Path) -> Iterator[tuple[int, list[object], int] | Refused]:
    """Rows that are not empty, with their number and how many sheets follow; `Refused` (`damaged_file`) at the end of one
    that breaks."""
    try:
        workbook = _quietly_open(path)
    except _BROKEN as error:
        yield Refused("damaged_file", f"{path.name} cannot be read as a workbook: {type(error).__name__}.")
        return
    try:
        sheets = workbook.worksheets
        for position, sheet in enumerate(sheets):
            empty = True
            for number, cells in _cells(cast(_Sheet, sheet)):
                empty = False
                yield number, cells, len(sheets) - position - 1
            if not empty:
                return
    except _BROKEN as error:
        yield Refused("damaged_file", f"{path.name} breaks off: {type(error).__name__}.")
    finally:
        workbook.close()


def _quietly_open(path: Path) -> Workbook:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of styles and extensions that it does not know
        return openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)


def _cells(sheet: _Sheet) -> Iterator[Cells]:
    sheet.reset_dimensions()  # some exporters write a wrong extent
    rows = enumerate(sheet.iter_rows(max_row=MOST_ROWS, max_col=WIDEST, values_only=True), 1)
    while True:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # dates beyond what Excel can hold
            found = next(rows, None)
        if found is None:
            return
        number, values = found
        cells = [_value(value) for value in values]
        while cells and cells[-1] is None:
            cells.pop()
        if cells:
            yield number, cells


def _value(value: object) -> object:
    """Text unescaped and empty cells None; times as ISO 8601 without a zone, as Excel knows none."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if not isinstance(value, str):
        return value
    text = unescape(value) if "_x" in value else value
    return text if text.strip() else None
