"""Finding many phrases in a text at once.

Built for Chinese, where words have no spaces: a phrase may start at any character. Two characters decide in one look-up
whether anything starts here, which on real posts is false for nine positions out of ten.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from operator import add
from typing import NamedTuple


class Span(NamedTuple):
    """Where a phrase stands in a text: `text[start:end] == phrase`."""

    start: int
    end: int
    phrase: str


class Matcher:
    """A fixed set of phrases of two characters or more (shorter ones are refused with `ValueError`)."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._phrases = frozenset(phrases)
        lengths: defaultdict[str, set[int]] = defaultdict(set)
        for phrase in self._phrases:
            if len(phrase) < 2:
                raise ValueError(f"a phrase needs two characters: {phrase!r}")
            lengths[phrase[:2]].add(len(phrase))
        shared: dict[tuple[int, ...], tuple[int, ...]] = {}
        self._lengths: dict[str, tuple[int, ...]] = {}
        for start, found in lengths.items():
            longest_first = tuple(sorted(found, reverse=True))
            self._lengths[start] = shared.setdefault(longest_first, longest_first)

    def all(self, text: str) -> list[Span]:
        """Every occurrence, overlapping ones too, by start and then longest first."""
        starts, phrases = self._lengths, self._phrases
        return [
            Span(at, at + length, phrase)
            for at, pair in enumerate(map(add, text, text[1:]))
            if pair in starts
            for length in starts[pair]
            if at + length <= len(text) and (phrase := text[at : at + length]) in phrases
        ]

    def leftmost(self, text: str) -> list[Span]:
        """Occurrences that do not overlap: the leftmost, and the longest of those that start together."""
        return leftmost(self.all(text))


def alternation(literals: Iterable[str]) -> str:
    """A regular expression of the literals, the longest first, gathered by first character.

    Python looks for a first character of such an expression in C; ungathered or with a group in front it tries every literal
    at every position.
    """
    rests: dict[str, list[str]] = {}
    for literal in sorted(set(literals), key=lambda literal: (-len(literal), literal)):
        rests.setdefault(literal[0], []).append(re.escape(literal[1:]))
    return "|".join(f"{re.escape(first)}(?:{'|'.join(rest)})" for first, rest in sorted(rests.items()))


def leftmost(spans: Iterable[Span]) -> list[Span]:
    """Of spans ordered by start and then longest first, those that do not overlap an earlier one."""
    kept: list[Span] = []
    end = 0
    for span in spans:
        if span.start >= end:
            kept.append(span)
            end = span.end
    return kept
