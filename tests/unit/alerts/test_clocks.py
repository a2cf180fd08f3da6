from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from alerts import clocks
from alerts.limits import natural
from alerts.policy import default_policy
from core.records import Case, CaseState, Clock, Extension, Pause, Risk, RiskHit
from tests.records import NOON, incident

CHINA = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2026, 6, 30), timezones=st.just(CHINA))  # noqa: DTZ001  # bounds are naive
SPANS = st.timedeltas(timedelta(), timedelta(days=60))
LIMITS = st.sampled_from(["1h", "5h", "24h", "48h", "7d", "15d", "1wd", "20wd"])
RULES = default_policy().clocks


def clock(limit: str = "48h", start: datetime = NOON) -> Clock:
    fields = {"kind": "answer", "name": "n", "start_event": "occurred", "counts": "natural", "source": "s"}
    return clocks.counted(Clock(**fields, limit=limit, started_at=start, due_at=None))


def case(level: int = 3, domain: str = "城乡建设") -> Case:
    state = {"state": CaseState.EMERGING, "opened_at": NOON, "updated_at": NOON}
    return Case(id="c", incident="i1", jurisdiction="1", title="t", level=level, rule="r", domain=domain, **state)


@given(MOMENTS, MOMENTS, LIMITS)
def test_who_starts_later_is_due_no_earlier(one, other, limit):
    early, late = sorted([one, other])
    assert clocks.due(early, limit) <= clocks.due(late, limit)


@given(st.sampled_from(["1h", "48h", "7d"]), MOMENTS, SPANS, SPANS)
def test_a_pause_moves_a_natural_limit_by_exactly_its_length(limit, start, after, length):
    given_ = clock(limit, start)
    paused = clocks.pause(given_, "a", "waiting for a third party", start + after)
    resumed = clocks.resume(paused, start + after + length)
    assert resumed.due_at - given_.due_at == length


@given(MOMENTS, SPANS, SPANS)
def test_a_pause_never_shortens_a_limit_of_working_days_and_ends_it_on_one(start, after, length):
    given_ = clock("20wd", start)
    resumed = clocks.resume(clocks.pause(given_, "a", "b", start + after), start + after + length)
    if resumed.due_at is not None:
        assert resumed.due_at >= given_.due_at
        assert clocks.due(start, "20wd", resumed.pauses) == resumed.due_at


PUBLISHED = max(day.year for day in chinese_calendar.holidays)
"""The last year whose calendar the State Council has published, as the library of this release knows it."""
ANY_MOMENT = st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31, 23), timezones=st.just(CHINA))  # noqa: DTZ001  # bounds are naive


def worked(after: datetime, until: datetime) -> int:
    """Days worked after the day of the one, up to and with that of the other: the table itself, day by day."""
    days = [after.date() + timedelta(days=n) for n in range(1, (until.date() - after.date()).days + 1)]
    holidays, extra = chinese_calendar.holidays, chinese_calendar.workdays
    return sum(day in extra or (day.weekday() < 5 and day not in holidays) for day in days)


@given(ANY_MOMENT, st.integers(1, 40), st.integers(0, 20), SPANS, st.timedeltas(timedelta(), timedelta(days=30)))
def test_a_clock_of_2024_to_2027_ends_by_the_published_table_or_says_which_year_is_not_published(
    start, days, more, after, length
):
    plain = clock(f"{days}wd", start)
    given_ = replace(plain, counts="working")
    if more:
        given_ = clocks.extend(given_, Extension(at=start, by=f"{min(more, days)}wd", who="li", reason="w"))
    paused = clocks.pause(given_, "li", "w", start + after)
    ended = clocks.resume(paused, start + after + length)
    if ended.due_at is None:
        assert f"of {PUBLISHED + 1} is not known" in ended.note or f"of {PUBLISHED + 2} is not known" in ended.note
        return
    end = ended.due_at.astimezone(CHINA)
    assert end.time() == time()
    last = end - timedelta(days=1)
    assert last.year <= PUBLISHED
    still = worked(start + after, start + after + length)
    assert worked(start, last) == days + (min(more, days) if more else 0) + still
    assert worked(last - timedelta(days=1), last) == 1


@given(ANY_MOMENT, st.sampled_from(["1h", "5h", "24h", "48h", "7d"]))
def test_a_natural_limit_runs_through_nights_new_year_and_holidays_whatever_calendar_is_published(start, limit):
    assert clock(limit, start).due_at - start == natural(limit)


def test_a_pause_keeps_who_paused_and_why():
    paused = clocks.pause(clock(), "li", "waiting for a third party", NOON + HOUR)
    assert paused.pauses == (Pause(since=NOON + HOUR, until=None, who="li", reason="waiting for a third party"),)


def test_a_paused_clock_neither_warns_nor_breaks_and_a_second_pause_adds_nothing():
    paused = clocks.pause(clock(), "a", "b", NOON)
    assert clocks.steps_due(paused, (0.5,), NOON + 99 * HOUR) == ()
    assert not clocks.is_breached(paused, NOON + 99 * HOUR)
    assert clocks.pause(paused, "c", "d", NOON + HOUR) == paused


def test_a_pause_that_ends_before_it_began_gives_no_time():
    paused = clocks.pause(clock(), "a", "b", NOON + HOUR)
    assert clocks.resume(paused, NOON).due_at == clock().due_at


def test_a_clock_stopped_while_paused_is_over():
    stopped = clocks.stop(clocks.pause(clock(), "a", "b", NOON), NOON + HOUR)
    assert stopped.stopped_at == NOON + HOUR
    assert not clocks.is_paused(stopped)
    assert (
        clocks.pause(stopped, "a", "b", NOON) == clocks.resume(stopped, NOON) == clocks.stop(stopped, NOON) == stopped
    )


@pytest.mark.parametrize(("hours", "steps"), [(23.9, ()), (24, (0.5,)), (39, (0.5, 0.8)), (999, (0.5, 0.8))])
def test_a_step_is_due_from_its_share_of_the_limit_on(hours, steps):
    assert clocks.steps_due(clock(), (0.5, 0.8), NOON + hours * HOUR) == steps


def test_a_step_that_was_said_is_not_due_again():
    assert clocks.steps_due(replace(clock(), warned=(0.5,)), (0.5, 0.8), NOON + 39 * HOUR) == (0.8,)


def test_a_limit_breaks_at_its_end_and_not_before():
    assert not clocks.is_breached(clock(), NOON + 48 * HOUR - timedelta(microseconds=1))
    assert clocks.is_breached(clock(), NOON + 48 * HOUR)


def test_a_clock_without_a_published_calendar_has_no_end_but_a_note():
    unknown = clock("20wd", datetime(2039, 3, 1, tzinfo=CHINA))
    assert unknown.due_at is None
    assert "2039" in unknown.note
    assert not clocks.is_breached(unknown, datetime(2050, 1, 1, tzinfo=CHINA))


@pytest.mark.parametrize("limit", ["", "0h", "48", "48 h", "-1h", "20WD", "1w", "٣h\n"])
def test_what_is_no_limit_is_refused(limit):
    with pytest.raises(ValueError, match="is no limit"):
        clocks.due(NOON, limit)


@pytest.mark.parametrize(
    ("level", "kinds"),
    [
        (1, {"authoritative", "press-conference", "internal-report"}),
        (2, {"authoritative", "press-conference", "internal-report"}),
        (3, {"answer"}),
        (4, {"answer"}),
    ],
)
def test_the_level_says_which_clocks_run(level, kinds):
    assert {c.kind for c in clocks.started(case(level), incident(), RULES).clocks} == kinds


def test_a_risk_starts_the_clock_that_asks_for_it():
    outage = incident(risk=Risk(score=0.5, hits=(RiskHit(category="outage", word="停水", weight=0.5),)))
    assert "utility" in {c.kind for c in clocks.started(case(), outage, RULES).clocks}


def test_a_clock_that_runs_stays_as_it_is_when_the_level_changes():
    running = clocks.started(case(3), incident(), RULES).clocks
    risen = clocks.started(replace(case(2), clocks=running), incident(), RULES).clocks
    assert risen[: len(running)] == running
    assert {c.kind for c in risen} > {c.kind for c in running}


def test_an_incident_occurred_with_its_first_post_unless_that_is_a_stray_one():
    assert clocks.occurred_at(incident()) == NOON - HOUR
    assert clocks.occurred_at(incident(first_at=NOON - 25 * HOUR)) == NOON


def test_every_clock_carries_its_source_and_grade():
    for made in clocks.started(case(1), incident(), RULES).clocks:
        assert made.source.endswith("]")
        assert "〔" in made.source or "年" in made.source
