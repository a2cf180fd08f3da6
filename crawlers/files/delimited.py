"""CSV and its relatives (RFC 4180, forgivingly), reading on after a broken record instead of losing the rest."""

import csv
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from core.errors import Refused
from crawlers.files.header import Header, find_header
from crawlers.files.lines import numbered_lines, open_text
from crawlers.files.rows import LONGEST_LINE, Rows

DELIMITERS = ",\t;|"
_LOOK_AHEAD = 50

Record = tuple[int, list[str] | Refused]


class _RecordLines:
    """Feeds `csv.reader` the lines of one record and takes them back when the record never ends.

    A quote that is opened and never closed would otherwise swallow the rest of the file.
    """

    def __init__(self, lines: Iterator[tuple[int, str | Refused]]) -> None:
        self._lines = lines
        self._back: deque[tuple[int, str | Refused]] = deque()
        self._taken: list[tuple[int, str]] = []
        self._size = 0
        self.broken_off = False

    def begin(self) -> tuple[int, str | Refused] | None:
        """The first line of the next record, None at the end of the file."""
        self._taken, self._size, self.broken_off = [], 0, False
        line = self._next()
        if line is not None and not isinstance(line[1], Refused):
            self._back.appendleft(line)
        return line

    def __iter__(self) -> "_RecordLines":
        return self

    def __next__(self) -> str:
        line = self._next() if self._size <= LONGEST_LINE else None
        if line is None or isinstance(line[1], Refused):
            self.broken_off = True
            if line is not None:
                self._back.appendleft(line)
            raise StopIteration
        self._taken.append((line[0], line[1]))
        self._size += len(line[1])
        return line[1]

    @property
    def several(self) -> bool:
        """Whether the record took more than one line."""
        return len(self._taken) > 1

    @property
    def taken(self) -> list[str]:
        """The lines of the record."""
        return [line for _, line in self._taken]

    def give_back(self) -> None:
        """Read on after the first line of the record."""
        self._back.extendleft(reversed(self._taken[1:]))

    def _next(self) -> tuple[int, str | Refused] | None:
        return self._back.popleft() if self._back else next(self._lines, None)


def records(lines: Iterator[tuple[int, str | Refused]], delimiter: str, columns: int = 0) -> Iterator[Record]:
    """Every record with the number of its first line; blank lines are skipped.

    In place of a broken record `Refused`: `unterminated_quote`, `cell_too_large`, `ragged_row` (when the number of
    `columns` is given), or what `numbered_lines` found.
    """
    source = _RecordLines(lines)
    while (first := source.begin()) is not None:
        number, line = first
        record = line if isinstance(line, Refused) else _cut(source, number, delimiter, columns)
        if isinstance(record, Refused) or any(record):
            yield number, record


def _cut(source: _RecordLines, number: int, delimiter: str, columns: int) -> list[str] | Refused:
    """The cells of the next record; after a broken one of several lines, reading goes on at its second line."""
    try:
        cells = next(csv.reader(source, delimiter=delimiter, strict=True))
    except csv.Error as error:
        if "field larger" in str(error):
            return Refused(
                "cell_too_large", f"Line {number} has a cell of more than {csv.field_size_limit():,} letters."
            )
        if source.broken_off or source.several:
            source.give_back()
            return Refused("unterminated_quote", f"Line {number} opens a quote that is never closed.")
        cells = next(csv.reader(source.taken, delimiter=delimiter))  # a quote within a cell, written as it is
    if not any(cells) or (len(cells) >= columns and not any(cells[columns:])) or not columns:
        return cells
    source.give_back()
    return Refused("ragged_row", f"Line {number} has {len(cells)} cells, the header has {columns}.")


def guess_delimiter(sample: str) -> str:
    """The delimiter that cuts the first records into the most even rows of more than one cell; a comma when none does."""
    scores = {delimiter: _evenness(sample, delimiter) for delimiter in DELIMITERS}
    return max(scores, key=lambda d: scores[d])


def _evenness(sample: str, delimiter: str) -> tuple[float, int]:
    """Share of the rows that have the commonest number of cells, and that number."""
    cut = list(islice(records(enumerate(sample.splitlines(keepends=True), 1), delimiter), _LOOK_AHEAD))
    widths = Counter(len(cells) for _, cells in cut if not isinstance(cells, Refused) and len(cells) > 1)
    if not widths:
        return 0.0, 0
    width, rows = widths.most_common(1)[0]
    return rows / len(cut), width


def read_header(path: Path, encoding: str, delimiter: str) -> Header:
    """The columns of the file, from its first records."""
    with open_text(path, encoding) as text:
        first = islice(records(numbered_lines(text), delimiter), _LOOK_AHEAD)
        return find_header([(number, cells) for number, cells in first if not isinstance(cells, Refused)])


def read_rows(path: Path, encoding: str, delimiter: str, header: Header) -> Rows:
    """The rows below the header; broken ones above it do not count."""
    with open_text(path, encoding) as text:
        for number, cells in records(numbered_lines(text), delimiter, len(header.names)):
            if number <= header.row:
                continue
            yield number, cells if isinstance(cells, Refused) else _row(header.names, cells)


def _row(names: Sequence[str], cells: Sequence[str]) -> dict[str, object]:
    return dict(zip(names, cells, strict=False))
