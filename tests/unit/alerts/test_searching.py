"""Which posts a signal is judged by, and what is judged where there are more of them than are looked at."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal, cast

import pytest
from msgspec.structs import replace

from alerts.listening import incident_of
from alerts.policy import default_policy
from alerts.searching import MOST_POSTS, Gathered, gathered, listened_to
from alerts.signals import Heard, Listened, Signal, heard
from core.ports import FoundPost, Index, PostPage, PostQuery
from core.records import AnalysedPost, Crawl
from tests.records import NOON, post

WEEK_MINUTES = 7 * 24 * 60
MISSED = Signal(
    id="missed",
    name={"zh-Hans": "来源静默"},
    level=4,
    source="s",
    kind="silence",
    jurisdiction="990100",
    key="source",
    window="4h",
    reference="14d",
)

ALL = Gathered({})


class Newest:
    """An index that knows times alone."""

    def __init__(self, posts: Sequence[AnalysedPost]) -> None:
        self._posts = sorted(posts, key=lambda one: one.at, reverse=True)

    def posts(self, query: PostQuery) -> PostPage:
        assert query.since is not None
        assert query.until is not None
        begin = int(query.cursor or 0)
        found = [one for one in self._posts if query.since <= one.at < query.until]
        page = found[begin : begin + query.limit]
        cursor = str(begin + query.limit) if len(found) > begin + query.limit else None
        return PostPage(items=[FoundPost(post=one, interactions=0) for one in page], cursor=cursor)


def spread(source: str, week: int, number: int, over: float = 240) -> list[AnalysedPost]:
    """So many posts in the last minutes before noon of the day that many weeks ago, all equally far apart."""
    begins = -week * WEEK_MINUTES - over
    return [post(f"{source}{week}-{n}", minutes=begins + over * n / number, source=source) for n in range(number)]


def told(signal: Signal, posts: Sequence[AnalysedPost], so_far: Gathered) -> Listened:
    return listened_to(signal, default_policy(), cast(Index, Newest(posts)), NOON, so_far)


def judged(signal: Signal, posts: Sequence[AnalysedPost], so_far: Gathered = ALL) -> dict[str, Heard]:
    return {one.key: one for one in heard(signal, told(signal, posts, so_far), NOON, 0.5)}


def visited(minutes: float) -> Gathered:
    """Source `a` last answered so many minutes after noon."""
    return gathered([Crawl(source="a", last_ok_at=NOON + timedelta(minutes=minutes)), Crawl(source="new")])


def test_a_source_that_floods_makes_no_others_silent() -> None:
    healthy = [one for s in "abcd" for week in range(3) for one in spread(s, week, 20)]
    flood = spread("flood", 0, MOST_POSTS // 3 + 100, over=10)
    assert [key for key, one in judged(MISSED, healthy + flood).items() if one.holds] == []


def test_a_fall_is_told_where_there_are_more_posts_than_are_looked_at() -> None:
    busy = [one for week in range(1, 3) for one in spread("a", week, 6_000)] + spread("a", 0, 1_700)
    one = judged(MISSED, busy)["a"]
    assert one.holds
    assert one.reason.facts["posts"] == pytest.approx(472, abs=2)
    assert one.reason.facts["hours"] == 1.1
    assert incident_of(MISSED, one, None, NOON).speed == pytest.approx(425, abs=2), "as it was in that hour"


def test_what_is_looked_at_whole_is_judged_by_the_whole_window() -> None:
    usual = [one for week in range(1, 3) for one in spread("a", week, 20)]
    one = judged(MISSED, usual)["a"]
    assert (one.holds, one.reason.facts["hours"], one.reason.facts["usual"]) == (True, 4, 20)


def test_a_span_whose_posts_are_all_of_its_last_second_says_nothing() -> None:
    usual = [one for week in range(1, 3) for one in spread("a", week, 20)]
    flood = spread("x", 0, MOST_POSTS, over=1 / 120)
    assert told(MISSED, usual + flood, ALL).stretch == timedelta()
    assert not any(one.holds for one in judged(MISSED, usual + flood).values())


@pytest.mark.parametrize(
    ("minutes", "key", "told"), [(-300, "source", []), (-300, None, []), (-1, "source", ["a"]), (5, "source", ["a"])]
)
def test_what_was_not_collected_yet_is_not_missed(
    minutes: float, key: Literal["source"] | None, told: list[str]
) -> None:
    """A source that is visited now and then, in the hours since its last good visit."""
    usual = [one for week in range(1, 3) for one in spread("a", week, 20)]
    found = judged(replace(MISSED, key=key), usual, visited(minutes))
    assert [key for key, one in found.items() if one.holds] == told


def test_a_source_is_judged_up_to_the_hour_of_its_last_good_visit_in_all_weeks_alike() -> None:
    one = judged(MISSED, [one for week in range(3) for one in spread("a", week, 40)], visited(-70))["a"]
    assert (one.holds, one.reason.facts["posts"], one.reason.facts["usual"]) == (False, 20, 20)


def test_what_is_pushed_is_judged_whatever_was_collected() -> None:
    pushed = [one for week in range(1, 3) for one in spread("pushed", week, 20)]
    assert judged(MISSED, pushed, visited(-300))["pushed"].holds


def test_posts_that_wait_to_be_understood_may_be_those_that_are_missed() -> None:
    usual = [one for week in range(1, 3) for one in spread("a", week, 20)]
    held = [judged(MISSED, usual, Gathered({}, waiting))["a"] for waiting in (0, 2, 12)]
    assert [(one.holds, one.reason.facts["posts"]) for one in held] == [(True, 0), (True, 0), (False, 0)]
