"""Where a search's words stand in the posts that it found: the same for every Index, whatever its engine can tell.

The engines hold pairs of folded characters, so their own highlighters speak of a text that nobody wrote (docs/adr/0007).
"""

from collections.abc import Iterable, Iterator, Sequence

from core.ports import Highlights, Span
from core.records import AnalysedPost
from core.storage.alignment import Origin, origins
from core.storage.words import Phrase, token_spans, wanted


class Highlighter:
    """Of one query's words; made once for a page of posts."""

    def __init__(self, words: str) -> None:
        asked = wanted(words)
        self._phrases = [phrase for group in asked.groups for phrase in group] if asked else []

    def of(self, post: AnalysedPost) -> Highlights:
        """Every occurrence of every phrase that may occur; those that touch or overlap are one."""
        if not self._phrases:
            return Highlights()
        spans = token_spans(post.search)
        tokens = [post.search[start:end] for start, end in spans]
        found = [
            (spans[first][0], spans[last][0] + len(phrase.tokens[-1]))
            for phrase in self._phrases
            for first, last in _occurrences(phrase, tokens)
        ]
        return _said(found, origins(post)) if found else Highlights()


def _occurrences(phrase: Phrase, tokens: Sequence[str]) -> Iterator[Span]:
    """The first and the last token of each occurrence."""
    *whole, end = phrase.tokens
    for first in range(len(tokens) - len(whole)):
        last = first + len(whole)
        ends = tokens[last].startswith(end) if phrase.prefix else tokens[last] == end
        if ends and list(tokens[first:last]) == whole:
            yield first, last


def _said(found: Iterable[Span], whence: Sequence[Origin | None]) -> Highlights:
    """Spans of the folded text as spans of title and text; one that reaches from the title into the text is two."""
    title: list[Span] = []
    text: list[Span] = []
    for start, end in found:
        origins_ = [origin for origin in whence[start:end] if origin is not None]
        for spans, mine in (
            (title, [o for o in origins_ if o.in_title]),
            (text, [o for o in origins_ if not o.in_title]),
        ):
            if mine:
                spans.append((mine[0].start, mine[-1].end))
    return Highlights(title=_melted(title), text=_melted(text))


def _melted(spans: Iterable[Span]) -> list[Span]:
    melted: list[Span] = []
    for start, end in sorted(spans):
        if melted and start <= melted[-1][1]:
            melted[-1] = (melted[-1][0], max(end, melted[-1][1]))
        else:
            melted.append((start, end))
    return melted
