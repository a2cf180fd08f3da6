"""When a source is visited next."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from core.records import Source
from crawlers.results import CrawlResult, Reason
from crawlers.schedule import after, due

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
SOURCE = Source(
    id="s", kind="feed", url="https://x.example/feed", name="x", jurisdiction="990100", created_at=NOW, interval_s=600
)


def result(reason: Reason, **facts: object) -> CrawlResult:
    return CrawlResult(source="s", reason=reason, **facts)  # type: ignore[arg-type]  # facts of a test


def pause(source: Source) -> float:
    assert source.next_at is not None
    return (source.next_at - NOW).total_seconds()


def test_due_are_the_enabled_ones_whose_time_has_come_longest_waiting_first() -> None:
    late = replace(SOURCE, id="late", next_at=NOW - timedelta(hours=1))
    just = replace(SOURCE, id="just", next_at=NOW)
    new = replace(SOURCE, id="new")
    soon = replace(SOURCE, id="soon", next_at=NOW + timedelta(seconds=1))
    off = replace(SOURCE, id="off", enabled=False)

    assert [s.id for s in due([just, soon, off, late, new], NOW)] == ["new", "late", "just"]


def test_a_good_visit_is_repeated_after_the_interval_and_clears_the_failures() -> None:
    failing = after(SOURCE, result(Reason.TIMEOUT), NOW)
    good = after(failing, result(Reason.OK, state={"etag": "1"}, items=3), NOW)

    assert (pause(good), good.state, good.last_ok_at, good.last_error, good.last_items) == (
        600,
        {"etag": "1"},
        NOW,
        "",
        3,
    )


def test_nothing_new_is_a_good_visit() -> None:
    assert after(SOURCE, result(Reason.NOT_MODIFIED), NOW).last_ok_at == NOW


def test_failures_in_a_row_double_the_pause() -> None:
    once = after(SOURCE, result(Reason.HTTP_ERROR, detail="The server answered 500."), NOW)
    twice = after(once, result(Reason.DNS), NOW)

    assert (pause(once), pause(twice)) == (1200, 2400)
    assert once.last_error == "http_error: The server answered 500."


def test_retry_after_is_honoured_beyond_a_day() -> None:
    assert pause(after(SOURCE, result(Reason.BLOCKED, retry_after_s=200_000.0), NOW)) == 200_000


@given(st.lists(st.sampled_from(list(Reason)), max_size=60), st.integers(-5, 10**9))
def test_the_pause_is_never_nothing_and_never_more_than_a_day_without_being_asked(
    reasons: list[Reason], interval: int
) -> None:
    source = replace(SOURCE, interval_s=interval)
    for reason in reasons:
        source = after(source, result(reason, state=source.state), NOW)
        assert 30 <= pause(source) <= 86_400
