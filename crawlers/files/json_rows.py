"""JSON Lines, and a JSON array read element by element, so that a file of any size fits into memory."""

import json
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TextIO

import msgspec

from core.errors import Refused
from crawlers.files.header import Header
from crawlers.files.lines import numbered_lines, open_text
from crawlers.files.rows import LONGEST_LINE, Row, Rows

_LOOK_AHEAD = 100
_CHUNK = 65_536
_DECODER = json.JSONDecoder()
_OPENING = re.compile(r"\s*\[?")
_BETWEEN = re.compile(r"[\s,]*")
_NEXT_OBJECT = re.compile(r"\}\s*,\s*\{")
_OVERLAP = 64
_NO_TEXT = re.compile("[\0\udc80-\udcff]")


def read_lines(path: Path, encoding: str) -> Rows:
    """The objects of a JSON Lines file by line; blank lines are skipped."""
    with open_text(path, encoding) as text:
        for number, line in numbered_lines(text):
            if isinstance(line, Refused):
                yield number, line
            elif line.strip():
                yield number, _object(line, f"Line {number}")


def read_array(path: Path, encoding: str) -> Rows:
    """The objects of a JSON array, counted from 1."""
    with open_text(path, encoding) as text:
        for number, element in enumerate(elements(text), 1):
            yield number, element if isinstance(element, Refused) else _object(element, f"Element {number}")


def read_columns(rows: Rows) -> Header:
    """The keys of the first objects, in order of appearance."""
    seen: dict[str, None] = {}
    for _, row in islice(rows, _LOOK_AHEAD):
        if not isinstance(row, Refused):
            seen |= dict.fromkeys(row)
    return Header(names=tuple(seen))


def _object(text: str, where: str) -> Row | Refused:
    if _NO_TEXT.search(text):
        return Refused("bad_encoding", f"{where} contains bytes that are no text in its encoding.")
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError) as error:
        return Refused("broken_json", f"{where} is no JSON: {error}.")
    if not isinstance(value, dict):
        return Refused("not_an_object", f"{where} is no JSON object.")
    return value


def elements(text: TextIO) -> Iterator[str | Refused]:
    """The elements of one JSON array as text.

    `Refused` (`broken_json`) in place of what is no JSON or longer than `LONGEST_LINE`; reading goes on at the next object.
    """
    window = _Window(text)
    window.skip(_OPENING)
    while (sign := window.skip(_BETWEEN)) not in ("]", ""):
        element = window.element()
        if element is None:
            yield Refused("broken_json", "An element of the JSON array is broken, cut off or too long.")
            window.skip_to_object()
        else:
            yield element
    if sign == "":
        yield Refused("broken_json", "The JSON array is never closed: the file seems to be cut off.")


class _Window:
    """The part of the text that is in memory: from where the reader stands to a little more than one element."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._buffer = ""
        self._at = 0

    def skip(self, pattern: re.Pattern[str]) -> str:
        """Step over what matches; the letter that follows, empty at the end of the text."""
        while True:
            found = pattern.match(self._buffer, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._buffer) or not self._more():
                return self._buffer[self._at : self._at + 1]

    def element(self) -> str | None:
        """The element that begins here, stepping over it; None if none does."""
        while True:
            try:
                _, end = _DECODER.raw_decode(self._buffer, self._at)
            except (ValueError, RecursionError):
                if len(self._buffer) - self._at > LONGEST_LINE or not self._more():
                    return None
                continue
            element = self._buffer[self._at : end]
            self._at = end
            return element

    def skip_to_object(self) -> None:
        """Step to the next object that follows another, or to the end of the text."""
        self._at += 1
        while (found := _NEXT_OBJECT.search(self._buffer, self._at)) is None:
            self._at = max(self._at, len(self._buffer) - _OVERLAP)
            if not self._more():
                self._at = len(self._buffer)
                return
        self._at = found.end() - 1

    def _more(self) -> bool:
        """Read on; as much again as is held, so that a long element is tried a few times only."""
        held = self._buffer[self._at :]
        chunk = self._text.read(max(_CHUNK, len(held)))
        self._buffer, self._at = held + chunk, 0
        return bool(chunk)
