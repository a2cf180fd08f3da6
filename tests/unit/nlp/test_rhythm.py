"""What is usual at an hour."""

from datetime import timedelta

from core.ports import Bucket
from nlp.rhythm import usual
from tests.records import NOON


def hours(*posts: int) -> list[Bucket]:
    return [Bucket(at=NOON + timedelta(hours=n), posts=p) for n, p in enumerate(posts)]


def test_an_hour_is_held_against_the_same_hour_of_the_seven_days_before() -> None:
    days = [10, 20, 30, 40, 50, 60, 1000, 7]
    series = hours(*(posts if hour == 0 else 1 for posts in days for hour in range(24)))
    first = usual(series, 24)[0]
    assert (first.posts, first.low, first.high, first.days, first.week_ago) == (40, 20, 60, 7, 10)


def test_hours_before_the_first_post_were_not_collected_and_do_not_count() -> None:
    series = hours(*[0] * 24 * 5, *[6] * 24 * 3)
    last = usual(series, 24)[-1]
    assert (last.posts, last.days, last.low, last.high, last.week_ago) == (6, 2, None, None, None)


def test_a_quiet_hour_of_a_collected_day_counts_as_none() -> None:
    series = hours(*[5] * 24, *[0] * 24, *[9] * 24)
    assert usual(series, 1)[0].posts == 2.5


def test_nothing_before_says_nothing() -> None:
    only = usual(hours(3, 4), 24)
    assert [(u.posts, u.days) for u in only] == [(None, 0), (None, 0)]
