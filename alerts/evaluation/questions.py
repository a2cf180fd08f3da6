"""What people ask in the posts, and whether the answer touches it. The kinds of question are data: `data/questions.yaml`."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from msgspec import Struct

from core.records import AnalysedPost
from core.sentences import SENTENCE
from core.tables import read_rows

TABLE = Path(__file__).parent.parent / "data" / "questions.yaml"


class Asked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of question: a sentence that has one of `asked` asks it, an answer that has one of `touched` touches it."""

    id: str
    name: dict[str, str]
    asked: tuple[str, ...]
    touched: tuple[str, ...]
    source: str


class AskedAbout(Struct, frozen=True, kw_only=True):
    """A kind of question that posts ask: in how many of them, one of them as written, and what of the answer touches it."""

    kind: str
    name: dict[str, str]
    posts: int
    example: str
    post: str
    touched: bool
    by: str = ""


@lru_cache
def asked_kinds() -> tuple[Asked, ...]:
    """The table as it ships."""
    return tuple(row for _, row in read_rows(TABLE, Asked, "questions"))


def questions(posts: Sequence[AnalysedPost], answer: str, kinds: Sequence[Asked]) -> list[AskedAbout]:
    """The kinds of question that the posts ask, the most asked first; one that nobody asks is left out."""
    found = []
    for kind in kinds:
        asking = [(post, said) for post in posts if (said := _asks(post, kind))]
        if asking:
            post, said = asking[0]
            by = next((word for word in kind.touched if word in answer), "")
            found.append(
                AskedAbout(
                    kind=kind.id,
                    name=kind.name,
                    posts=len(asking),
                    example=said,
                    post=post.id,
                    touched=bool(by),
                    by=by,
                )
            )
    return sorted(found, key=lambda one: (-one.posts, one.kind))


def _asks(post: AnalysedPost, kind: Asked) -> str:
    """The first sentence of the post that asks it; empty when none does."""
    return next((s.strip() for s in SENTENCE.findall(post.text) if any(word in s for word in kind.asked)), "")
