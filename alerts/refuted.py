"""Claims that were refuted before, as an office keeps them, found again in what people say.

A match says that a person should look: whether the claim is false this time too is not for a machine.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated, NamedTuple

from msgspec import Meta, Struct

from alerts.concerns import nearest
from core.records import AnalysedPost
from core.sentences import ENDS

_SENTENCE_ENDS = re.compile(rf"[{ENDS}]+|(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")
"""Folded texts have a space for a line break."""
_EXAMPLES = 3


class RefutedClaim(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A claim in one or more wordings (of posts, simplified characters), what is `right`, and who refuted it when.

    `alike` is how near a sentence must come to a wording (cosine of character pairs).
    """

    id: str
    name: dict[str, str]
    claims: Annotated[tuple[Annotated[str, Meta(min_length=4)], ...], Meta(min_length=1)]
    right: Annotated[str, Meta(min_length=1)]
    source: Annotated[str, Meta(min_length=1)]
    date: date
    alike: Annotated[float, Meta(gt=0, le=1)] = 0.5


class Again(NamedTuple):
    """A refuted claim, how many posts say nearly the same, and the ids of those that come nearest."""

    refuted: RefutedClaim
    posts: int
    examples: tuple[str, ...]


def said_again(refuted: Iterable[RefutedClaim], posts: Sequence[AnalysedPost]) -> list[Again]:
    """The refuted claims of which a sentence of some post comes near, in the policy's order."""
    sentences = [(post.id, _SENTENCE_ENDS.split(post.search)) for post in posts]
    found = []
    for one in refuted:
        wordings = [wording.lower() for wording in one.claims]
        near = {id_: max(nearest(wordings, sentence)[1] for sentence in said) for id_, said in sentences}
        again = sorted((id_ for id_ in near if near[id_] >= one.alike), key=lambda id_: (-near[id_], id_))
        if again:
            found.append(Again(one, len(again), tuple(again[:_EXAMPLES])))
    return found
