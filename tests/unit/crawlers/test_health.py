"""How a source is after a visit, and when it is visited next."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from core.records import Crawl, Ending, Health, Source
from crawlers.health import after
from crawlers.results import CrawlResult, WriteReport

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
SOURCE = Source(
    id="s", kind="feed", url="https://x.example/feed", name="x", jurisdiction="990100", created_at=NOW,
    interval_s=600, longest_s=3600,
)  # fmt: skip
NEWS = WriteReport(accepted=2)


def result(ending: Ending, **facts: object) -> CrawlResult:
    return CrawlResult(source="s", ending=ending, **facts)  # type: ignore[arg-type]  # facts of a test


def pause(crawl: Crawl) -> float:
    assert crawl.next_at is not None
    return (crawl.next_at - NOW).total_seconds()


def visited(*results: CrawlResult, crawl: Crawl | None = None) -> Crawl:
    known = crawl or Crawl(source="s")
    for one in results:
        known = after(SOURCE, known, one, NOW)
    return known


def usual(count: int = 20) -> Crawl:
    return visited(*[result(Ending.OK, found=count, items=count, written=NEWS)] * 6)


def test_news_make_the_pace_faster_and_quiet_slower_within_both_bounds() -> None:
    quiet = [result(Ending.NOT_MODIFIED)]
    assert [pause(visited(*quiet * n)) for n in (1, 2, 9, 40)] == [750, 937.5, 3600, 3600]
    slow = visited(*quiet * 40)
    assert pause(visited(result(Ending.OK, found=2, written=NEWS), crawl=slow)) == 1800
    assert pause(visited(*[result(Ending.OK, found=2, written=NEWS)] * 9, crawl=slow)) == 600


def test_a_visit_that_was_late_gives_back_as_much_of_the_next_pause_and_a_twentieth_at_most() -> None:
    for late, expected in ((0, 600), (4, 596), (4_000, 570)):
        known = replace(visited(result(Ending.OK, written=NEWS)), next_at=NOW - timedelta(seconds=late))
        assert pause(visited(result(Ending.OK, written=NEWS), crawl=known)) == expected
    failed = replace(visited(result(Ending.OK, written=NEWS)), next_at=NOW - timedelta(seconds=9))
    assert pause(visited(result(Ending.HTTP_ERROR), crawl=failed)) == 1200, "who fails is not hurried"


def test_a_good_visit_keeps_its_state_and_clears_the_failures() -> None:
    failing = visited(result(Ending.TIMEOUT))
    good = visited(result(Ending.OK, state={"etag": "1"}, items=3, found=3, written=NEWS), crawl=failing)
    assert (good.state, good.failures, good.last_ok_at, good.last_new_at, good.health) == (
        {"etag": "1"}, 0, NOW, NOW, Health.OK,
    )  # fmt: skip


def test_failures_in_a_row_double_the_pause_and_the_third_is_a_state() -> None:
    walks = [visited(*[result(Ending.HTTP_ERROR, detail="The server answered 500.")] * n) for n in (1, 2, 3)]
    assert [pause(one) for one in walks] == [1200, 2400, 4800]
    assert [one.health for one in walks] == [Health.NEW, Health.NEW, Health.FAILING]
    assert walks[0].detail == "The server answered 500."


def test_retry_after_is_honoured_beyond_a_day_and_one_such_answer_is_no_illness() -> None:
    asked = visited(result(Ending.ASKED_TO_WAIT, retry_after_s=200_000.0), crawl=usual())
    assert (pause(asked), asked.health) == (200_000, Health.OK)


@pytest.mark.parametrize(
    ("ending", "health", "least"),
    [
        (Ending.DRIFT, Health.DRIFT, 1200),
        (Ending.PARSE_ERROR, Health.DRIFT, 1200),
        (Ending.LOGIN, Health.LOGIN, 21_600),
        (Ending.CAPTCHA, Health.BLOCKED, 1800),
        (Ending.BLOCKED, Health.BLOCKED, 1800),
        (Ending.ROBOTS, Health.ROBOTS, 21_600),
        (Ending.INWARD_ADDRESS, Health.FAILING, 1200),
    ],
)
def test_what_says_enough_is_a_state_at_once_and_who_refuses_us_is_left_alone(
    ending: Ending, health: Health, least: float
) -> None:
    ill = visited(result(ending), crawl=usual())
    assert (ill.health, ill.health_since) == (health, NOW)
    assert pause(ill) >= least


def test_nothing_where_there_usually_is_something_is_silence() -> None:
    assert visited(result(Ending.EMPTY, found=0), crawl=usual()).health is Health.SILENT
    assert visited(result(Ending.EMPTY, found=0)).health is Health.QUIET


def test_below_three_tenths_of_the_median_is_fewer() -> None:
    assert visited(result(Ending.OK, found=5, written=NEWS), crawl=usual(20)).health is Health.FEWER
    assert visited(result(Ending.OK, found=6, written=NEWS), crawl=usual(20)).health is Health.OK
    assert visited(result(Ending.OK, found=1, written=NEWS), crawl=usual(4)).health is Health.OK, "too few to tell"


def test_silence_is_not_over_because_the_empty_page_stays_the_same() -> None:
    silent = visited(result(Ending.EMPTY, found=0), crawl=usual())
    assert visited(result(Ending.NOT_MODIFIED), crawl=silent).health is Health.SILENT
    assert visited(result(Ending.OK, found=20, written=NEWS), crawl=silent).health is Health.OK


def test_an_unfinished_visit_says_nothing_of_the_source() -> None:
    before = usual()
    stopped = visited(result(Ending.UNFINISHED, state=before.state), crawl=before)
    assert (stopped.health, stopped.failures) == (before.health, 0)


def test_since_when_it_is_ill_is_the_first_visit_that_said_so() -> None:
    ill = visited(result(Ending.DRIFT), crawl=usual())
    later = after(SOURCE, ill, result(Ending.DRIFT), NOW + timedelta(hours=1))
    assert later.health_since == NOW


def test_a_back_fill_goes_on_at_the_shortest_interval_until_it_is_over() -> None:
    asked = Crawl(source="s", backfill_since=NOW - timedelta(days=9))
    midway = visited(result(Ending.OK, found=20, backfill_at=NOW - timedelta(days=3)), crawl=asked)
    assert (pause(midway), midway.backfill_at) == (600, NOW - timedelta(days=3))
    over = visited(result(Ending.OK, found=20, backfill_over=True), crawl=midway)
    assert over.backfill_since is None


@given(st.lists(st.sampled_from(list(Ending)), max_size=60), st.integers(-5, 10**9))
def test_the_pause_is_never_nothing_and_never_more_than_a_day_without_being_asked(
    endings: list[Ending], interval: int
) -> None:
    source, crawl = replace(SOURCE, interval_s=interval), Crawl(source="s")
    for ending in endings:
        crawl = after(source, crawl, result(ending, state=crawl.state), NOW)
        assert 30 <= pause(crawl) <= 86_400
