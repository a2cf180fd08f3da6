"""Whether a risk word speaks of something that is happening: no drill, film or anniversary, nor what did not happen.

All by tables (`contexts`, `denials` and `turns` of nlp/data/risk.yaml). Every look around a word reaches a bounded number of
characters, so the time stays linear in the text.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from msgspec import Struct, field

from core.sentences import ENDS
from nlp.matcher import Span, leftmost

REACH = 14
"""Characters before a risk word, of its own clause, that may deny it or make it real."""
SPREAD = 40
"""Characters to either side, of its own sentence, that an unreal word silences; posts without punctuation are long."""
TITLE = 12
"""The longest title in 《》 whose words are only a name."""
_SENTENCE_END = re.compile(rf"[{ENDS}\n]|(?<=#) ?(?=#)")
"""Tags in a row are not one sentence."""
_CLAUSE_END = re.compile(r"[^，,、：:。！？!?；;…~～\s]*\Z")
_ASKED = re.compile(r"[^，,。！!；;\s]{0,12}?(?:就是|是什么|[吗么?？])")
"""`不是打人就是骂人` and `这不是腐败吗` deny nothing."""


class Unreal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words that make the risk words of their sentence unreal (of the categories of `only`), unless they stand inside one of
    the phrases of `but` (`电影院` is no film).
    """

    unreal: list[str]
    source: str
    but: list[str] = field(default_factory=list)
    only: list[str] = field(default_factory=list)


class Denial(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words that take a risk word back when they stand directly before it, with nothing but words of `between` in between."""

    before: list[str]
    source: str
    only: list[str] = field(default_factory=list)
    between: list[str] = field(default_factory=list)
    but: list[str] = field(default_factory=list)


class Turn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What brings a text back to the real world: `real` words before the risk word in its clause, or that the unreal is
    `over` before it. `figure` words right behind a risk word make a figure of speech of it.
    """

    source: str
    real: list[str] = field(default_factory=list)
    over: list[str] = field(default_factory=list)
    figure: list[str] = field(default_factory=list)


class _Denied(NamedTuple):
    pattern: re.Pattern[str]
    only: frozenset[str]


class _Stretches:
    """Stretches of a text, given by rising start; asking costs a search, however many there are."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._reached: list[int] = []

    def add(self, start: int, end: int) -> None:
        self._reached.append(max(end, self._reached[-1] if self._reached else end))
        self._starts.append(start)

    def has(self, at: int) -> bool:
        """Whether one of them covers the position."""
        number = bisect_right(self._starts, at) - 1
        return number >= 0 and at < self._reached[number]


class Scene:
    """A text's sentences and how far the unreal reaches in each."""

    def __init__(self, text: str, marks: Sequence[Span], context: "Context") -> None:
        self._text, self._context = text, context
        self._ends = [end.end() for end in _SENTENCE_END.finditer(text)] + [len(text)]
        self._unreal: defaultdict[str, _Stretches] = defaultdict(_Stretches)
        for mark in leftmost(marks):
            if mark.phrase in context.unreal and not context.is_denied_mark(text, mark):
                begin, end = self.sentence(mark)
                end = mark.end if context.is_over(text, mark) else min(end, mark.end + SPREAD)
                for category in context.unreal[mark.phrase]:
                    self._unreal[category].add(max(begin, mark.start - SPREAD), end)

    def sentence(self, span: Span) -> tuple[int, int]:
        """Where the sentence of a word begins and ends."""
        number = min(bisect_right(self._ends, span.start), len(self._ends) - 1)
        return self._ends[number - 1] if number else 0, self._ends[number]

    def is_unreal(self, span: Span, category: str) -> bool:
        """Whether this mention of the category is of nothing that is happening."""
        context, text = self._context, self._text
        clause = _clause(text, span.start)
        if context.is_figure(text, span) or _is_title(text, span) or context.is_denied(text, clause, span, category):
            return True
        silent = any(self._unreal[of].has(span.start) for of in ("", category) if of in self._unreal)
        return silent and not context.is_real(clause)


class Context:
    """The tables, compiled. Immutable, so safe to share between threads."""

    def __init__(
        self, unreal: Sequence[Unreal] = (), denials: Sequence[Denial] = (), turns: Sequence[Turn] = ()
    ) -> None:
        self.unreal: dict[str, tuple[str, ...]] = {}
        for row in unreal:
            for word in row.unreal:
                self.unreal[word] = self.unreal.get(word, ()) + (tuple(row.only) or ("",))
        self.phrases = frozenset(self.unreal).union(*(row.but for row in unreal))
        self._denials = [_denied(row) for row in denials]
        self._real = _any(word for row in turns for word in row.real)
        self._over = _any(word for row in turns for word in row.over)
        self._figure = _any(word for row in turns for word in row.figure)

    def is_over(self, text: str, mark: Span) -> bool:
        """`演练结束后`: what follows is real."""
        return self._over.match(text, mark.end, mark.end + REACH) is not None

    def is_denied_mark(self, text: str, mark: Span) -> bool:
        """`不是演习`."""
        return text[max(0, mark.start - 2) : mark.start] in ("不是", "并非")

    def is_real(self, clause: str) -> bool:
        """Whether the clause before a risk word says that it really happens."""
        return self._real.search(clause) is not None

    def is_figure(self, text: str, span: Span) -> bool:
        """`着火一样`."""
        return self._figure.match(text, span.end) is not None

    def is_denied(self, text: str, clause: str, span: Span, category: str) -> bool:
        """Whether the clause before a risk word takes it back."""
        for pattern, only in self._denials:
            if (not only or category in only) and (found := pattern.search(clause)) and found["denial"]:
                return not (found["denial"].endswith("不是") and _ASKED.match(text, span.end))
        return False


def _clause(text: str, at: int) -> str:
    """What stands before `at` in its clause, at most `REACH` characters."""
    found = _CLAUSE_END.search(text[max(0, at - REACH) : at])
    return found[0] if found else ""


def _is_title(text: str, span: Span) -> bool:
    """Whether the word stands in a short title: 《大火》."""
    before = text[max(0, span.start - TITLE) : span.start]
    after = text[span.end : span.end + TITLE]
    return before.rfind("《") > before.rfind("》") and "》" in after and "《" not in after[: after.find("》")]


def _denied(row: Denial) -> _Denied:
    """A pattern over the clause before a risk word. A word of `but` that ends where one of `before` does is no denial."""
    between = _joined(row.between)
    but = f"{_joined(row.but)}|" if row.but else ""
    pattern = rf"(?:{but}(?P<denial>{_joined(row.before)}))(?:{between}){{0,5}}\Z"
    return _Denied(re.compile(pattern), frozenset(row.only))


def _any(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(_joined(words) or r"(?!)")


def _joined(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, set(words)), key=len, reverse=True))
