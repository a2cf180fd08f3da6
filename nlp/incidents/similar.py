"""Which past incidents are like one: by what people say, their terms, their places and their domain."""

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from core.records import Incident

_LEAST = 0.1
_DISTRICT = 6
_SAME_PLACE = 1.5
_OTHER_DOMAIN = 0.5


@dataclass(frozen=True, slots=True)
class Likeness:
    """An incident and how like it is, 0 to 1, with the terms that both have; `same` if people say it is the same happening."""

    incident: Incident
    score: float
    terms: tuple[str, ...]
    same: bool = False


def likest(one: Incident, others: Iterable[Incident], count: int, same: Collection[str] = ()) -> list[Likeness]:
    """The incidents most like one, best first; the newer of equals. Never itself, what was merged away, or what is none.

    Those that people say are the `same` happening (ids) come first, however unlike they are told. The score is the cosine of
    the terms by weight, half as much if the domains differ, half as much again (at most 1) if both name a place within one
    district.
    """
    found = [
        _likeness(one, other, same=other.id in same)
        for other in {other.id: other for other in others}.values()
        if other.id != one.id and other.is_listed
    ]
    enough = [likeness for likeness in found if likeness.same or likeness.score >= _LEAST]
    enough.sort(key=lambda it: (not it.same, -it.score, -it.incident.last_at.timestamp(), it.incident.id))
    return enough[:count]


def _likeness(one: Incident, other: Incident, *, same: bool) -> Likeness:
    own, others = ({term.text: term.weight for term in incident.terms} for incident in (one, other))
    shared = sorted(own.keys() & others.keys(), key=lambda word: (-own[word] * others[word], word))
    lengths = math.prod(math.sqrt(sum(weight * weight for weight in words.values())) for words in (own, others))
    score = sum(own[word] * others[word] for word in shared) / lengths if lengths else 0.0
    if one.domain != other.domain:
        score *= _OTHER_DOMAIN
    if _districts(one) & _districts(other):
        score *= _SAME_PLACE
    return Likeness(other, round(min(1.0, score), 3), tuple(shared), same)


def _districts(incident: Incident) -> set[str]:
    return {place.code[:_DISTRICT] for place in incident.places if len(place.code) >= _DISTRICT}
