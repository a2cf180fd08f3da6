"""Time phrases: each means one moment, seen from Monday 2026-11-23 15:00 in Shanghai."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.times import SHANGHAI, parse_time

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=SHANGHAI)

PHRASES = [
    # how long ago
    ("刚刚", "2026-11-23 15:00:00"), ("剛剛", "2026-11-23 15:00:00"), ("just now", "2026-11-23 15:00:00"),
    ("30秒前", "2026-11-23 14:59:30"), ("3分钟前", "2026-11-23 14:57:00"), ("3 分钟前", "2026-11-23 14:57:00"),
    ("１０分鐘前", "2026-11-23 14:50:00"), ("十五分钟前", "2026-11-23 14:45:00"), ("一刻钟前", "2026-11-23 14:45:00"),
    ("半小时前", "2026-11-23 14:30:00"), ("半个小时前", "2026-11-23 14:30:00"), ("2小時前", "2026-11-23 13:00:00"),
    ("两小时之前", "2026-11-23 13:00:00"), ("一个半小时前", "2026-11-23 13:30:00"), ("1小时20分钟前", "2026-11-23 13:40:00"),
    ("半天前", "2026-11-23 03:00:00"), ("三天前", "2026-11-20 15:00:00"), ("十天前", "2026-11-13 15:00:00"),
    ("二十三天前", "2026-10-31 15:00:00"), ("1周前", "2026-11-16 15:00:00"), ("两个星期前", "2026-11-09 15:00:00"),
    ("半个月前", "2026-11-08 15:00:00"), ("1个月前", "2026-10-24 15:00:00"), ("1年前", "2025-11-23 15:00:00"),
    ("发表于 3 小时前", "2026-11-23 12:00:00"), ("發表於 3 小時前", "2026-11-23 12:00:00"),
    ("3小时前发布", "2026-11-23 12:00:00"),
    ("5 minutes ago", "2026-11-23 14:55:00"), ("an hour ago", "2026-11-23 14:00:00"), ("2 days ago", "2026-11-21 15:00:00"),
    ("5m", "2026-11-23 14:55:00"), ("3h", "2026-11-23 12:00:00"),
    # a day by its name
    ("今天09:15", "2026-11-23 09:15:00"), ("今天 9:15", "2026-11-23 09:15:00"), ("今天", "2026-11-23 00:00:00"),
    ("昨天 12:30", "2026-11-22 12:30:00"), ("昨日12:30:45", "2026-11-22 12:30:45"), ("昨天", "2026-11-22 00:00:00"),
    ("昨天下午3:20", "2026-11-22 15:20:00"), ("昨晚11点", "2026-11-22 23:00:00"), ("昨晚", "2026-11-22 00:00:00"),
    ("今早八点半", "2026-11-23 08:30:00"), ("今天凌晨2点", "2026-11-23 02:00:00"), ("今天中午12点", "2026-11-23 12:00:00"),
    ("前天", "2026-11-21 00:00:00"), ("前天 09:05", "2026-11-21 09:05:00"), ("大前天 09:05", "2026-11-20 09:05:00"),
    ("yesterday at 12:30", "2026-11-22 12:30:00"), ("昨天晚上12点", "2026-11-23 00:00:00"),
    # a day of the week
    ("周五", "2026-11-20 00:00:00"), ("周五 10:11", "2026-11-20 10:11:00"), ("星期天 20:00", "2026-11-22 20:00:00"),
    ("禮拜六", "2026-11-21 00:00:00"), ("周一 09:00", "2026-11-23 09:00:00"), ("周一 18:00", "2026-11-16 18:00:00"),
    ("上周五", "2026-11-20 00:00:00"), ("上周一 08:00", "2026-11-16 08:00:00"), ("本周一", "2026-11-23 00:00:00"),
    # no year
    ("11月20日 10:11", "2026-11-20 10:11:00"), ("11-20 10:11", "2026-11-20 10:11:00"), ("11/20", "2026-11-20 00:00:00"),
    ("11月20号", "2026-11-20 00:00:00"), ("十一月二十日", "2026-11-20 00:00:00"), ("12月31日", "2025-12-31 00:00:00"),
    ("12-31 23:59", "2025-12-31 23:59:00"), ("2-29", "2024-02-29 00:00:00"), ("2月29日 08:00", "2024-02-29 08:00:00"),
    ("11月23日 15:03", "2026-11-23 15:00:00"), ("11月23日 15:30", "2025-11-23 15:30:00"),
    ("11月20日 10:11 来自 某某手机", "2026-11-20 10:11:00"), ("Nov 20 10:11", "2026-11-20 10:11:00"),
    # a year
    ("2026-11-20", "2026-11-20 00:00:00"), ("2026/11/20 10:11", "2026-11-20 10:11:00"), ("2026.11.20", "2026-11-20 00:00:00"),
    ("2026-1-5 8:03", "2026-01-05 08:03:00"), ("2026年11月20日 上午9:05", "2026-11-20 09:05:00"),
    ("2026年11月20日下午3点20分", "2026-11-20 15:20:00"), ("2026年11月20日 星期五 10:11", "2026-11-20 10:11:00"),
    ("二〇二六年十一月二十日", "2026-11-20 00:00:00"), ("26-11-20", "2026-11-20 00:00:00"),
    ("26-11-20 10:11", "2026-11-20 10:11:00"),
    ("98-11-20", "1998-11-20 00:00:00"), ("2024-02-29", "2024-02-29 00:00:00"), ("2026-11-20 24:00", "2026-11-21 00:00:00"),
    ("发布时间：2026-11-20 10:11:12", "2026-11-20 10:11:12"), ("20261120", "2026-11-20 00:00:00"),
    ("20261120101112", "2026-11-20 10:11:12"), ("2026-11-20 10:11:12.345", "2026-11-20 10:11:12.345"),
    ("2026-11-20 12:30 AM", "2026-11-20 00:30:00"), ("2026-11-20 12:30 PM", "2026-11-20 12:30:00"),
    ("去年12月31日 10:11", "2025-12-31 10:11:00"), ("今年3月1日", "2026-03-01 00:00:00"),
    ("2 小时前 · 浙江", "2026-11-23 13:00:00"), ("昨天 12:30 浙江", "2026-11-22 12:30:00"),
    ("已编辑 11-20", "2026-11-20 00:00:00"),
    ("Fri Nov 20 2026 10:11:12 GMT+0800 (中国标准时间)", "2026-11-20 10:11:12"),
    # a time of day
    ("10:11", "2026-11-23 10:11:00"), ("下午3:20", "2026-11-22 15:20:00"), ("下午2点一刻", "2026-11-23 14:15:00"),
    ("23:59", "2026-11-22 23:59:00"), ("15:00", "2026-11-23 15:00:00"),
    # machine forms
    ("Mon Nov 23 14:00:00 +0800 2026", "2026-11-23 14:00:00"), ("Mon Nov 23 06:00:00 +0000 2026", "2026-11-23 14:00:00"),
    ("Mon Nov 23 14:00:00 CST 2026", "2026-11-23 14:00:00"), ("Fri, 20 Nov 2026 10:11:12 +0800", "2026-11-20 10:11:12"),
    ("Fri, 20 Nov 2026 02:11:12 GMT", "2026-11-20 10:11:12"), ("20 Nov 2026 02:11 UT", "2026-11-20 10:11:00"),
    ("November 20, 2026", "2026-11-20 00:00:00"), ("Nov 20, 2026 at 10:11 AM", "2026-11-20 10:11:00"),
    ("2026-11-20T10:11:12Z", "2026-11-20 18:11:12"), ("2026-11-20T10:11:12.5+08:00", "2026-11-20 10:11:12.5"),
    ("2026-11-20T10:11:12-0500", "2026-11-20 23:11:12"), ("2026-11-20 10:11:12 UTC+8", "2026-11-20 10:11:12"),
    ("1795400000", "2026-11-23 10:13:20"), ("1795400000000", "2026-11-23 10:13:20"), (1795400000, "2026-11-23 10:13:20"),
    (1795400000.5, "2026-11-23 10:13:20.5"), (1795400000123, "2026-11-23 10:13:20.123"), (20261120, "2026-11-20 00:00:00"),
    (1795400000123456, "2026-11-23 10:13:20.123456"),
]  # fmt: skip


@pytest.mark.parametrize(("phrase", "moment"), PHRASES)
def test_a_phrase_means_its_moment(phrase: str | float, moment: str) -> None:
    parsed = parse_time(phrase, NOW)
    assert parsed is not None
    assert parsed.tzinfo is UTC
    expected = datetime.fromisoformat(moment.ljust(23, "0") if "." in moment else moment).replace(tzinfo=SHANGHAI)
    assert abs(parsed - expected) < timedelta(milliseconds=1)


@pytest.mark.parametrize(
    "phrase",
    [
        "", " ", "很久以前", "2026-13-01", "2026-02-30", "2月30日", "25:00", "10:61", "明天", "三", "周八", "1", "12", 0, 12,
        True, -1, float("nan"), float("inf"), 1e300, "2026", "99999999", "0000-01-01", "本周五", "x" * 1000, "9" * 50,
        "999999年前", "2023-02-29", "2026-11-20 10:11 +99:99", "\ud800",
    ],
)  # fmt: skip
def test_what_is_no_time_gives_none(phrase: str | float) -> None:
    assert parse_time(phrase, NOW) is None


def test_phrases_are_read_in_the_zone_of_their_writer() -> None:
    assert parse_time("今天 02:00", NOW, ZoneInfo("Europe/London")) == datetime(2026, 11, 23, 2, tzinfo=UTC)


def test_new_year_s_first_minute_still_belongs_to_last_year_s_posts() -> None:
    now = datetime(2027, 1, 1, 0, 1, tzinfo=SHANGHAI)
    assert parse_time("12-31 23:58", now) == datetime(2026, 12, 31, 15, 58, tzinfo=UTC)
    assert parse_time("昨天 23:58", now) == datetime(2026, 12, 31, 15, 58, tzinfo=UTC)


@pytest.mark.parametrize("edge", ["0001-01-01", "0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00"])
def test_years_at_the_edge_come_back_for_the_caller_to_judge(edge: str) -> None:
    parsed = parse_time(edge, NOW)
    assert parsed is not None
    assert parsed.year in (1, 9999)


moments = st.datetimes(datetime.fromisoformat("1992-01-01"), datetime.fromisoformat("2026-11-22"))


@given(
    moments, st.sampled_from(["%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y年%m月%d日 %H时%M分%S秒", "%Y%m%d%H%M%S"])
)
def test_written_times_read_back(moment: datetime, form: str) -> None:
    written = moment.replace(microsecond=0, tzinfo=SHANGHAI)
    assert parse_time(written.strftime(form), NOW) == written


@given(moments)
def test_machine_forms_read_back(moment: datetime) -> None:
    written = moment.replace(microsecond=0, tzinfo=SHANGHAI)
    forms = (
        written.isoformat(),
        written.strftime("%a %b %d %H:%M:%S %z %Y"),
        written.strftime("%a, %d %b %Y %H:%M:%S %z"),
    )
    for form in forms:
        assert parse_time(form, NOW) == written


@given(st.integers(1, 12), st.integers(1, 31), moments)
def test_a_date_without_a_year_is_never_in_the_future(month: int, day: int, now: datetime) -> None:
    here = now.replace(tzinfo=SHANGHAI)
    parsed = parse_time(f"{month}月{day}日", here)
    assert parsed is None or parsed <= here


words = st.sampled_from("刚昨今前天周一五日月年时分秒半上下午晚点个小钟前:- /+.0123456789年TZ")


@given(st.one_of(st.text(), st.text(words, max_size=20), st.floats(), st.integers()))
def test_nothing_makes_it_fail(value: str | float) -> None:
    parsed = parse_time(value, NOW)
    assert parsed is None or parsed.tzinfo is UTC


@given(st.text(words, max_size=12).filter(lambda text: text.endswith("前") or text[:1] in "昨今"))
def test_a_relative_phrase_never_leads_beyond_tomorrow(phrase: str) -> None:
    parsed = parse_time(phrase, NOW)
    assert parsed is None or parsed <= NOW + timedelta(days=1)
