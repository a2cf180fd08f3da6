"""What is usual of a domain, at this hour of this weekday."""

import random

import pytest

from nlp.incidents.burst import SHARE_OF
from nlp.incidents.cluster import Cluster
from nlp.incidents.explain import burst
from nlp.incidents.pace import Pace, shipped_week
from nlp.incidents.usual import Customs

HOUR = 3600.0
DAY = 24 * HOUR
LOUD, QUIET, NIGHTLY = "城乡建设", "教育文体", "交通运输"


def customs(days: int = 42) -> Customs:
    """Six in ten posts are of one domain, in the day; few of another; those of a third come at night."""
    made, chance = Customs(Pace(), {}), random.Random(1)
    for hour in range(days * 24):
        drawn = [LOUD] * 12 + [QUIET] * (hour % 24 == 12) if 8 <= hour % 24 < 22 else [NIGHTLY] * 12
        for at, domain in sorted((hour + chance.random(), domain) for domain in drawn):
            made.count(at * HOUR, domain)
    return made


def matter(seen: Customs, at: float, domain: str, posts: int = 5) -> Cluster:
    """A new one, with all its posts in this hour."""
    seen.count(at * HOUR, domain)
    usual = seen.of(domain)
    made = Cluster(id="i", born=1, born_total=0, first_at=at, first_seen=at, domains={domain: posts}, copies=posts)
    made.hours, made.touched = {int(at): posts}, at * HOUR
    made.measure(usual, 0)
    return made


def test_a_domain_that_is_quiet_bursts_earlier_than_one_that_is_loud() -> None:
    noon = 42 * 24 + 12.5
    loud, quiet = (burst(matter(customs(), noon, domain)).score for domain in (LOUD, QUIET))
    assert quiet > loud + 1, "the same posts at the same hour"


def test_a_domain_bursts_earlier_at_an_hour_at_which_it_is_silent() -> None:
    noon, night = 42 * 24 + 13.5, 42 * 24 + 27.5
    by_day, by_night = (burst(matter(customs(), at, LOUD, posts=10)).score for at in (noon, night))
    assert by_night > by_day + 1
    nightly_by_day, nightly_by_night = (burst(matter(customs(), at, NIGHTLY, posts=10)).score for at in (noon, night))
    assert nightly_by_day > nightly_by_night + 1


def test_a_domain_of_which_nothing_is_known_is_as_usual_as_its_jurisdiction() -> None:
    seen = customs(2)
    usual = seen.of("环境保护")
    assert usual.prior == SHARE_OF
    seen.count(50 * HOUR, "环境保护")
    assert seen.of("环境保护").windows == pytest.approx(seen.of("商贸旅游").windows, rel=0.1)


def test_the_hours_of_the_domains_add_up_to_those_of_the_jurisdiction() -> None:
    seen = customs()
    seen.count((42 * 24 + 12.5) * HOUR, LOUD)
    day = seen.of("unheard of").windows[1]
    assert seen.of(LOUD).windows[1] == pytest.approx(day, rel=0.05)
    assert seen.of(NIGHTLY).windows[1] == pytest.approx(day, rel=0.05), "a whole day has all hours"


def test_a_new_jurisdiction_begins_with_the_week_of_other_places_and_goes_over_to_its_own() -> None:
    customs = Customs(Pace(), {})
    usual = {}
    for hour in range(21 * 24):
        for number in range(10):  # all hours are alike here
            customs.count((hour + number / 10) * HOUR, "none")
        usual[hour] = customs.of("none").hour
    night, noon = (sum(usual[hour] for hour in (at, at + 24)) / 2 for at in (19, 6))
    assert noon > 1.5 * night, "in China it is three in the night, and two"
    assert usual[20 * 24 + 6] == pytest.approx(10, rel=0.2)
    assert usual[20 * 24 + 19] == pytest.approx(10, rel=0.2)


def test_a_night_is_worth_less_than_a_day() -> None:
    by_night, by_day = Customs(Pace(), {}), Customs(Pace(), {})
    for minute in range(0, 300, 10):
        by_night.count(17 * HOUR + minute * 60, "none")
        by_day.count(5 * HOUR + minute * 60, "none")
    assert by_night.of("none").per_day > 1.5 * by_day.of("none").per_day


def test_the_shipped_week_is_one_of_mean_hours() -> None:
    assert sum(shipped_week()) == pytest.approx(7 * 24, rel=0.01)
    assert min(shipped_week()) > 0.3


def test_domains_are_bounded() -> None:
    seen = Customs(Pace(), {})
    for number in range(40):
        seen.count(number * HOUR, f"d{number}")
    assert len(seen.changed) == 16
    assert seen.of("d39").prior == SHARE_OF


def per_day(times: list[float]) -> float:
    """Posts a day that are usual after posts at those times (days), where all hours are alike."""
    seen = Customs(Pace(), {}, [1.0] * (7 * 24))
    for at in times:
        seen.count(at * DAY, "none")
    return seen.of("none").per_day


def steady(since: float, days: int) -> list[float]:
    """A hundred posts a day."""
    return [since + number / 100 for number in range(days * 100)]


@pytest.mark.parametrize("gap", [3, 14, 30, 365])
def test_a_post_long_before_all_others_is_forgotten_in_days(gap: int) -> None:
    """A pinned post on a first visit, or one wrong date."""
    for days in (5, 10, 30):
        assert per_day([0.0, *steady(gap, days)]) == pytest.approx(per_day(steady(0, days)), rel=0.15)


@pytest.mark.parametrize("gap", [2, 10, 30])
def test_an_outage_leaves_what_is_usual_as_it_was(gap: int) -> None:
    assert per_day([*steady(0, 60), *steady(60 + gap, 1)]) == pytest.approx(100, rel=0.3)
    assert per_day([*steady(0, 60), *steady(60 + gap, 5)]) == pytest.approx(100, rel=0.1)


def test_few_posts_are_no_outage() -> None:
    assert per_day([7.0 * week for week in range(20)]) < 0.3, "one a week, and the prior's"
    assert per_day([150.0 * number for number in range(10)]) < 0.2
    assert per_day([float(day) for day in range(60) for _ in range(30)]) == pytest.approx(30, rel=0.1), "times of a day"


def test_the_first_hours_are_counted_once_and_fade_as_posts_do() -> None:
    seen = Customs(pace := Pace(), {}, [1.0] * (7 * 24))
    for at in (0, 10):
        seen.count(at * HOUR, "none")
    assert pace.worth == pytest.approx(10, rel=0.02)
    for day in range(2, 200):
        seen.count(day * DAY, "none")
    assert pace.worth == pytest.approx(14 * 24, rel=0.02), "no more than what the rate remembers"
