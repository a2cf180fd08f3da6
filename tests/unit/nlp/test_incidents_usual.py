"""What is usual of a domain, at this hour of this weekday."""

import random

import pytest

from nlp.incidents.burst import SHARE_OF
from nlp.incidents.cluster import Cluster
from nlp.incidents.explain import burst
from nlp.incidents.pace import Pace
from nlp.incidents.usual import Customs

HOUR = 3600.0
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


def test_domains_are_bounded() -> None:
    seen = Customs(Pace(), {})
    for number in range(40):
        seen.count(number * HOUR, f"d{number}")
    assert len(seen.changed) == 16
    assert seen.of("d39").prior == SHARE_OF
