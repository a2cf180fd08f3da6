"""Fewer posts than usual: the tail, how often business as usual is told as silence, and how soon real silence is."""

import math
import random
from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.absence import WEEK, Absence, absence, bar, rarity, same_hours
from tests.records import NOON

DAY_H, WEEK_H = 24, 168
SHAPE = [(0.2 if hour % DAY_H < 7 else 1.4) * (0.6 if hour // DAY_H > 4 else 1.16) for hour in range(WEEK_H)]
"""Silent nights, quiet weekends."""


def poisson(mean: float, chance: random.Random) -> int:
    number, left = 0, chance.expovariate(1)
    while left < mean:
        left += chance.expovariate(1)
        number += 1
    return number


def played(per_day: float, weeks: int, chance: random.Random, varies: float = 0.0) -> list[int]:
    """Posts of each hour; `varies` is the variance of a week's own level around 1."""
    levels = [chance.gammavariate(1 / varies, varies) if varies else 1.0 for _ in range(weeks)]
    return [poisson(per_day / DAY_H * level * hour, chance) for level in levels for hour in SHAPE]


def looked_at(hours: list[int], window: int, weeks: int = 4) -> Iterator[tuple[int, Absence]]:
    """What is told after each hour that has so many weeks before it."""
    sums = [sum(hours[max(0, end - window) : end]) for end in range(len(hours) + 1)]
    for end in range(weeks * WEEK_H + window, len(hours) + 1):
        yield end, absence(sums[end], [sums[end - week * WEEK_H] for week in range(1, weeks + 1)])


@given(st.integers(0, 40), st.integers(1, 40), st.integers(1, 30))
def test_the_tail_is_that_of_a_negative_binomial(posts: int, mean: int, size: int) -> None:
    """Of a size that is whole: of so many failures at most `posts` before the `size`-th success."""
    success = size / (size + mean)
    whole = math.fsum(
        math.comb(size + number - 1, number) * success**size * (1 - success) ** number for number in range(posts + 1)
    )
    assert math.isclose(rarity(posts, mean, size), -math.log10(min(1.0, whole)), rel_tol=1e-6, abs_tol=1e-9)


def test_the_tail_is_finite_however_much_is_missed() -> None:
    assert 400 < rarity(0, 5_000, 500) < 600
    assert math.isfinite(rarity(90_000, 100_000, 50_000))


@given(st.lists(st.integers(0, 200), min_size=2, max_size=8), st.integers(0, 200))
def test_fewer_posts_are_never_less_of_an_absence(before: list[int], posts: int) -> None:
    assert absence(posts, before).score >= absence(posts + 1, before).score
    assert absence(posts, before).usual == sum(before) / len(before)


@given(st.integers(0, 9), st.lists(st.integers(0, 9), max_size=1))
def test_without_two_weeks_before_nothing_is_missed(posts: int, before: list[int]) -> None:
    assert absence(posts, before).score == 0


def test_weeks_that_differ_make_less_of_a_silent_one() -> None:
    assert absence(0, [20, 20, 20, 20]).score > absence(0, [5, 45, 10, 20]).score


def test_what_is_compared_are_whole_hours_of_the_same_weekday() -> None:
    now = NOON + timedelta(minutes=59)
    spans = same_hours(now, timedelta(hours=6), 2)
    assert spans == [(NOON - timedelta(hours=6) - k * WEEK, NOON - k * WEEK) for k in range(3)]


@pytest.mark.parametrize("varies", [0.0, 0.1])
@pytest.mark.parametrize(("per_day", "window"), [(20, 24), (200, 6), (200, 24), (2000, 2)])
def test_business_as_usual_is_told_as_silence_no_more_often_than_stated(
    per_day: int, window: int, varies: float
) -> None:
    weeks, least, alarms = 30, bar(0.5, 1), 0
    for seed in range(3):
        hours = played(per_day, weeks, random.Random(seed), varies)
        alarms += sum(found.score > 0 and found.score >= least for _, found in looked_at(hours, window))
    assert alarms <= 0.5 * 3 * (weeks - 4) * 7


@pytest.mark.parametrize(("per_day", "window", "within"), [(20, 24, 24), (200, 6, 6), (2000, 2, 2)])
def test_a_source_that_stops_in_the_morning_is_missed_within_its_window(per_day: int, window: int, within: int) -> None:
    late = []
    for seed in range(9):
        hours = played(per_day, 6, random.Random(seed))
        stops = 5 * WEEK_H + 8
        hours[stops:] = [0] * (len(hours) - stops)
        found = (end - stops for end, one in looked_at(hours, window) if end > stops and one.score >= bar(0.5, 1))
        late.append(next(found))
    assert sorted(late)[4] <= within
