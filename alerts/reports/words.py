"""The words of reports, in three languages."""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

from core.records.reports import Line, Piece

HERE = Path(__file__).parent / "words"
LANGUAGES = ("zh-Hans", "zh-Hant", "en")
PLACE = re.compile(r"\{(\w+)\}")
UNWRITABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0, and so a Word file, cannot hold."""


def piece(text: object, link: str = "") -> Piece:
    """A run of text that every format can hold."""
    return Piece(text=UNWRITABLE.sub("", str(text)), link=link)


class Words:
    """A catalogue: `words("volume", posts=...)` is a line, whose figures may carry links."""

    def __init__(self, lang: str, table: Mapping[str, str]) -> None:
        self.lang = lang
        self._table = table

    def __call__(self, key: str, **figures: str | int | Piece) -> Line:
        """The line of that key; raises `KeyError` for a key or a figure that is not there."""
        pieces: list[Piece] = []
        for i, part in enumerate(PLACE.split(self._table[key])):
            value: str | int | Piece = figures[part] if i % 2 else part
            one = value if isinstance(value, Piece) else piece(value)
            if one.text:
                pieces.append(one)
        return tuple(pieces)

    def text(self, key: str, **figures: str | int) -> str:
        """The same as plain text."""
        return "".join(one.text for one in self(key, **figures))

    def code(self, family: str, value: str) -> str:
        """The word for a code; a code that nobody translated is shown as it is."""
        return self._table.get(f"{family}.{value}", value)

    def time(self, at: datetime, zone: ZoneInfo) -> str:
        """A moment in the office's zone, to the minute."""
        return at.astimezone(zone).strftime(self._table["time"])

    def day(self, at: datetime, zone: ZoneInfo) -> str:
        """A date in the office's zone."""
        return at.astimezone(zone).strftime(self._table["day"])


@cache
def load_words(lang: str) -> Words:
    """The catalogue of a language; Simplified Chinese for one that we do not have."""
    known = lang if lang in LANGUAGES else LANGUAGES[0]
    return Words(known, yaml.safe_load((HERE / f"{known}.yaml").read_text(encoding="utf-8")))


def percent(part: int, whole: int) -> str:
    """A share in whole percents."""
    return f"{round(100 * part / whole) if whole else 0}%"
