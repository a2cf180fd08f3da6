"""Who answered cases alike before: of the same place, of the same matter, told of in like words."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import log, sqrt
from typing import NamedTuple

from core.records import Case

PLACE, MATTER, WORDS = 4.0, 2.0, 4.0
"""What each way of being alike weighs with a long past; drawn on the earlier letters of `python -m bench routing`."""
ENOUGH = 3.0
"""With so many cases alike, the past has half of its weight."""
ENOUGH_WORDS = 0.3
"""The same for titles, each counted by how alike it is (0 to 1)."""
NEAREST = 10
"""Titles that are looked at, the most alike."""
STREET, DISTRICT = 9, 6
"""Length of a street's and of a district's code (GB/T 2260 and 10114; a community has 12 digits)."""
_LETTERS = re.compile(r"\w+")


class Precedents(NamedTuple):
    """What one way of being alike says: by unit its weight, and how many of so many cases it answered; the reason's `code`."""

    code: str
    weights: Mapping[str, float]
    cases: Mapping[str, int]
    of: int


def precedents(case: Case, past: Sequence[Case]) -> tuple[Precedents, ...]:
    """Of the cases that were assigned and answered. The weight of a way grows with how many are alike in it."""
    answered = [one for one in past if one.id != case.id and one.unit and one.answered_at]
    of_matter = [one for one in answered if one.domain == case.domain]
    return (
        _counted("route.past_place", PLACE, ((one, 1.0) for one in _near(case, answered)), ENOUGH),
        _counted("route.past_matter", MATTER, ((one, 1.0) for one in of_matter), ENOUGH),
        _counted("route.past_words", WORDS, _worded(case, answered), ENOUGH_WORDS),
    )


def _counted(code: str, weight: float, alike: Iterable[tuple[Case, float]], enough: float) -> Precedents:
    shares: defaultdict[str, float] = defaultdict(float)
    cases: Counter[str] = Counter()
    for one, likeness in alike:
        shares[one.unit or ""] += likeness
        cases[one.unit or ""] += 1
    total = sum(shares.values()) + enough
    return Precedents(code, {unit: weight * share / total for unit, share in shares.items()}, cases, cases.total())


def _near(case: Case, answered: Sequence[Case]) -> list[Case]:
    """Those of the same street; where there are none, of the same district."""
    if case.place is None:
        return []
    for length in (STREET, DISTRICT):
        found = [one for one in answered if one.place and one.place[:length] == case.place[:length]]
        if found:
            return found
    return []


def _worded(case: Case, answered: Sequence[Case]) -> list[tuple[Case, float]]:
    """Those with the titles most alike: the cosine of their pairs of characters, rare ones counting for more."""
    pairs = [_pairs(one.title) for one in answered]
    spread = Counter(pair for one in pairs for pair in one)
    rare = {pair: log(1 + len(answered) / number) ** 2 for pair, number in spread.items()}
    unseen = log(1 + len(answered)) ** 2
    mine = _pairs(case.title)
    length = sqrt(sum(rare.get(pair, unseen) for pair in mine))
    found = [
        (one, sum(rare[pair] for pair in common) / (length * sqrt(sum(rare[pair] for pair in its))))
        for one, its in zip(answered, pairs, strict=True)
        if (common := mine & its)
    ]
    return sorted(found, key=lambda pair: (-pair[1], pair[0].id))[:NEAREST]


def _pairs(title: str) -> frozenset[str]:
    return frozenset(run[n : n + 2] for run in _LETTERS.findall(title.lower()) for n in range(len(run) - 1))
