"""What would make an incident end: a stream that meets the sentence is quiet, one post more is not."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from alerts.calm import ending, is_quiet
from alerts.policy import Level, default_policy
from core.records import Incident
from tests.records import NOON, incident

HOUR = timedelta(hours=1)
MILDEST = default_policy().levels[-1]


def talked_of(posts: int) -> Incident:
    """An incident of the last two hours before noon."""
    begin = posts // 2
    last = NOON - timedelta(minutes=1)
    return incident(first_at=NOON - 2 * HOUR, last_at=last, copies=posts, posts=posts, series=(begin, posts - begin))


def after(one: Incident, more: int, hours: int, distinct: int) -> Incident:
    """The same with more posts, some of them distinct, the last in the last minute of so many hours."""
    if not more:
        return one
    coming = (*[0] * (hours - 1), more) if hours > 1 else (more,)
    last = NOON + hours * HOUR - timedelta(minutes=1)
    return replace(
        one, last_at=last, copies=one.copies + more, posts=one.posts + distinct, series=(*one.series, *coming)
    )


@given(st.integers(1, 100_000), st.integers(1, 40), st.floats(0.01, 0.9), st.data())
def test_a_stream_that_meets_the_sentence_is_quiet_and_one_post_more_is_not(
    posts: int, hours: int, share: float, data: st.DataObject
) -> None:
    level = replace(MILDEST, quiet_hours=float(hours), quiet_share=share)
    one = talked_of(posts)
    told = ending(one, level, NOON)
    fewer, distinct = told.fewer_than - 1, data.draw(st.integers(0, told.fewer_than))
    end = NOON + told.hours * HOUR
    assert is_quiet(after(one, fewer, hours, min(fewer, distinct)), level, end)
    assert not is_quiet(after(one, told.fewer_than, hours, distinct), level, end)


def test_the_sentence_of_the_mildest_level_counts_copies_too() -> None:
    told = ending(incident(copies=900, posts=20, series=(870, 30), last_at=NOON), MILDEST, NOON)
    assert (told.fewer_than, told.hours, told.recent, told.quiet) == (100, 6.0, 900, False)


@pytest.mark.parametrize(("hours", "recent", "quiet"), [(5, 900, False), (7, 30, True), (8, 0, True)])
def test_it_tells_how_many_came_in_the_last_hours_and_whether_it_has_ended(
    hours: int, recent: int, quiet: bool
) -> None:
    one = incident(copies=900, posts=20, series=(870, 30), last_at=NOON)
    told = ending(one, MILDEST, NOON + hours * HOUR - timedelta(minutes=30))
    assert (told.recent, told.quiet) == (recent, quiet)


def test_of_two_posts_none_more_may_come() -> None:
    level: Level = MILDEST
    assert ending(talked_of(2), level, NOON).fewer_than == 1
