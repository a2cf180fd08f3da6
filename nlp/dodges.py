"""Reads through spellings that get by filters: 蒸府, 政fu, zf, 政*府, 弓虽拆 become 政府, 强拆; and emoji as named emoticons.

For what models and the risk table read; what is stored, searched and shown stays as it was written. Only what is in
nlp/data/dodges.yaml is read so. Of a hundred ordinary posts hardly one has anything to look at closer, and that is found
by a few patterns that run over a text in a microsecond each.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import product
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct, field

from core.tables import mistake, read_rows
from nlp.matcher import alternation
from nlp.script import fold

SHIPPED = Path(__file__).parent / "data" / "dodges.yaml"

SIGNS = r"[ *.·•/|\\_\-~^+。]"
"""What people put between the characters of a word; not the comma and the enumeration comma, which divide real words."""
_HAN = "一-鿿"
_BESIDE = re.compile(f"[{_HAN}]")
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
"""Where emoji lie. An expression that begins with several of these is slow: Python tries them one by one."""
_LATIN = re.compile(r"[a-z]{2,}")
_LONGEST_CONTEXT = 4


class Word(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A word that filters take out, and how it is written nevertheless."""

    word: str
    pinyin: str
    source: str
    spelt: bool = True
    spellings: list[str] = field(default_factory=list)
    not_after: str = ""
    not_before: str = ""


class Initials(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Initials of a word, and what must stand directly beside them to be read so; `never` is what must not."""

    initials: str
    word: str
    source: str
    after: list[str]
    before: list[str]
    never: list[str] = field(default_factory=list)


class Phrases(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Spellings that are read as something else wherever they stand."""

    spellings: dict[str, str]
    source: str


class Change(NamedTuple):
    """`text[start:end]` of the plain text stands for `original[begin:stop]`."""

    start: int
    end: int
    begin: int
    stop: int


class Plain(NamedTuple):
    """A text as it is meant, and where it differs from the original."""

    text: str
    original: str
    changes: tuple[Change, ...] = ()

    def quoted(self, passage: str) -> str:
        """What the original has where the plain text has a passage (its first occurrence)."""
        start = self.text.find(passage) if self.changes else -1
        if start < 0:
            return passage
        return self.original[self._at(start, first=True) : self._at(start + len(passage), first=False)]

    def _at(self, position: int, *, first: bool) -> int:
        """The original position; a changed word is taken whole."""
        number = bisect_right(self.changes, position, key=lambda change: change.start) - 1
        if number < 0:
            return position
        change = self.changes[number]
        if position == change.start:
            return change.begin
        if position < change.end:
            return change.begin if first else change.stop
        return position - change.end + change.stop


class Dodges:
    """The table, compiled. Immutable, so safe to share between threads."""

    def __init__(self, words: Sequence[Word], initials: Sequence[Initials], phrases: Sequence[Phrases]) -> None:
        self._words = {word.word: word for word in words}
        self._initials = {row.initials: row for row in initials}
        meant = {fold(spelling): plain for row in phrases for spelling, plain in row.spellings.items()}
        self._meant = {spelling: plain for spelling, plain in meant.items() if spelling != plain}
        self._spellings = dict(_spellings(words))
        literals = self._meant.keys() | self._spellings.keys()
        self._tokens = {run for literal in literals for run in _LATIN.findall(literal)} | self._initials.keys()
        odd = [literal for literal in literals if not _LATIN.search(literal)]
        self._odd = re.compile(alternation(literal for literal in odd if not _ASTRAL.match(literal)))
        self._emoji = re.compile(alternation(literal for literal in odd if _ASTRAL.match(literal)) or "(?!)")
        self._mixed = re.compile(_mixed(self._words))
        self._known = re.compile(alternation(literals))
        self._short = re.compile("|".join(_longest(self._initials)) or "(?!)")
        self._signed = re.compile(
            "|".join(f"{SIGNS}{{0,2}}".join(map(re.escape, word)) for word in _longest(self._words))
        )

    def plain(self, text: str) -> Plain:
        """A folded text (Simplified, lower case) as it is meant. Takes linear time."""
        if not self._is_suspect(text):
            return Plain(text, text)
        pieces: list[str] = []
        changes: list[Change] = []
        done = length = 0
        for begin, stop, meant in self._finds(text):
            if begin < done:
                continue
            pieces += text[done:begin], meant
            start = length + begin - done
            length = start + len(meant)
            changes.append(Change(start, length, begin, stop))
            done = stop
        if not changes:
            return Plain(text, text)
        return Plain("".join([*pieces, text[done:]]), text, tuple(changes))

    def _is_suspect(self, text: str) -> bool:
        if self._odd.search(text) or self._mixed.search(text) or (_ASTRAL.search(text) and self._emoji.search(text)):
            return True
        return not self._tokens.isdisjoint(_LATIN.findall(text))

    def _finds(self, text: str) -> list[tuple[int, int, str]]:
        """Stretches that stand for something else, by start and then longest first."""
        readers = (
            (self._known, self._read_known),
            (self._short, self._read_initials),
            (self._signed, self._read_signed),
        )
        finds = [
            (found.start(), found.end(), meant)
            for pattern, read in readers
            for found in pattern.finditer(text)
            if (meant := read(text, found)) is not None
        ]
        return sorted(finds, key=lambda find: (find[0], -find[1]))

    def _read_initials(self, text: str, found: re.Match[str]) -> str | None:
        row = self._initials[found[0]]
        return row.word if not _touches_latin(text, found) and _is_beside(row, text, found) else None

    def _read_signed(self, text: str, found: re.Match[str]) -> str | None:
        word = re.sub(SIGNS, "", found[0])
        if word == found[0] or not _fits(self._words[word], text, found):
            return None
        return word if " " not in found[0] or _stands_alone(text, found) else None

    def _read_known(self, text: str, found: re.Match[str]) -> str | None:
        if found[0] in self._meant:
            return self._meant[found[0]]
        word = self._words[self._spellings[found[0]]]
        if _touches_latin(text, found) or not _fits(word, text, found):
            return None
        if found[0].isascii() and not (
            _BESIDE.match(text[found.start() - 1 : found.start()]) or _BESIDE.match(text, found.end())
        ):
            return None
        return word.word


@cache
def shipped_dodges() -> Dodges:
    """The table that ships; what models read in training is read by it too."""
    return load_dodges()


def load_dodges(path: Path = SHIPPED) -> Dodges:
    """The table of `path`. Raises `ConfigurationError` with file, line and reason."""
    words: list[Word] = []
    for line, row in read_rows(path, Word, "words"):
        if len(row.word) < 2 or len(row.pinyin.split()) != len(row.word):
            raise mistake(path, line, f"{row.word!r} needs two characters and a syllable for each")
        words.append(row)
    initials = []
    for line, short in read_rows(path, Initials, "initials"):
        if not _LATIN.fullmatch(short.initials):
            raise mistake(path, line, f"{short.initials!r} is not two letters or more")
        if not short.after and not short.before:
            raise mistake(path, line, f"{short.initials!r} needs words that stand beside it")
        initials.append(short)
    return Dodges(words, initials, [row for _, row in read_rows(path, Phrases, "phrases")])


def _spellings(words: Iterable[Word]) -> Iterator[tuple[str, str]]:
    """Every spelling and its word: those of the table, and the word with some of its characters in pinyin."""
    for word in words:
        syllables = word.pinyin.split()
        choices = [(char,) if sound == "-" else (char, sound) for char, sound in zip(word.word, syllables, strict=True)]
        written = {"".join(parts) for parts in product(*choices)}
        if not word.spelt:
            written.discard("".join(syllables))
        for spelling in written | {fold(spelling) for spelling in word.spellings}:
            if spelling != word.word:
                yield spelling, word.word


def _fits(word: Word, text: str, found: re.Match[str]) -> bool:
    before, behind = text[max(0, found.start() - 1) : found.start()], text[found.end() : found.end() + 1]
    return not (before and before in word.not_after) and not (behind and behind in word.not_before)


def _touches_latin(text: str, found: re.Match[str]) -> bool:
    """Whether pinyin at an edge goes on as another Latin word or number."""
    before, behind = text[max(0, found.start() - 1) : found.start()], text[found.end() : found.end() + 1]
    first, last = found[0][0], found[0][-1]
    return (_is_latin(first) and _is_latin(before)) or (_is_latin(last) and _is_latin(behind))


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _is_beside(row: Initials, text: str, found: re.Match[str]) -> bool:
    before = text[max(0, found.start() - _LONGEST_CONTEXT) : found.start()]
    behind = text[found.end() : found.end() + _LONGEST_CONTEXT]
    if before.endswith(tuple(row.never)) or behind.startswith(tuple(row.never)):
        return False
    return before.endswith(tuple(row.before)) or behind.startswith(tuple(row.after))


def _stands_alone(text: str, found: re.Match[str]) -> bool:
    """Whether nothing is written against one end of a word that has a space inside: 集体上 访, but not 马上 访问."""
    before, behind = text[max(0, found.start() - 1) : found.start()], text[found.end() : found.end() + 1]
    return not _BESIDE.match(before) or not _BESIDE.match(behind)


def _mixed(words: Iterable[str]) -> str:
    """A quick look: a character of a word, then Latin letters or signs and another of its characters."""
    inner = "".join(sorted({char for word in words for char in word[:-1]}))
    outer = "".join(sorted({char for word in words for char in word[1:]}))
    return f"[{inner}](?:[a-z]|{SIGNS}{{1,2}}[{outer}])"


def _longest(words: Iterable[str]) -> list[str]:
    return sorted(set(words), key=lambda word: (-len(word), word))
