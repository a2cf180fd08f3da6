"""China's working days, with the swaps of 调休, from the calendar that the State Council publishes year by year."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar

from core.errors import CalendarUnknown

MOST_WORKDAYS = 250
"""No limit counts more working days than a year has."""


def is_workday(day: date, asked_at: datetime) -> bool:
    """Whether people work on that day; raises `CalendarUnknown` for a year whose calendar is not published."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError as error:
        raise CalendarUnknown(day.year, asked_at) from error


def add_workdays(start: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The end of the `days`-th working day after the day of `start` (the day itself does not count, 民法典 第二百零一条).

    A midnight in `zone`, given in the zone of `start`. Raises `CalendarUnknown`.
    """
    day = start.astimezone(zone).date()
    left = days
    while left > 0:
        day += timedelta(days=1)
        left -= is_workday(day, start)
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(start.tzinfo)


def workdays_between(start: datetime, end: datetime, zone: ZoneInfo) -> int:
    """Working days after the day of `start` up to and with the day of `end`; raises `CalendarUnknown`."""
    first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    return sum(is_workday(first + timedelta(days=n), start) for n in range(1, (last - first).days + 1))
