"""Risk words: what in a post calls for speed, by category and weight, from a table that people edit.

A word does not count inside an innocent phrase (`火` in 火爆 is no fire) nor in a sentence that speaks of something not
real (a drill, a film, a game).
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from math import prod
from pathlib import Path

from msgspec import Struct, field

from core.records import Risk, RiskHit
from core.tables import mistake, read_rows
from nlp.matcher import Matcher, Span
from nlp.script import fold

SHIPPED = Path(__file__).parent / "data" / "risk.yaml"

_SENTENCE_END = re.compile(r"[。！？!?；;\n]")


class RiskCategory(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of risk. `words` count, unless inside one of the `innocent` phrases or beside a word of `unless`."""

    category: str
    weight: float
    source: str
    words: list[str]
    innocent: list[str] = field(default_factory=list)
    unless: list[str] = field(default_factory=list)


class UnrealContext(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words that make every risk word of their sentence unreal, and why."""

    unreal: list[str]
    source: str


class RiskLexicon:
    """Risk words compiled for search. Immutable, so safe to share between threads."""

    def __init__(self, categories: Sequence[RiskCategory], unreal: Sequence[str] = ()) -> None:
        self._categories = {word: row for row in categories for word in row.words}
        self._unreal = tuple(unreal)
        innocent = {phrase for row in categories for phrase in row.innocent}
        self._matcher = Matcher(self._categories.keys() | innocent)

    @property
    def categories(self) -> dict[str, float]:
        """Weight of each category."""
        return {row.category: row.weight for row in self._categories.values()}

    def score(self, text: str) -> Risk:
        """Risk of a folded text (Simplified, lower case): the first word of each category hit, in order of the text."""
        spans = [span for span in self._matcher.leftmost(text) if span.phrase in self._categories]
        if not spans:
            return Risk()
        hits: dict[str, RiskHit] = {}
        for sentence, inside in _by_sentence(text, spans):
            if not any(word in sentence for word in self._unreal):
                self._collect(sentence, inside, hits)
        score = 1 - prod(1 - hit.weight for hit in hits.values())
        return Risk(score=round(score, 4), hits=tuple(hits.values()))

    def _collect(self, sentence: str, spans: Iterable[Span], hits: dict[str, RiskHit]) -> None:
        first: dict[str, str] = {}
        for span in spans:
            first.setdefault(self._categories[span.phrase].category, span.phrase)
        for category, word in first.items():
            row = self._categories[word]
            if category not in hits and not any(other in sentence for other in row.unless):
                hits[category] = RiskHit(category=category, word=word, weight=row.weight)


def load_risk_lexicon(path: Path | None = None) -> RiskLexicon:
    """The lexicon of `path`, or the shipped one.

    Raises `ConfigurationError` with file, line and reason.
    """
    path = path or SHIPPED
    categories: list[RiskCategory] = []
    owners: dict[str, str] = {}
    for line, row in read_rows(path, RiskCategory, "categories"):
        folded = RiskCategory(
            category=row.category,
            weight=row.weight,
            source=row.source,
            words=[fold(word) for word in row.words],
            innocent=[fold(word) for word in row.innocent],
            unless=[fold(word) for word in row.unless],
        )
        for reason in _mistakes(folded, owners):
            raise mistake(path, line, reason)
        owners |= dict.fromkeys(folded.words, folded.category)
        categories.append(folded)
    unreal = [fold(word) for _, row in read_rows(path, UnrealContext, "contexts") for word in row.unreal]
    return RiskLexicon(categories, unreal)


def _mistakes(row: RiskCategory, owners: dict[str, str]) -> Iterator[str]:
    if not 0 < row.weight <= 1:
        yield f"weight of {row.category!r} is {row.weight}, expected more than 0 and at most 1"
    if not row.words or not row.source.strip():
        yield f"category {row.category!r} needs words and a source"
    if row.category in owners.values():
        yield f"category {row.category!r} stands here a second time"
    for word in (*row.words, *row.innocent):
        if len(word) < 2:
            yield f"word {word!r} of {row.category!r} is too short: two characters at least"
    for word in row.words:
        if word in owners:
            yield f"word {word!r} is already in category {owners[word]!r}"
        if word in row.innocent:
            yield f"word {word!r} is both a word and an innocent phrase"


def _by_sentence(text: str, spans: Iterable[Span]) -> Iterator[tuple[str, Iterable[Span]]]:
    ends = [end.end() for end in _SENTENCE_END.finditer(text)] + [len(text)]
    for index, inside in groupby(spans, key=lambda span: bisect_right(ends, span.start)):
        yield text[ends[index - 1] if index else 0 : ends[index]], inside
