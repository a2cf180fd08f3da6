from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import example, given, settings
from hypothesis import strategies as st

from alerts.calendars import read, written
from alerts.duty import check_roster, gaps, on_duty, stints, swapped
from core.errors import Refused
from core.records import Cover, Roster, Shift

CHINA = ZoneInfo("Asia/Shanghai")
DAY = Shift(
    id="day", begin="08:30", end="17:30", days=("workday",), members=("a", "b"), rotate="weekly", since=date(2026, 1, 5)
)
NIGHT = Shift(id="night", begin="17:30", end="08:30", days=("workday",), members=("c",))
OFF = Shift(id="off", begin="08:30", end="08:30", days=("dayoff",), members=("d",))
ROSTER = Roster(id="water", shifts=(DAY, NIGHT, OFF))


def at(month: int, day: int, hour: int = 10, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("moment", "who"),
    [
        (at(1, 5), "a"),
        (at(1, 12), "b"),
        (at(1, 12, 8, 29), "d"),  # until the day off ends
        (at(1, 5, 17, 30), "c"),
        (at(1, 6, 3), "c"),  # past midnight it is still the shift of the evening
        (at(1, 10), "d"),  # a Saturday
        (at(2, 14), "b"),  # a Saturday that is a working day: 调休 before Spring Festival 2026
        (at(2, 17), "d"),  # New Year's day of 2026, a Tuesday
        (at(2, 28), "b"),  # the Saturday after, a working day again
    ],
)
def test_duty_follows_the_working_days_of_china_and_not_the_week(moment: datetime, who: str):
    assert on_duty(ROSTER, moment, CHINA) == (who,)


def test_in_a_year_whose_calendar_is_not_published_the_week_is_taken_and_said_to_be_assumed():
    planned = stints(ROSTER, at(3, 4, year=2035), at(3, 5, year=2035), CHINA)
    assert planned
    assert all(stint.assumed for stint in planned)
    assert not any(stint.assumed for stint in stints(ROSTER, at(3, 4), at(3, 5), CHINA))


def test_a_swap_exchanges_one_member_and_only_while_it_lasts():
    cover = Cover(id="v1", since=at(1, 5, 12), until=at(1, 5, 15), members=("d",), instead_of="a")
    changed = swapped(ROSTER, cover, CHINA)
    assert [on_duty(changed, at(1, 5, hour), CHINA) for hour in (11, 13, 15)] == [("a",), ("d",), ("a",)]


def test_a_swap_with_somebody_who_is_not_on_duty_is_refused():
    cover = Cover(id="v1", since=at(1, 5, 12), until=at(1, 5, 15), members=("d",), instead_of="b")
    with pytest.raises(Refused, match="not on duty"):
        swapped(ROSTER, cover, CHINA)


def test_a_holiday_plan_holds_over_every_shift_and_one_without_members_leaves_nobody():
    plan = Cover(id="v1", since=at(2, 16), until=at(2, 18), members=("b",), kind="holiday")
    nobody = Cover(id="v2", since=at(2, 17), until=at(2, 17, 12), members=(), kind="leave")
    changed = Roster(id="water", shifts=ROSTER.shifts, covers=(plan, nobody))
    assert on_duty(changed, at(2, 16, 23), CHINA) == ("b",)
    assert on_duty(changed, at(2, 17, 11), CHINA) == ()
    assert on_duty(changed, at(2, 17, 12), CHINA) == ("b",)


def test_gaps_are_told_and_members_who_left_leave_gaps():
    only_days = Roster(id="water", shifts=(DAY,))
    span = (at(1, 5, 0), at(1, 6, 0))
    planned = stints(only_days, *span, CHINA)
    assert [(g.since, g.until) for g in gaps(planned, *span, {"a", "b"})] == [
        (at(1, 5, 0), at(1, 5, 8, 30)),
        (at(1, 5, 17, 30), at(1, 6, 0)),
    ]
    assert [(g.since, g.until) for g in gaps(planned, *span, {"b"})] == [span]


MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 1), timezones=st.just(CHINA))  # noqa: DTZ001


@given(MOMENTS, st.integers(1, 500))
def test_with_workdays_nights_and_days_off_somebody_is_on_duty_at_any_time(begin: datetime, hours: int):
    until = begin + timedelta(hours=hours)
    assert gaps(stints(ROSTER, begin, until, CHINA), begin, until, {"a", "b", "c", "d"}) == []


@given(MOMENTS, st.integers(1, 200), st.integers(0, 200), st.integers(1, 100))
def test_a_cover_changes_nothing_outside_its_time(begin: datetime, hours: int, later: int, length: int):
    since = begin + timedelta(hours=later)
    cover = Cover(id="v", since=since, until=since + timedelta(hours=length), members=("d",))
    changed = Roster(id="water", shifts=ROSTER.shifts, covers=(cover,))
    for hour in range(0, hours, 7):
        moment = begin + timedelta(hours=hour)
        inside = cover.since <= moment < cover.until
        assert on_duty(changed, moment, CHINA) == (("d",) if inside else on_duty(ROSTER, moment, CHINA))


NAMES = {"甲": "a", "乙": "b", "丙": "c", "丁": "d"}


def test_the_calendar_that_went_out_comes_back_as_the_same_duty():
    span = (at(2, 9), at(2, 26))
    planned = stints(ROSTER, *span, CHINA)
    data = written(planned, {id_: name for name, id_ in NAMES.items()}, "区水务局 值班", at(1, 1).astimezone(UTC))
    covers = read(data, NAMES, span, CHINA)
    again = Roster(id="water", covers=tuple(covers))
    assert [(s.since, s.until, s.members) for s in stints(again, *span, CHINA)] == [
        (s.since, s.until, s.members) for s in planned
    ]


OUTLOOK = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//elsewhere//EN
BEGIN:VEVENT
UID:1
DTSTAMP:20260101T000000Z
DTSTART;TZID=Asia/Shanghai:20260105T083000
DURATION:PT9H
RRULE:FREQ=DAILY;COUNT=5
EXDATE;TZID=Asia/Shanghai:20260107T083000
SUMMARY:值班：甲
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTAMP:20260101T000000Z
DTSTART;VALUE=DATE:20260110
SUMMARY:周末值班
ATTENDEE;CN=丁:mailto:ding@office.example
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n").encode()


def test_a_calendar_from_elsewhere_is_understood_with_its_rules_exceptions_and_attendees():
    covers = read(OUTLOOK, NAMES, (at(1, 1), at(2, 1)), CHINA)
    assert [(c.since.astimezone(CHINA).day, c.members) for c in covers] == [
        (5, ("a",)), (6, ("a",)), (8, ("a",)), (9, ("a",)), (10, ("d",)),
    ]  # fmt: skip
    assert covers[-1].until - covers[-1].since == timedelta(days=1)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"not a calendar", "bad_calendar"),
        (b"\xff\xfe\x00", "bad_calendar"),
        (OUTLOOK.replace("甲".encode(), "戊".encode()), "no_such_member"),
        (OUTLOOK.replace(b"PT9H", b"P90D"), "bad_calendar"),
        (OUTLOOK.replace(b"DTSTART;TZID=Asia/Shanghai:20260105T083000", b"DTSTART:never"), "bad_calendar"),
    ],
)
def test_a_calendar_that_cannot_be_meant_is_refused(data: bytes, code: str):
    with pytest.raises(Refused) as refused:
        read(data, NAMES, (at(1, 1), at(2, 1)), CHINA)
    assert refused.value.code == code


def by_rule(rule: str, begin: str = "20260105T083000") -> bytes:
    """The calendar from elsewhere with another rule and begin for its first event."""
    event = OUTLOOK.replace(b"RRULE:FREQ=DAILY;COUNT=5", f"RRULE:{rule}".encode())
    return event.replace(b"Shanghai:20260105T083000", f"Shanghai:{begin}".encode(), 1)


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("FREQ=SECONDLY", "too_often"),
        ("FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", "too_often"),
        ("FREQ=HOURLY;COUNT=3", "too_often"),
        ("FREQ=DAILY;BYHOUR=8,20", "too_often"),
        ("FREQ=DAILY;INTERVAL=0", "bad_calendar"),
        ("FREQ=DAILY;INTERVAL=-1", "bad_calendar"),
        ("FREQ=DAILY;BYSETPOS=" + ",".join(["1"] * 101), "bad_calendar"),
    ],
)
@pytest.mark.timeout(20)
def test_a_rule_that_no_roster_means_is_refused_before_it_is_followed(rule: str, code: str):
    with pytest.raises(Refused) as refused:
        read(by_rule(rule, "19700101T000000"), NAMES, (at(1, 1), at(2, 1)), CHINA)
    assert refused.value.code == code


@pytest.mark.timeout(60)
def test_a_rule_that_never_comes_true_is_not_looked_for_until_the_calendar_ends():
    event = OUTLOOK[OUTLOOK.index(b"BEGIN:VEVENT") : OUTLOOK.index(b"BEGIN:VEVENT\r\nUID:2")]
    never = event.replace(b"FREQ=DAILY;COUNT=5", b"FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")
    assert [c.members for c in read(OUTLOOK.replace(event, never * 12), NAMES, (at(1, 1), at(2, 1)), CHINA)] == [("d",)]


RULES = st.builds(
    "FREQ={};INTERVAL={}{}{}".format,
    st.sampled_from(["DAILY", "WEEKLY", "WEEKLY;BYDAY=MO,SU", "MONTHLY", "MONTHLY;BYDAY=-1FR", "MONTHLY;BYMONTHDAY=-1",
                     "MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "YEARLY", "YEARLY;BYWEEKNO=20;BYDAY=MO"]),
    st.integers(1, 9),
    st.sampled_from(["", ";WKST=SU"]),
    st.sampled_from(["", ";COUNT=40", ";UNTIL=20271005T000000Z", ";UNTIL=19990101T000000Z"]),
)  # fmt: skip


@given(RULES, st.dates(date(1970, 1, 1), date(2029, 1, 1)))
@example("FREQ=YEARLY;INTERVAL=4", date(1999, 2, 28))
@example("FREQ=YEARLY;INTERVAL=3", date(1996, 2, 29))
@settings(deadline=None)
def test_a_rule_comes_true_when_the_standard_says(rule: str, day: date):
    begin = datetime.combine(day, time(8, 30))
    span = (at(1, 1, year=2027), at(12, 1, year=2027))
    local = [moment.replace(tzinfo=None) for moment in (span[0] - timedelta(hours=9), span[1])]
    expected = [one for one in rrulestr(rule.replace("Z", ""), dtstart=begin).between(*local) if one < local[1]]
    data = by_rule(rule, f"{begin:%Y%m%dT%H%M%S}").replace(b"20271005T000000Z", b"20271004T160000Z")
    assert [c.since.replace(tzinfo=None) for c in read(data, NAMES, span, CHINA)] == expected


ZONE = """BEGIN:VTIMEZONE
TZID:{}
BEGIN:DAYLIGHT
DTSTART:19700101T000000
TZOFFSETFROM:-0800
TZOFFSETTO:-0800
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19700101T000000
RRULE:FREQ=SECONDLY
TZOFFSETFROM:-0800
TZOFFSETTO:-0800
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
"""


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    ("name", "hour"), [("Asia/Shanghai", 8), ("China Standard Time", 8), ("Asia/Tokyo", 7), ("办公室", 8)]
)
def test_a_time_zone_goes_by_its_name_whatever_the_file_says_of_it(name: str, hour: int):
    zone = ZONE.format(name).replace("\n", "\r\n").encode()
    data = OUTLOOK.replace(b"BEGIN:VEVENT\r\n", zone, 1).replace(b"Asia/Shanghai", name.encode())
    first, *_ = read(data, NAMES, (at(1, 1), at(2, 1)), CHINA)
    assert first.since == at(1, 5, hour, 30)


def test_a_calendar_that_takes_too_long_to_read_is_refused():
    with pytest.raises(Refused) as refused:
        read(OUTLOOK, NAMES, (at(1, 1), at(2, 1)), CHINA, count(0, 15).__next__)
    assert refused.value.code == "too_many_events"


@given(st.binary(max_size=300))
def test_no_bytes_crash_the_reader_of_calendars(noise: bytes):
    place = OUTLOOK.index(b"RRULE")
    for data in (noise, OUTLOOK[:place] + noise + OUTLOOK[place:]):
        try:
            read(data, NAMES, (at(1, 1), at(2, 1)), CHINA)
        except Refused:
            continue


@pytest.mark.parametrize(
    "shift",
    [
        Shift(id="x", begin="8:30", end="17:30", members=("a",)),
        Shift(id="x", begin="08:30", end="25:00", members=("a",)),
        Shift(id="x", begin="08:30", end="17:30", members=()),
        Shift(id="x", begin="08:30", end="17:30", members=("a",), days=("montag",)),
        Shift(id="x", begin="08:30", end="17:30", members=("a",), rotate="daily"),
        Shift(id="x", begin="08:30", end="17:30", members=("stranger",)),
    ],
)
def test_a_shift_that_cannot_be_is_refused(shift: Shift):
    with pytest.raises(Refused):
        check_roster(Roster(id="water", shifts=(shift,)), {"a", "b"})
