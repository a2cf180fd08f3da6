"""Slow rises: found early, and not where nothing rises."""

import random
from collections.abc import Callable
from statistics import median

import pytest

from core.records import AnalysedPost
from nlp.incidents.config import DetectorConfig
from nlp.incidents.pace import Pace
from nlp.incidents.rising import LEAST_DAYS, Rise, evidence
from nlp.incidents.usual import Customs
from tests.records import post
from tests.unit.nlp.detecting import MATTERS, REMARKS, Run

DAY = 86400.0
CONFIG = DetectorConfig(false_a_day=0.5)
OTHERS = 20
HISTORY = 28
Rate = Callable[[float], float]


def poisson(chance: random.Random, rate: Rate, most: float, days: int) -> list[float]:
    """Times (days) of a Poisson process of that rate, by thinning."""
    times, at = [], chance.expovariate(most)
    while at < days:
        if chance.random() < rate(at) / most:
            times.append(at)
        at += chance.expovariate(most)
    return times


def followed(rate: Rate, others: Rate, days: int, seed: int) -> tuple[list[float], int]:
    """The days at which a matter began to be told as rising, and its posts. Others post `others` a day."""
    chance, customs, rise = random.Random(seed), Customs(pace := Pace(), {}), Rise()
    own = set(poisson(chance, rate, 24, days))
    told: list[float] = []
    was = False
    for at in sorted([*own, *poisson(chance, others, 60, days)]):
        customs.count(at * DAY, "none")
        if at not in own:
            continue
        if not rise.since:
            rise = Rise(since=at * DAY, total=pace.total, due=pace.due)
        rise.count(at * DAY, pace.total, pace.due)
        slow = rise.days >= LEAST_DAYS and rise.before >= CONFIG.min_posts
        rises = slow and rise.score >= CONFIG.rising_score(pace.per_day)
        if rises and not was:
            told.append(at)
        was = rises
    return told, len(own)


def ramp(start: float, a_day: float) -> Rate:
    return lambda at: start + max(0.0, at - HISTORY) * a_day


def flat(rate: float) -> Rate:
    return lambda _: rate


def found(rate: Rate, seeds: int = 20) -> float:
    """How many times its first rate a matter that rises without end has when it is told, in the median."""
    told = (followed(rate, flat(OTHERS), HISTORY + 60, seed)[0] for seed in range(seeds))
    return median(rate(next((at for at in days if at > HISTORY), 1e9)) / rate(0) for days in told)


def test_a_doubling_over_three_weeks_is_found_as_it_is_reached() -> None:
    assert found(ramp(6, 6 / 21)) < 2.2


def test_few_posts_a_day_are_found_later_but_before_they_are_three_times_as_many() -> None:
    assert found(ramp(2, 2 / 21)) < 2.5
    assert found(ramp(2, 0.3)) < 2.8


def test_a_matter_that_does_not_rise_is_told_no_more_often_than_its_share_of_what_is_allowed() -> None:
    """Twenty times half a year."""
    runs = [followed(flat(2), flat(OTHERS), 180, seed) for seed in range(20)]
    false, posts = sum(len(told) for told, _ in runs), sum(own for _, own in runs)
    assert false <= posts * 10 ** -CONFIG.rising_score(OTHERS + 2)
    assert false / (20 * 180) < 0.01, "less than one in a hundred days"


def test_nothing_rises_where_everything_grows() -> None:
    """A source more, from one day to the next."""
    assert not any(followed(twice(2), twice(OTHERS), HISTORY + 30, seed)[0] for seed in range(10))


def twice(rate: float) -> Rate:
    return lambda at: rate if at < HISTORY else 2 * rate


def test_nothing_rises_where_sources_come_back() -> None:
    assert not any(followed(gap(2), gap(OTHERS), HISTORY + 44, seed)[0] for seed in range(10))


def gap(rate: float) -> Rate:
    return lambda at: 0 if HISTORY < at < HISTORY + 14 else rate


def test_the_evidence_is_a_likelihood_ratio() -> None:
    """What comes of a rate that has not doubled says on average one to one."""
    chance, of, exposure = random.Random(3), 50.0, 20.0
    drawn = [chance.gammavariate(10, 1 / of) * exposure for _ in range(20_000)]
    ratios = [10 ** evidence(len(poisson(chance, flat(mean), mean, 1)), 10, of, exposure) for mean in drawn]
    assert sum(ratios) / len(ratios) == pytest.approx(1, abs=0.1)
    assert evidence(5, 0.5, 0, 20) == 0, "no history"


def test_a_rise_that_lasts_becomes_what_is_usual() -> None:
    rise = Rise()
    for day in range(160):
        for _ in range(2 if day < 40 else 6):
            rise.count(day * DAY, 30 * day + 1, 30.0 * day)
        if day == 52:
            assert rise.score > 3
    assert rise.score < 2


def test_an_incident_says_that_it_rises_and_since_when() -> None:
    def said(matter: int, day: int, number: int) -> AnalysedPost:
        minutes = day * 1440 + (number * 1440) // 10 + matter
        text = f"{MATTERS[matter]}，{REMARKS[(day + number) % 9]}{day}"
        return post(
            f"{matter}-{day}-{number}",
            text,
            minutes,
            author=f"a{matter}-{day}-{number}",
            group=f"{matter}-{day}-{number}",
        )

    run = Run()
    for day in range(44):
        counts = [2 if day < 30 else 8, 3, 3, 3, 3]
        posts = [said(matter, day, number) for matter, count in enumerate(counts) for number in range(count)]
        run.give(sorted(posts, key=lambda one: one.at))
        run.restart()
    rising = {
        one.title[:6]: reason for one in run.incidents.values() for reason in one.reasons if reason.code == "rising"
    }
    assert list(rising) == [MATTERS[0][:6]]
    facts = rising[MATTERS[0][:6]].facts
    assert 10 <= float(facts["days"]) <= 20
    assert float(facts["posts"]) > 2 * float(facts["usual"])
