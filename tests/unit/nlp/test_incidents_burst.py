"""The tail of the Gamma-Poisson count, and the pace it is measured against."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.incidents.burst import surprise
from nlp.incidents.pace import Pace

HOUR = 3600.0


@given(st.integers(1, 60), st.floats(0.2, 30), st.floats(0.001, 10))
def test_surprise_is_the_tail_probability(count: int, shape: float, exposure: float) -> None:
    def below(number: int) -> float:
        log = math.lgamma(shape + number) - math.lgamma(shape) - math.lgamma(number + 1)
        return math.exp(log + number * math.log(exposure / (1 + exposure)) - shape * math.log1p(exposure))

    tail = 1 - math.fsum(below(number) for number in range(count))
    if tail > 1e-6:
        assert surprise(count, shape, exposure) == pytest.approx(-math.log10(tail), abs=1e-4)


@given(st.integers(1, 200), st.floats(0.2, 30), st.floats(0.001, 10))
def test_more_posts_surprise_more(count: int, shape: float, exposure: float) -> None:
    assert surprise(count + 1, shape, exposure) >= surprise(count, shape, exposure) - 1e-9


def test_nothing_surprises_nobody() -> None:
    assert surprise(0, 1.0, 1.0) == 0.0
    assert surprise(3, 1.0, 0.0) == 0.0


def test_pace_learns_the_rate_and_the_hours() -> None:
    pace = Pace()
    for day in range(20):
        for minute in range(0, 120, 2):  # sixty posts a day, between 8 and 10
            pace.count((day * 24 + 8) * HOUR + minute * 60)
    assert pace.per_hour == pytest.approx(60 / 24, rel=0.15)
    busy = pace.expected
    pace.count((20 * 24 + 3) * HOUR)
    assert pace.expected < busy / 5


def test_stream_time_never_goes_back() -> None:
    pace = Pace()
    pace.count(100 * HOUR)
    pace.count(10 * HOUR)
    assert pace.now == 100 * HOUR
    assert pace.total == 2


def test_a_slow_jurisdiction_forgets_slowly() -> None:
    slow, fast = Pace(), Pace()
    for number in range(800):
        slow.count(number * 2 * HOUR)
        fast.count(number * HOUR / 600)
    assert fast.half_life(500, 24, 1440) == 24 * HOUR
    assert slow.half_life(500, 24, 1440) > 20 * 24 * HOUR
