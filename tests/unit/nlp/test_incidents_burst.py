"""The tail of the Gamma-Poisson count, and the pace it is measured against."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.incidents.burst import WINDOWS_H, surprise
from nlp.incidents.cluster import Cluster
from nlp.incidents.config import DetectorConfig
from nlp.incidents.explain import burst
from nlp.incidents.pace import Pace
from nlp.incidents.usual import Customs

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


def hourly(pace: Pace) -> float:
    """Posts usual in an hour, now."""
    return Customs(pace, {}).of("none").hour


def daily(pace: Pace) -> float:
    """Posts usual in the last 24 clock hours."""
    return windows(pace)[1]


def windows(pace: Pace) -> list[float]:
    """Posts usual in each window of a burst."""
    return Customs(pace, {}).of("none").windows


def test_pace_learns_the_rate_and_the_hours() -> None:
    pace = Pace()
    for day in range(20):
        for minute in range(0, 120, 2):  # sixty posts a day, between 8 and 10
            pace.count((day * 24 + 8) * HOUR + minute * 60)
    assert pace.per_hour == pytest.approx(60 / 24, rel=0.15)
    busy = hourly(pace)
    pace.count((20 * 24 + 3) * HOUR)
    assert hourly(pace) < busy / 5


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


def test_pace_learns_the_days_of_the_week() -> None:
    pace = Pace()
    for day in range(56):
        for n in range(100 if day % 7 < 5 else 600):  # two days of each week are busier
            pace.count((day * 24 + 8) * HOUR + n * 3)
    hour, whole_day = {}, {}
    for day in range(56, 63):
        pace.count((day * 24 + 8) * HOUR)
        hour[day % 7] = hourly(pace)
        pace.count((day * 24 + 23.9) * HOUR)
        whole_day[day % 7] = daily(pace)
    for usual in (hour, whole_day):
        assert min(usual[5], usual[6]) > 2 * max(usual[day] for day in range(5))


def test_a_window_holds_what_is_usual_in_each_of_its_hours() -> None:
    pace = Pace()
    for day in range(28):
        for minute in range(0, 120, 2):
            pace.count((day * 24 + 8) * HOUR + minute * 60)
    pace.count((28 * 24 + 10.5) * HOUR)
    assert daily(pace) == pytest.approx(60, rel=0.1), "a day and its night, whatever the hour"
    assert windows(pace)[0] > 5 * hourly(pace), "the hour before was one of the loud ones"


def test_the_bar_of_a_burst_follows_the_false_incidents_that_are_allowed() -> None:
    config = DetectorConfig(false_a_day=0.5)
    assert config.burst_score(per_day=4) == 3.0, "a mailbox"
    assert config.rising_score(per_day=4) == 2.0
    assert config.burst_score(per_day=12_000) == pytest.approx(4.86, abs=0.01)
    assert DetectorConfig(false_a_day=5).burst_score(12_000) == pytest.approx(3.86, abs=0.01)


def test_business_as_usual_makes_no_more_false_bursts_than_its_share_of_those_allowed() -> None:
    """A matter with a steady share of a steady stream, two posts an hour in a hundred: thirty days, ten times."""
    config = DetectorConfig(false_a_day=0.5)
    bar, tests, false = config.burst_score(2400), 0, 0
    for seed in range(10):
        chance = random.Random(seed)
        steady = Cluster(id="i", born=1, born_total=0, first_at=0, first_seen=0, per_day=2400.0)
        for hour in range(30 * 24):
            for second in sorted(chance.random() * HOUR for _ in range(_poisson(chance, 2.0))):
                steady.sentiment["negative"] = steady.heard + 1
                steady.hours[hour] = steady.hours.get(hour, 0) + 1
                steady.touched, steady.touched_total = hour * HOUR + second, int(100 * (hour + second / HOUR))
                steady.usual = [100 * (hours - 1 + second / HOUR) for hours in WINDOWS_H]
                if hour > 72:  # it is no news any more
                    tests += 1
                    false += burst(steady).score >= bar
    assert tests > 10_000
    assert false <= 5 * tests * config.false_a_day / 2400, "a post comes with others of its window more often than not"


def _poisson(chance: random.Random, mean: float) -> int:
    """Knuth's method."""
    count, product = 0, chance.random()
    while product > math.exp(-mean):
        count, product = count + 1, product * chance.random()
    return count
