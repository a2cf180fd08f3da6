"""From the folded copy of a post back to what the person wrote.

`Post.search` is title and text in one spelling (see `nlp.script.fold`): NFKC, Simplified, case-folded, blanks collapsed.
Two of these steps change how many characters there are (㎏ becomes kg, ß becomes ss), but each for a few neighbours at a
time, so the way back is found by doing them again piece by piece. The third, Traditional to Simplified, keeps the number
of characters; where it ever should not, a whole word stands for each of its characters.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from core.ports import Span
from core.records import Post


class Origin(NamedTuple):
    """Where a folded character comes from: code points `start` to `end` of the post's title or else its text."""

    in_title: bool
    start: int
    end: int


Folded = tuple[str, Origin]


def origins(post: Post) -> list[Origin | None]:
    """The origin of every character of `post.search`; None for a blank. Empty when it was not folded from this post."""
    words = [*_words(post.title, in_title=True), *_words(post.text, in_title=False)]
    searched = post.search.split(" ") if post.search else []
    if len(words) != len(searched):
        return []
    found: list[Origin | None] = []
    for word, said in zip(words, searched, strict=True):
        found += [*_spread(word, len(said)), None]
    return found[:-1]


def _spread(word: Sequence[Folded], length: int) -> list[Origin]:
    if len(word) == length:
        return [origin for _, origin in word]
    return [Origin(word[0][1].in_title, word[0][1].start, word[-1][1].end)] * length


def _words(text: str, *, in_title: bool) -> Iterator[list[Folded]]:
    """The folded text word by word, each character with its origin."""
    word: list[Folded] = []
    for start, end in _pieces(text):
        for character in unicodedata.normalize("NFKC", text[start:end]).casefold():
            if not character.isspace():
                word.append((character, Origin(in_title, start, end)))
            elif word:
                yield word
                word = []
    if word:
        yield word


def _pieces(text: str) -> Iterator[Span]:
    """The shortest pieces that NFKC changes independently of each other: mostly one character, é as e and accent two."""
    start = 0
    for at in range(1, len(text)):
        if not _joins(text[start:at], text[at]):
            yield start, at
            start = at
    if text:
        yield start, len(text)


def _joins(piece: str, character: str) -> bool:
    """Whether NFKC may compose or reorder the character with what stands before it."""
    if character < "\u0300" or "\u4e00" <= character <= "\u9fff":
        return False
    alone = unicodedata.normalize("NFKC", character)
    if unicodedata.combining(unicodedata.normalize("NFKD", character)[0]):
        return True
    return unicodedata.normalize("NFKC", piece + character) != unicodedata.normalize("NFKC", piece) + alone
