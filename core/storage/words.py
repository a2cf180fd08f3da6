"""Words for every Index: Chinese as overlapping pairs of characters, other scripts as words.

The tokenisers of FTS5 find no word inside a Chinese sentence (unicode61) or none of two characters (trigram), and those of
Elasticsearch differ from them. Here a run of Han characters 观澜街道 is stored as 观澜 澜街 街道 道: a phrase query of its
pairs finds any word of two or more, and the last character alone lets a prefix query find single ones. Text and queries
must be folded the same way beforehand.
"""

import re
from operator import add
from typing import NamedTuple

_HAN = r"\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+")
_PART = re.compile(r'-?"[^"]*"?|\S+')
MAX_TERMS = 32


class Phrase(NamedTuple):
    """Tokens that must be neighbours in the text, in order; of the last one only the beginning when `prefix`."""

    tokens: list[str]
    prefix: bool


class Wanted(NamedTuple):
    """One phrase of each of `groups` must occur, none of `unwanted` may."""

    groups: list[list[Phrase]]
    unwanted: list[Phrase]


def index_text(text: str) -> str:
    """The text as an index stores it: tokens between blanks."""
    tokens: list[str] = []
    for run in _RUN.findall(text):
        if _is_han(run):
            tokens.extend(map(add, run, run[1:]))
            tokens.append(run[-1])
        else:
            tokens.append(run)
    return " ".join(tokens)


def token_spans(text: str) -> list[tuple[int, int]]:
    """Where each token of the text begins and ends, in order: neighbours overlap within a run of Han characters."""
    spans: list[tuple[int, int]] = []
    for run in _RUN.finditer(text):
        start, end = run.span()
        if _is_han(run[0]):
            spans.extend([(i, min(i + 2, end)) for i in range(start, end)])
        else:
            spans.append((start, end))
    return spans


def wanted(query: str) -> Wanted | None:
    """What a user's query asks for; None when nothing in it can be looked up.

    All words must occur; `"..."` is a phrase, a leading `-` excludes, `OR` stands between alternatives. No query is an
    error.
    """
    groups: list[list[Phrase]] = []
    unwanted: list[Phrase] = []
    join = False
    for part in _PART.findall(query)[:MAX_TERMS]:
        if part in ("OR", "or", "|"):
            join = bool(groups)
            continue
        phrase = _phrase(part.lstrip("-").strip('"'))
        if phrase is None:
            continue
        if part.startswith("-"):
            unwanted.append(phrase)
        elif join:
            groups[-1].append(phrase)
        else:
            groups.append([phrase])
        join = False
    return Wanted(groups, unwanted) if groups else None


def _phrase(text: str) -> Phrase | None:
    spans = token_spans(text)
    if not spans:
        return None
    tokens = [text[start:end] for start, end in spans]
    if not _is_han(tokens[-1]):
        return Phrase(tokens, prefix=False)
    # A run of Han characters may go on in the text: its last one alone is a beginning, or known from the pair before.
    known = len(spans) > 1 and spans[-2][1] > spans[-1][0]
    return Phrase(tokens[:-1], prefix=False) if known else Phrase(tokens, prefix=True)


def _is_han(run: str) -> bool:
    return "\u3400" <= run[0] <= "\u9fff" or "\uf900" <= run[0] <= "\ufaff" or run[0] >= "\U00020000"
