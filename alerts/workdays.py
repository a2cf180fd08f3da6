"""China's working days, with the swaps of 调休, from the calendar that the State Council publishes year by year."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar

from core.errors import CalendarUnknown

MOST_DAYS = 400
"""A limit in working days never spans more than this many calendar days."""


def is_workday(day: date, asked_at: datetime) -> bool:
    """Whether people work on that day; raises `CalendarUnknown` for a year whose calendar is not published."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError as error:
        raise CalendarUnknown(day.year, asked_at) from error


def add_workdays(start: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The end of the `days`-th working day after the day of `start` (the day itself does not count, 民法典 第二百零一条)."""
    day = start.astimezone(zone).date()
    left = days
    for _ in range(MOST_DAYS):
        day += timedelta(days=1)
        left -= is_workday(day, start)
        if left == 0:
            break
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(start.tzinfo)
