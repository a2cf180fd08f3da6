"""Opening a file of which nothing is known but its path."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from core.errors import Refused
from core.records import Reason
from crawlers.files import delimited, json_rows, workbook
from crawlers.files.content import DAMAGED, fingerprint, head, is_gzip
from crawlers.files.encoding import SAMPLE, detect_encoding
from crawlers.files.header import Header
from crawlers.files.rows import Row, Rows

_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"


@dataclass(frozen=True, slots=True)
class Table:
    """A file whose rows can be read, any number of times, in bounded memory.

    `form` is `csv`, `jsonl`, `json` or `xlsx`; `encoding` is Python's name (empty for xlsx); `header` the columns, with
    notes on what was unusual about them. `fingerprint` tells whether it is the same file as at an earlier time.
    """

    path: Path
    form: str
    header: Header
    fingerprint: str
    read: Callable[[], Rows]
    encoding: str = ""
    delimiter: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, all different. Rows of JSON may hold more."""
        return self.header.names

    @property
    def notes(self) -> tuple[Reason, ...]:
        """What was unusual: `no_header`, `duplicate_column`, `unnamed_column`, `rows_above_header`, `other_sheets`."""
        return self.header.notes

    def rows(self, after: int = 0) -> Rows:
        """The rows with numbers above `after`, each a mapping by column name, or why it cannot be one (`Refused`).

        Numbers grow and are the same at every reading, so the last one handled is the place to go on from. Where the file
        itself breaks off, the last row is `Refused` (`damaged_file`, `compression_bomb`).
        """
        last = after
        try:
            for number, row in self.read():
                if number > after:
                    last = number
                    yield number, row
        except DAMAGED:
            yield last + 1, Refused("damaged_file", f"{self.path.name} breaks off: the gzip file is damaged.")
        except Refused as refusal:
            yield last + 1, refusal

    def sample(self, size: int = 100) -> list[Row]:
        """The first good rows, to guess from and to show."""
        return list(islice((row for _, row in self.rows() if not isinstance(row, Refused)), size))


def open_table(path: Path) -> Table:
    """Find out what the file is.

    Raises `Refused`: `empty_file`, `unreadable`, `unknown_encoding`, `binary_file`, `old_excel`, `html_file`, `not_xlsx`,
    `compressed_xlsx`, `compression_bomb`, `too_large`, `damaged_file`, `not_a_table`.
    """
    try:
        if not path.is_file():
            raise Refused("unreadable", f"{path} is no file.")
        packed = is_gzip(path)
        sample = head(path, SAMPLE)
    except OSError as error:
        raise Refused("unreadable", f"{path.name} cannot be opened: {error.strerror}.") from error
    if sample.startswith((_ZIP, _EMPTY_ZIP)):
        return _open_workbook(path, packed)
    if sample.startswith(_OLD_OFFICE):
        raise Refused("old_excel", f"{path.name} is an old or a locked Excel file: save it as xlsx or CSV.")
    return _open_text(path, sample)


def _open_workbook(path: Path, packed: bool) -> Table:
    if packed:
        raise Refused("compressed_xlsx", f"{path.name} is a gzipped workbook: xlsx is packed already, unpack it first.")
    workbook.check_archive(path)
    header = workbook.read_header(path)
    if not header.names:
        raise Refused("empty_file", f"{path.name} has no rows.")
    return Table(
        path=path,
        form="xlsx",
        header=header,
        fingerprint=fingerprint(path),
        read=partial(workbook.read_rows, path, header),
    )


def _open_text(path: Path, sample: bytes) -> Table:
    encoding = detect_encoding(sample)
    text = sample.decode(encoding, "replace").lstrip("\N{ZERO WIDTH NO-BREAK SPACE}")
    begin = text.lstrip()
    if not begin:
        raise Refused("empty_file", f"{path.name} is empty.")
    if begin.startswith("<"):
        raise Refused("html_file", f"{path.name} is a web page or XML, whatever its name says: save it as CSV or xlsx.")
    if begin.startswith(("[", "{")):
        return _open_json(path, encoding, begin.startswith("["))
    delimiter = delimited.guess_delimiter(text[: len(text) // 2] if len(sample) == SAMPLE else text)
    header = delimited.read_header(path, encoding, delimiter)
    if not header.names:
        raise Refused("not_a_table", f"{path.name} holds no readable row.")
    return Table(
        path=path,
        form="csv",
        header=header,
        fingerprint=fingerprint(path),
        read=partial(delimited.read_rows, path, encoding, delimiter, header),
        encoding=encoding,
        delimiter=delimiter,
    )


def _open_json(path: Path, encoding: str, array: bool) -> Table:
    read = partial(json_rows.read_array if array else json_rows.read_lines, path, encoding)
    header = json_rows.read_columns(read())
    if not header.names:
        raise Refused("not_a_table", f"{path.name} is JSON, but holds no objects that could be posts.")
    return Table(
        path=path,
        form="json" if array else "jsonl",
        header=header,
        fingerprint=fingerprint(path),
        read=read,
        encoding=encoding,
    )
