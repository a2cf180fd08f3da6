"""Words for SQLite's FTS5: Chinese as overlapping pairs of characters, other scripts as words.

FTS5's own tokenisers find no word inside a Chinese sentence (unicode61) or none of two characters (trigram). Here a run
of Han characters 观澜街道 is stored as 观澜 澜街 街道 道: a phrase query of its pairs finds any word of two or more, and the
last character alone lets a prefix query find single ones. Text and queries must be folded the same way beforehand.
"""

import re

_RUN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+|[^\W_]+")
_PART = re.compile(r'-?"[^"]*"?|\S+')
MAX_TERMS = 32


def index_text(text: str) -> str:
    """The text as FTS5 stores it."""
    words: list[str] = []
    for run in _RUN.findall(text):
        if _is_han(run):
            words.extend(run[i : i + 2] for i in range(len(run)))
        else:
            words.append(run)
    return " ".join(words)


def match_expression(query: str) -> str | None:
    """The FTS5 expression of a user's query; None when it asks for nothing that can be looked up.

    All words must occur; `"..."` is a phrase, a leading `-` excludes, `OR` stands between alternatives. Nothing in the
    query reaches FTS5 unquoted, so no query is a syntax error.
    """
    wanted: list[list[str]] = []
    unwanted: list[str] = []
    join = False
    for part in _PART.findall(query)[:MAX_TERMS]:
        if part in ("OR", "or", "|"):
            join = bool(wanted)
            continue
        phrase = _phrase(part.lstrip("-").strip('"'))
        if phrase is None:
            continue
        if part.startswith("-"):
            unwanted.append(phrase)
        elif join:
            wanted[-1].append(phrase)
        else:
            wanted.append([phrase])
        join = False
    if not wanted:
        return None
    expression = " AND ".join("(" + " OR ".join(group) + ")" for group in wanted)
    return f"({expression}) NOT ({' OR '.join(unwanted)})" if unwanted else expression


def _phrase(text: str) -> str | None:
    """A phrase of FTS5 for a word or quoted passage: neighbouring tokens must be neighbours in the text."""
    tokens: list[str] = []
    prefix = False
    for run in _RUN.findall(text):
        prefix = False
        if not _is_han(run):
            tokens.append(run)
        elif len(run) == 1:
            tokens.append(run)
            prefix = True
        else:
            tokens.extend(run[i : i + 2] for i in range(len(run) - 1))
    if not tokens:
        return None
    return '"' + " ".join(tokens) + '"' + ("*" if prefix else "")


def _is_han(run: str) -> bool:
    return "\u3400" <= run[0] <= "\u9fff" or "\uf900" <= run[0] <= "\ufaff" or run[0] >= "\U00020000"
