"""The lines of a text file, in bounded memory, each with its number."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

from core.errors import Refused
from crawlers.files.content import open_content
from crawlers.files.rows import LONGEST_LINE

_NO_TEXT = re.compile("[\0\udc80-\udcff]")
"""NUL, and what stands for bytes that the encoding does not know (Python's `surrogateescape`)."""


def open_text(path: Path, encoding: str) -> io.TextIOWrapper:
    """The text of a file; bytes that the encoding does not know stay recognisable for `numbered_lines`."""
    return io.TextIOWrapper(open_content(path), encoding, errors="surrogateescape", newline="")


def numbered_lines(text: io.TextIOBase) -> Iterator[tuple[int, str | Refused]]:
    """Every line with its end, counted from 1.

    `Refused` (`line_too_long`, `nul_byte`, `bad_encoding`) in place of a bad one.
    """
    number = 0
    while line := text.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE and not _ended(line):
            _skip(text)
            yield number, Refused("line_too_long", f"Line {number} is longer than {LONGEST_LINE:,} letters.")
            continue
        bad = _NO_TEXT.search(line)
        if bad is None:
            yield number, line
        elif bad[0] == "\0":
            yield number, Refused("nul_byte", f"Line {number} contains a zero byte.")
        else:
            yield number, Refused("bad_encoding", f"Line {number} contains bytes that are no text in its encoding.")


def _ended(line: str) -> bool:
    return line.endswith(("\n", "\r"))


def _skip(text: io.TextIOBase) -> None:
    while (rest := text.readline(LONGEST_LINE)) and not _ended(rest):
        pass
