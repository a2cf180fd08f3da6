"""Risk words: what in a post calls for speed, by category and weight, from a table that people edit.

A word does not count inside an innocent phrase (`火` in 火爆 is no fire) nor where it speaks of nothing that is happening (a
drill, a film, an anniversary, "no fire broke out"): see nlp/risk_context.py. Dangers that no word names are told by the model
(`unnamed`).
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from math import prod
from pathlib import Path
from typing import NamedTuple, TypeVar

from msgspec import Struct, field
from msgspec.structs import asdict

from core.records import Label, Risk, RiskHit
from core.tables import mistake, read_rows
from nlp.labels import DANGER, LIKELY, of_two
from nlp.matcher import Matcher, Span, leftmost
from nlp.risk_context import Context, Denial, Scene, Turn, Unreal
from nlp.script import fold

SHIPPED = Path(__file__).parent / "data" / "risk.yaml"
Row = TypeVar("Row", bound=Struct)


class RiskCategory(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of risk. `words` count, unless inside one of the `innocent` phrases or beside a word of `unless`."""

    category: str
    weight: float
    source: str
    words: list[str]
    innocent: list[str] = field(default_factory=list)
    unless: list[str] = field(default_factory=list)


class Unnamed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The risk of a text that the model calls a danger to life or limb with a probability of `least` or more, though no word of
    the categories of `beside`, which name such dangers, was found in it.
    """

    category: str
    weight: float
    least: float
    beside: list[str]
    source: str


class Danger(NamedTuple):
    """What a model says of a text: how likely it tells of a danger to life or limb, the passage that told it (empty if none
    did), the text as it was read, folded, line by line, and the passage as the post wrote it.
    """

    probability: float
    passage: str
    text: str
    written: str


class RiskLexicon:
    """Risk words compiled for search. Immutable, so safe to share between threads."""

    def __init__(
        self, categories: Sequence[RiskCategory], context: Context | None = None, unnamed: Sequence[Unnamed] = ()
    ) -> None:
        self._categories = {word: row for row in categories for word in row.words}
        self._context = context or Context()
        self._unnamed = tuple(unnamed)
        self._by_model = frozenset(row.category for row in unnamed)
        self._dangers = frozenset(category for row in unnamed for category in row.beside)
        self._risky = self._categories.keys() | {phrase for row in categories for phrase in row.innocent}
        self._matcher = Matcher(self._risky | self._context.phrases)

    @property
    def categories(self) -> dict[str, float]:
        """Weight of each category."""
        named = {row.category: row.weight for row in self._categories.values()}
        return named | {row.category: row.weight for row in self._unnamed}

    @property
    def dangers(self) -> frozenset[str]:
        """The categories whose words name a danger to life or limb."""
        return self._dangers

    def words(self, categories: AbstractSet[str]) -> frozenset[str]:
        """All words of some categories."""
        return frozenset(word for word, row in self._categories.items() if row.category in categories)

    def score(self, text: str) -> Risk:
        """Risk of a folded text (Simplified, lower case): the first word of each category hit, in order of the text."""
        found = self._matcher.all(text)
        spans = leftmost(span for span in found if span.phrase in self._risky)
        spans = [span for span in spans if span.phrase in self._categories]
        if not spans:
            return Risk()
        scene = Scene(text, [span for span in found if span.phrase in self._context.phrases], self._context)
        hits: dict[str, RiskHit] = {}
        spared: dict[tuple[int, str], bool] = {}
        for span in spans:
            row = self._categories[span.phrase]
            if row.category in hits or scene.is_unreal(span, row.category):
                continue
            begin, end = scene.sentence(span)
            if (begin, row.category) not in spared:
                spared[begin, row.category] = any(text.find(other, begin, end) >= 0 for other in row.unless)
            if not spared[begin, row.category]:
                hits[row.category] = RiskHit(
                    category=row.category, word=span.phrase, weight=row.weight, danger=row.category in self._dangers
                )
        return weighed(hits.values())

    def unnamed(self, risk: Risk, danger: Danger) -> Risk:
        """`risk` with the danger that a model sees, if no word names one and the table does not take its sentence back."""
        named = {hit.category for hit in risk.hits}
        more = [
            RiskHit(category=row.category, word=danger.written, weight=row.weight, danger=True)
            for row in self._unnamed
            if danger.probability >= row.least
            and named.isdisjoint(row.beside)
            and danger.passage
            and not self._takes_back(row, danger)
        ]
        return weighed([*risk.hits, *more]) if more else risk

    def tells(self, risk: Risk, probability: float) -> Label:
        """Whether a text of this risk tells of a danger. The table is sure where it names one and where it takes one back;
        elsewhere it is as likely as the model finds it.
        """
        dangers = [hit for hit in risk.hits if hit.danger]
        if any(hit.category not in self._by_model for hit in dangers):
            probability = 1.0
        elif not dangers and any(probability >= row.least for row in self._unnamed):
            probability = 0.0
        return of_two(DANGER, "none", probability, first=bool(dangers))

    def _takes_back(self, row: Unnamed, danger: Danger) -> bool:
        """Whether the passage stands in a sentence of a drill, a film and the like, or beside a word of danger that was taken
        back there.
        """
        start = danger.text.find(danger.passage)
        if start < 0:
            return False
        found = self._matcher.all(danger.text)
        scene = Scene(danger.text, [mark for mark in found if mark.phrase in self._context.phrases], self._context)
        passage = Span(start, start + len(danger.passage), danger.passage)
        begin, end = scene.sentence(passage)
        spoken = (
            mark for mark in leftmost(mark for mark in found if mark.phrase in self._risky) if begin <= mark.start < end
        )
        words = {self._categories[mark.phrase].category for mark in spoken if mark.phrase in self._categories}
        return not words.isdisjoint(row.beside) or any(scene.is_unreal(passage, category) for category in row.beside)


def weighed(hits: Collection[RiskHit]) -> Risk:
    """The risk of these hits."""
    return Risk(score=round(any_of(hit.weight for hit in hits), 4), hits=tuple(hits))


def any_of(weights: Iterable[float]) -> float:
    """What several risks weigh together (`core.records.Risk`)."""
    return 1 - prod(1 - weight for weight in weights)


def load_risk_lexicon(path: Path | None = None) -> RiskLexicon:
    """The lexicon of `path`, or the shipped one.

    Raises `ConfigurationError` with file, line and reason.
    """
    path = path or SHIPPED
    categories: list[RiskCategory] = []
    owners: dict[str, str] = {}
    for line, row in read_rows(path, RiskCategory, "categories"):
        folded = _folded(row)
        for reason in _mistakes(folded, owners):
            raise mistake(path, line, reason)
        owners |= dict.fromkeys(folded.words, folded.category)
        categories.append(folded)
    known = set(owners.values())
    return RiskLexicon(categories, _context(path, known), _unnamed(path, known))


def _unnamed(path: Path, known: set[str]) -> list[Unnamed]:
    rows = read_rows(path, Unnamed, "unnamed")
    for line, row in rows:
        for reason in _mistakes_of_unnamed(row, known):
            raise mistake(path, line, reason)
        known = known | {row.category}
    _check_named(path, known, [(line, row.beside) for line, row in rows])
    return [row for _, row in rows]


def _mistakes_of_unnamed(row: Unnamed, known: AbstractSet[str]) -> Iterator[str]:
    if not 0 < row.weight <= 1:
        yield f"weight of {row.category!r} is {row.weight}, expected more than 0 and at most 1"
    if not LIKELY <= row.least <= 1:
        yield f"least of {row.category!r} is {row.least}, expected {LIKELY} to 1: below, nothing in a text tells of danger"
    if not row.category or not row.beside or not row.source.strip():
        yield "an unnamed risk needs a category, the categories that it stands beside, and a source"
    if row.category in known:
        yield f"category {row.category!r} stands here a second time"


def _check_named(path: Path, known: set[str], named: Iterable[tuple[int, list[str]]]) -> None:
    for line, categories in named:
        for category in categories:
            if category not in known:
                raise mistake(path, line, f"there is no category {category!r}")


def _context(path: Path, known: set[str]) -> Context:
    unreal = read_rows(path, Unreal, "contexts")
    denials = read_rows(path, Denial, "denials")
    _check_named(path, known, [(line, row.only) for line, row in unreal] + [(line, row.only) for line, row in denials])
    turns = [_folded(row) for _, row in read_rows(path, Turn, "turns")]
    return Context([_folded(row) for _, row in unreal], [_folded(row) for _, row in denials], turns)


def _folded(row: Row) -> Row:
    """The row with its lists of words as texts are searched: Simplified, lower case."""
    lists = {name: [fold(word) for word in value] for name, value in asdict(row).items() if isinstance(value, list)}
    return type(row)(**{**asdict(row), **lists})


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
