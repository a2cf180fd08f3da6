"""Waves: the same text posted by many accounts within two minutes, as nobody does without having agreed."""

from datetime import UTC, datetime, time, timedelta

from msgspec import Struct, field

from core.records import AnalysedPost
from nlp.incidents.voices import author_bit

_LASTS_S = 120
_AUTHORS = 8
_YOUNG = timedelta(days=30)


class Wave(Struct, array_like=True):
    """The same text posted again and again: which, since when, and by whom (places in the bitmap of authors); how many of
    these have young accounts.
    """

    group: int = 0
    began: float = 0.0
    authors: list[int] = field(default_factory=list)
    young: int = 0

    def is_arranged(self, copy: AnalysedPost, group: int, at: float) -> bool:
        """Whether a copy comes in a wave: by the eighth account that posts the same within two minutes, not as a reply. A
        young account counts as two.

        Those before it are counted as people; that is for the time before one could know.
        """
        if copy.root is not None or copy.reply_to is not None:
            return False
        if self.group != group or not 0 <= at - self.began <= _LASTS_S:
            self.group, self.began, self.authors, self.young = group, at, [], 0
        bit = author_bit(copy.author or copy.id)
        if bit not in self.authors and len(self.authors) < _AUTHORS:
            self.authors.append(bit)
            self.young += is_young(copy)
        return len(self.authors) + self.young >= _AUTHORS


def is_young(post: AnalysedPost) -> bool:
    """Whether its author's account was opened within the thirty days before; not where nobody says when."""
    if post.author_since is None:
        return False
    return post.at - datetime.combine(post.author_since, time(), UTC) < _YOUNG
