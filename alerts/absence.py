"""Are there fewer posts than usual? The lower tail of a negative binomial over the same hours of the weeks before.

A burst is the upper tail of a Gamma-Poisson count (`nlp.incidents.burst`); this is the lower. What is usual is the mean of the
same hours of the week in the weeks before, so that a silent night is no news. Weeks differ by more than chance: the excess is
estimated from them (method of moments), drawn to a prior by the worth of four weeks.

A source whose page answers but holds nothing (`crawlers.health`) is another matter: a list always shows its newest items,
however old they are, so that an empty one is broken and nothing to count.
"""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import variance
from typing import NamedTuple

WEEK = timedelta(days=7)
LEAST_WEEKS = 2
"""With fewer weeks before, nobody knows what is usual."""
_SHAPE = 0.5
_EXCESS, _EXCESS_WEEKS = 0.2, 4
"""Twice what days of letters to one city differ by (`python -m bench.silence`): four weeks alone tell it too badly."""
_DAY_H = 24


class Absence(NamedTuple):
    """How many posts are `usual`, and -log10 of the chance of so few; 0 where there are no fewer than usual."""

    usual: float
    score: float


def absence(posts: int, before: Sequence[int]) -> Absence:
    """Of the posts of some hours, with those of the same hours of the weeks before."""
    weeks = len(before)
    usual = sum(before) / weeks if weeks else 0.0
    if weeks < LEAST_WEEKS or posts >= usual:
        return Absence(usual, 0.0)
    mean = (sum(before) + _SHAPE) / weeks
    seen = max(0.0, variance(before) - usual) / usual**2
    excess = (_EXCESS_WEEKS * _EXCESS + (weeks - 1) * seen) / (_EXCESS_WEEKS + weeks - 1)
    return Absence(usual, rarity(posts, mean, 1 / (1 / (sum(before) + _SHAPE) + excess)))


def rarity(posts: int, mean: float, size: float) -> float:
    """-log10 P(X <= posts), X negative binomial with that mean and variance mean + mean² / size."""
    ratio = mean / (size + mean)
    log_last = (
        math.lgamma(size + posts)
        - math.lgamma(size)
        - math.lgamma(posts + 1)
        + posts * math.log(ratio)
        + size * math.log1p(-ratio)
    )
    term = total = 1.0
    for number in range(posts, 0, -1):
        term *= number / ((size + number - 1) * ratio)
        total += term
    return max(0.0, -(log_last + math.log(total)) / math.log(10))


def bar(false_a_day: float, watched: int) -> float:
    """From which score on posts are missing, where so many series are looked at after every hour.

    By the union bound, business as usual then makes at most that many false alarms a day.
    """
    return max(0.0, math.log10(_DAY_H * max(1, watched) / false_a_day))


def full_hour(at: datetime) -> datetime:
    """When the hour began."""
    return at.replace(minute=0, second=0, microsecond=0)


def same_hours(now: datetime, hours: timedelta, weeks: int) -> list[tuple[datetime, datetime]]:
    """The span up to the last full hour, and the same of so many weeks before, newest first."""
    until = full_hour(now)
    return [(until - hours - week * WEEK, until - week * WEEK) for week in range(weeks + 1)]
