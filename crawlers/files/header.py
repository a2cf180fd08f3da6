"""Which row of a table names its columns, and names for those that have none."""

import re
from collections.abc import Sequence

from msgspec import Struct

from core.records import Reason
from crawlers.files.names import known_name

_LOOK = 10
_LONGEST_NAME = 40
_VALUE = re.compile(r"[-+]?[\d.,%]+|\d{1,4}[-/.年:]\d.*|https?://.*", re.IGNORECASE)
"""Numbers, times and addresses name no column."""


class Header(Struct, frozen=True, kw_only=True):
    """Columns by name, all different. `row` is the number of the header's row, 0 when the table has none.

    `notes` say what was unusual: `no_header`, `duplicate_column`, `unnamed_column`, `rows_above_header`.
    """

    names: tuple[str, ...] = ()
    row: int = 0
    notes: tuple[Reason, ...] = ()


def find_header(first: Sequence[tuple[int, Sequence[str]]]) -> Header:
    """The header among the first numbered rows of a table: reports often put a title above it."""
    for number, cells in first[:_LOOK]:
        if sum(known_name(cell) is not None for cell in cells) >= 2:
            above = [Reason(code="rows_above_header", facts={"row": number})] if number != first[0][0] else []
            return _header(number, cells, above)
    if not first:
        return Header()
    number, cells = first[0]
    if _could_name(cells):
        return _header(number, cells, [])
    width = max(len(cells) for _, cells in first)
    return Header(names=tuple(f"column_{i}" for i in range(1, width + 1)), notes=(Reason(code="no_header"),))


def _could_name(cells: Sequence[str]) -> bool:
    if len(cells) == 1:
        return known_name(cells[0]) is not None
    named = [cell.strip() for cell in cells if cell.strip()]
    return len(named) * 2 > len(cells) and all(
        len(name) <= _LONGEST_NAME and not _VALUE.fullmatch(name) for name in named
    )


def _header(number: int, cells: Sequence[str], notes: list[Reason]) -> Header:
    names: list[str] = []
    for position, cell in enumerate(cells, 1):
        name = cell.strip()
        if not name:
            name = f"column_{position}"
            notes.append(Reason(code="unnamed_column", facts={"column": name}))
        if name in names:
            notes.append(Reason(code="duplicate_column", facts={"column": name}))
            name = _free(name, names)
        names.append(name)
    return Header(names=tuple(names), row=number, notes=tuple(notes))


def _free(name: str, taken: Sequence[str]) -> str:
    number = 2
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"
