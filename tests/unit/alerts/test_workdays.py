from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.workdays import add_workdays, is_workday, workdays_between
from core.errors import CalendarUnknown

CHINA = ZoneInfo("Asia/Shanghai")
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2026, 6, 30), timezones=st.just(CHINA))  # noqa: DTZ001  # bounds are naive
LIMITS = st.integers(1, 40)


def at(year: int, month: int, day: int, hour: int = 9) -> datetime:
    return datetime(year, month, day, hour, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("start", "days", "last"),
    [
        (at(2024, 2, 9), 1, date(2024, 2, 18)),  # 春节: off from the 10th to the 17th, Sunday the 18th is worked
        (at(2025, 1, 26), 1, date(2025, 1, 27)),  # the Sunday that is worked does not count itself
        (at(2025, 1, 27), 1, date(2025, 2, 5)),
        (at(2025, 2, 7), 1, date(2025, 2, 8)),  # a Saturday that is worked
        (at(2025, 9, 28), 3, date(2025, 10, 9)),  # 国庆 and 中秋 in one holiday
        (at(2026, 2, 13), 1, date(2026, 2, 14)),  # a Saturday that is worked, then nine days off
        (at(2026, 2, 14), 1, date(2026, 2, 24)),
        (at(2025, 12, 31), 1, date(2026, 1, 4)),  # over New Year: a Sunday that is worked
        (at(2026, 3, 2), 20, date(2026, 3, 30)),
    ],
)
def test_a_limit_ends_with_the_last_working_day_that_the_state_council_published(start, days, last):
    over = add_workdays(start, days, CHINA)
    assert over == datetime(last.year, last.month, last.day, tzinfo=CHINA) + timedelta(days=1)


def test_midnight_belongs_to_the_day_that_begins_in_china_not_in_utc():
    before, after = at(2026, 3, 2, 23), at(2026, 3, 3, 0)
    assert add_workdays(after.astimezone(UTC), 1, CHINA) - add_workdays(before.astimezone(UTC), 1, CHINA) == timedelta(
        1
    )


@given(MOMENTS, LIMITS)
def test_the_last_day_of_a_limit_is_a_working_day(start, days):
    assert is_workday((add_workdays(start, days, CHINA) - timedelta(seconds=1)).date(), start)


@given(MOMENTS, LIMITS)
def test_a_limit_holds_as_many_working_days_as_it_says(start, days):
    assert workdays_between(start, add_workdays(start, days, CHINA) - timedelta(seconds=1), CHINA) == days


@given(MOMENTS, MOMENTS, LIMITS)
def test_who_starts_later_is_due_no_earlier(one, other, days):
    early, late = sorted([one, other])
    assert add_workdays(early, days, CHINA) <= add_workdays(late, days, CHINA)


def test_a_year_whose_calendar_is_not_published_is_said():
    with pytest.raises(CalendarUnknown, match="2039"):
        add_workdays(at(2039, 3, 1), 1, CHINA)
