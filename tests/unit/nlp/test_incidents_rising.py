"""Slow rises: found early, and not where nothing rises."""

import random
from collections.abc import Callable
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.records import AnalysedPost
from nlp.incidents.cluster import Cluster
from nlp.incidents.config import DetectorConfig
from nlp.incidents.pace import Pace
from nlp.incidents.rising import LEAST_DAYS, Rise, evidence
from nlp.incidents.union import absorb
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


def matter(times: list[float], a_day: int = OTHERS) -> Cluster:
    """One with posts at those times (days), in a jurisdiction that has so many a day."""
    born, *_ = at = sorted(times)
    totals = [int(a_day * moment) for moment in at]
    made = Cluster(id="i", born=1, born_total=totals[0], first_at=born * DAY, first_seen=born * DAY)
    made.rise = Rise(since=born * DAY, total=totals[0], due=float(totals[0]))
    for moment, total in zip(at, totals, strict=True):
        made.rise.count(moment * DAY, total, float(total))
        made.touched, made.touched_total = moment * DAY, total
        made.sentiment["neutral"] = made.heard + 1
    return made


def test_two_runs_of_different_days_are_not_one() -> None:
    """A matter that is as it was for four months, and one that slowly grows, below the bar."""
    old = [float(day) / 3 for day in range(360)]
    young = [80 + number / 1.2 for number in range(24)] + [100 + number / 2.2 for number in range(44)]
    one, other = matter(old), matter(young)
    alone = other.rise.score
    assert 0.5 < alone < 2
    absorb(one, other)
    posts = sum(moment * DAY > one.rise.since for moment in old + young)
    assert one.rise.posts <= posts
    assert one.rise.score <= alone
    for number in range(8):
        one.rise.count((120 + number / 4) * DAY, 2400 + 5 * number, 2400.0 + 5 * number)
    assert one.rise.score < 2


times = st.lists(st.floats(0, 60), min_size=1, max_size=60)


@given(times, times)
@settings(max_examples=200, deadline=None)
def test_a_union_is_no_evidence_by_itself(some: list[float], more: list[float]) -> None:
    """It has no more than the run that goes on had, unless the other was opened since; and its posts came in that time."""
    one, other = matter(some), matter(more)
    kept, added = sorted((one, other), key=lambda each: (each.rise.of == 0, each.rise.since))
    score, since, is_younger = kept.rise.score, kept.rise.since, added.first_seen >= kept.rise.since
    absorb(one, other)
    assert one.rise.since == since
    assert one.rise.posts <= sum(moment * DAY >= since for moment in some + more)
    assert is_younger or one.rise.score <= score
    assert one.rise.days == pytest.approx((max(some + more) * DAY - since) / DAY)


@pytest.mark.parametrize("opened", [0, 10, 20])
def test_two_matters_that_are_steady_rise_hardly_more_often_when_united_than_as_one(opened: int) -> None:
    as_one = united = 0
    for seed in range(60):
        chance = random.Random(seed)
        some, more = poisson(chance, flat(2), 2, 90), [opened + at for at in poisson(chance, flat(2), 2, 90 - opened)]
        one, other = (matter([at for at in times if at < 30]) for times in (some, more))
        absorb(one, other)
        later = sorted(at for at in some + more if at > 30)
        united += rises(one, later)
        as_one += rises(matter([at for at in some + more if at < 30]), later)
    assert united <= as_one + 5, "of sixty"


def rises(one: Cluster, times: list[float]) -> bool:
    """Whether it is told as rising while those posts come."""
    told = False
    for at in times:
        one.rise.count(at * DAY, int(OTHERS * at), OTHERS * at)
        told |= one.rise.days >= LEAST_DAYS and one.rise.score >= CONFIG.rising_score(OTHERS)
    return told


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
