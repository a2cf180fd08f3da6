"""Published times as Chinese sites write them: `3分钟前`, `昨天 12:30`, `11月20日 10:11`, and the machine forms.

Libraries are no help: dateparser puts `11-20 10:11` into the year 2011 and jionlp puts last Friday into the future. A
phrase without a year, or without a day, means the newest such moment that is not later than now.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from nlp.script import to_simplified

SHANGHAI = ZoneInfo("Asia/Shanghai")

CLOCK_SKEW = timedelta(minutes=5)
"""A site's clock may run ahead of ours by this much; such a moment is now, not a year or a day ago."""

_PERIODS = "凌晨|清晨|早晨|早上|上午|中午|午后|下午|傍晚|晚上|夜里|夜间|深夜|午夜|半夜|早|晚|夜"
_CLOCK = (
    rf"(?P<period>{_PERIODS})?\s*(?:at\s+)?(?P<hour>\d{{1,2}})"
    r"(?:[:点时](?P<minute>\d{1,2})?(?:[:分](?P<second>\d{1,2})?(?P<fraction>[.,]\d{1,9})?秒?)?(?P<half>半)?(?P<quarter>[13]刻)?)"
    r"\s*(?P<noon>[ap]\.?m\.?)?"
)
_ZONE = r"\s*(?P<zone>z|gmt|utc|ut|cst|hkt|jst|est|edt|pst|pdt|(?:gmt|utc)?[+-]\d{1,2}:?\d{2}|(?:gmt|utc)[+-]\d{1,2})?"
_AT_CLOCK = rf"(?:[t\s]*{_CLOCK}{_ZONE})?"
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_MONTH = rf"(?P<name>{_MONTHS})[a-z]*\.?"
_WEEKDAY_NAME = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+)?"

_ZONE_HOURS = {
    "z": 0,
    "gmt": 0,
    "utc": 0,
    "ut": 0,
    "cst": 8,
    "hkt": 8,
    "jst": 9,
    "est": -5,
    "edt": -4,
    "pst": -8,
    "pdt": -7,
}
"""CST is China's here: it is what a Chinese server's `date` and Java's `toString` print."""

_UNITS: dict[str, timedelta] = {
    "秒": timedelta(seconds=1),
    "分": timedelta(minutes=1),
    "刻": timedelta(minutes=15),
    "时": timedelta(hours=1),
    "天": timedelta(days=1),
    "周": timedelta(weeks=1),
    "月": timedelta(days=30),
    "年": timedelta(days=365),
}
_UNIT_OF_WORD = {
    "秒": "秒", "秒钟": "秒", "分": "分", "分钟": "分", "刻": "刻", "刻钟": "刻", "小时": "时", "钟头": "时", "时": "时",
    "天": "天", "日": "天", "周": "周", "星期": "周", "礼拜": "周", "月": "月", "年": "年",
    "s": "秒", "sec": "秒", "second": "秒", "m": "分", "min": "分", "minute": "分", "h": "时", "hr": "时", "hour": "时",
    "d": "天", "day": "天", "w": "周", "week": "周", "month": "月", "y": "年", "year": "年",
}  # fmt: skip
_DAYS_BACK = {"今": 0, "昨": 1, "前": 2, "大前": 3}

_YEARS_BACK = {"今": 0, "去": 1, "前": 2}
_YEAR_WORD = re.compile(r"^([今去前])年(?=\d)")

_DIGITS = str.maketrans("〇零一二两三四五六七八九", "001223456789")
_NUMERAL = re.compile(r"(?<![周期拜])[〇零一二两三四五六七八九十廿]+")
_LEAD = re.compile(
    r"(?:(?:首次|最后|最新|已)?(?:发表|发布|更新|编辑|回复|修改|提交|创建)(?:日期|时间)?[于在]?|时间|日期|posted|on)[:\s]*"
)
_TRAIL = re.compile(
    r"\s*(?:(?:发表|发布|更新|编辑|回复|修改|提交)(?!于).*|来自.*|·.*|\([^)]*\)|(?:(?<=[前天])|(?<=:\d\d))\s+[\u4e00-\u9fff]{2,8}|[,，。;|·]+)$"
)
_NOON_WORD = re.compile(r"(?<=[,\s])noon$")
_BARE_NOON = re.compile(r"(?<=[,\s])(\d{1,2})\s*([ap]\.?m\.?)$")
"""How Django and the AP style write a full hour: `noon`, `8 p.m.`."""
_WEEKDAY_IN_BRACKETS = re.compile(r"\s*\(?(?:星期|周|礼拜)[一二三四五六日天]\)?\s*(?=\d|$|[上下中凌晚早])")


@dataclass(frozen=True, slots=True)
class _Moment:
    """Now, in the zone of the one who wrote the phrase."""

    now: datetime

    def newest(self, candidates: Iterable[datetime]) -> datetime | None:
        """The first candidate (newest first) that is not later than now."""
        for candidate in candidates:
            if candidate <= self.now + CLOCK_SKEW:
                return min(candidate, self.now)
        return None

    def midnight(self, days_back: int) -> datetime:
        day = self.now - timedelta(days=days_back)
        return day.replace(hour=0, minute=0, second=0, microsecond=0)


def parse_time(value: str | float, now: datetime, tz: ZoneInfo = SHANGHAI) -> datetime | None:
    """The moment, in UTC, that a site's time phrase or number means; None when it means none.

    `now` (aware) is when the page was fetched; `tz` is the zone of phrases that name none. Numbers are Unix seconds,
    milliseconds or microseconds by their size, or the digits of a date (`20261120`, `20261120101112`). Units of months and
    years count 30 and 365 days. A year that is written may lie in the future; years at the edge of what `datetime`
    holds come back unshifted. Never raises.
    """
    try:
        here = now.astimezone(tz)
        moment = _parse_text(value, here) if isinstance(value, str) else _parse_number(value, here)
        return None if moment is None else _in_utc(moment)
    except (ValueError, OverflowError):  # a 31 February, a minute 61, a century beyond datetime
        return None


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return moment.replace(tzinfo=UTC)


def _parse_number(value: float, now: datetime) -> datetime | None:
    if isinstance(value, bool) or not math.isfinite(value):
        return None
    if value == int(value) and (moment := _parse_digits(str(int(value)), now)):
        return moment
    for limit, per_second in ((1e8, 0), (1e11, 1), (1e14, 1e3), (1e17, 1e6)):
        if value < limit:
            return datetime.fromtimestamp(value / per_second, UTC) if per_second else None
    return None


def _parse_digits(digits: str, now: datetime) -> datetime | None:
    if len(digits) not in (8, 12, 14) or digits[:2] not in ("19", "20"):
        return None
    parts = [int(digits[:4]), *(int(digits[i : i + 2]) for i in range(4, len(digits), 2))]
    try:
        return datetime(*parts, tzinfo=now.tzinfo)  # type: ignore[arg-type,misc]  # 3, 5 or 6 parts by the length
    except ValueError:
        return None


def _parse_text(text: str, now: datetime) -> datetime | None:
    if len(text) > 80:
        return None
    if text[:4].isdecimal() and text[4:5] == "-":
        try:
            moment = datetime.fromisoformat(text.strip())
        except ValueError:
            pass
        else:
            return moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)
    phrase = _YEAR_WORD.sub(lambda word: f"{now.year - _YEARS_BACK[word[1]]}年", _normal(text))
    if re.fullmatch(r"\d{8,17}(?:\.\d{1,9})?", phrase, re.ASCII):
        return _parse_number(float(phrase), now)
    for form, read in _FORMS:
        if match := form.fullmatch(phrase):
            return read(match, _Moment(now))
    return None


def _normal(text: str) -> str:
    """Lower case, Simplified, half width, Arabic digits, without the words around the time."""
    phrase = to_simplified(unicodedata.normalize("NFKC", text)).lower().strip()
    phrase = _NUMERAL.sub(_arabic, phrase)
    phrase = _TRAIL.sub("", _LEAD.sub("", phrase, count=1) if _LEAD.match(phrase) else phrase)
    phrase = _BARE_NOON.sub(lambda hit: hit[1] + ":00 " + hit[2], _NOON_WORD.sub("12:00", phrase))
    if phrase[:1].isdecimal():
        phrase = _WEEKDAY_IN_BRACKETS.sub(" ", phrase)
    return phrase.strip()


def _arabic(numeral: re.Match[str]) -> str:
    words = numeral[0].replace("廿", "二十")
    tens, ten, ones = words.partition("十")
    if not ten:
        return words.translate(_DIGITS)
    return (tens.translate(_DIGITS) or "1") + (ones.translate(_DIGITS) or "0")


# --- the clock part --------------------------------------------------------------------------------------------------


def _with_clock(day: datetime, match: re.Match[str]) -> datetime:
    """`day` (a midnight) at the time of day and in the zone that the match holds, if it holds any."""
    if match["hour"] is None:
        return day
    hour = _hour(int(match["hour"]), match["period"] or "", (match["noon"] or "").replace(".", ""))
    minute = int(match["minute"] or 0)
    if match["half"] or match["quarter"]:
        minute = 30 if match["half"] else 15 * int(match["quarter"][0])
    second = min(int(match["second"] or 0), 59) if int(match["second"] or 0) <= 60 else 60  # 60 is a leap second
    fraction = timedelta(seconds=float((match["fraction"] or "0").replace(",", ".")))
    if match["zone"]:
        day = day.replace(tzinfo=_zone(match["zone"]))
    next_day = timedelta(days=1 if hour == 24 else 0)
    return day.replace(hour=hour % 24 if hour <= 24 else hour, minute=minute, second=second) + next_day + fraction


def _hour(hour: int, period: str, noon: str) -> int:
    """The hour of the day, 0 to 24; `晚上12点` is the midnight that ends the day, `凌晨12点` the one that begins it."""
    if hour > 12:
        return hour
    if noon:
        return hour % 12 + (12 if noon == "pm" else 0)
    if period in ("下午", "午后", "傍晚"):
        return hour % 12 + 12
    if period in ("晚", "晚上", "夜", "夜里", "夜间", "深夜", "午夜", "半夜"):
        return hour + 12 if hour >= 5 else hour
    if period == "中午":
        return hour + 12 if hour < 4 else hour
    return 0 if hour == 12 and period in ("凌晨", "清晨", "早", "早上", "早晨") else hour


def _zone(zone: str) -> timezone:
    if zone in _ZONE_HOURS:
        return timezone(timedelta(hours=_ZONE_HOURS[zone]))
    sign, digits = re.fullmatch(r"(?:gmt|utc)?([+-])([\d:]+)", zone).groups()  # type: ignore[union-attr]  # by _ZONE
    digits = digits.replace(":", "")
    hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if sign == "-" else offset)


# --- the forms -------------------------------------------------------------------------------------------------------


def _read_now(_match: re.Match[str], moment: _Moment) -> datetime:
    return moment.now


def _read_ago(match: re.Match[str], moment: _Moment) -> datetime:
    ago = timedelta()
    for number, half, unit in _AMOUNT.findall(match["amounts"]):
        many = 0.5 if number == "半" else 1.0 if number in ("a", "an") else float(number)
        ago += (many + (0.5 if half else 0)) * _UNITS[_UNIT_OF_WORD[unit]]
    return moment.now - ago


def _read_day_word(match: re.Match[str], moment: _Moment) -> datetime:
    word = {"today": "今", "yesterday": "昨"}.get(match["word"], match["word"])
    return _with_clock(moment.midnight(_DAYS_BACK[word]), match)


def _read_vague_day(match: re.Match[str], moment: _Moment) -> datetime:
    return moment.midnight(_DAYS_BACK[match["word"]])


def _read_weekday(match: re.Match[str], moment: _Moment) -> datetime | None:
    weekday = "一二三四五六日".index(match["weekday"].replace("天", "日"))
    back = (moment.now.weekday() - weekday) % 7
    if match["week"] == "上":
        back = moment.now.weekday() + 7 - weekday
    elif match["week"]:
        return moment.newest([_with_clock(moment.midnight(moment.now.weekday() - weekday), match)])
    return moment.newest(_with_clock(moment.midnight(days), match) for days in (back, back + 7))


def _read_date(match: re.Match[str], moment: _Moment) -> datetime | None:
    """A date with or without its year, month by number or by English name."""
    fields = match.groupdict()
    name = fields.get("name")
    month = int(fields["month"]) if name is None else _MONTHS.split("|").index(name) + 1
    day = int(fields["day"])
    year = fields.get("year")
    if year is None:
        return moment.newest(_with_clock(date, match) for date in _dates_back(month, day, moment.now))
    return _with_clock(datetime(_full_year(year, moment.now.year), month, day, tzinfo=moment.now.tzinfo), match)


def _full_year(year: str, this_year: int) -> int:
    if len(year) == 4:
        return int(year)
    return 2000 + int(year) - (100 if 2000 + int(year) > this_year + 1 else 0)


def _dates_back(month: int, day: int, now: datetime) -> Iterator[datetime]:
    """That day of this year and the eight before: between two 29 Februaries lie at most eight years."""
    for year in range(now.year, now.year - 9, -1):
        try:
            yield datetime(year, month, day, tzinfo=now.tzinfo)
        except ValueError:
            continue


def _read_clock(match: re.Match[str], moment: _Moment) -> datetime | None:
    return moment.newest(_with_clock(moment.midnight(days), match) for days in (0, 1))


_UNIT_WORDS = "秒钟?|分钟?|刻钟?|小时|钟头|时|天|日|周|星期|礼拜|月|年"
_ENGLISH_UNITS = "second|sec|minute|min|hour|hr|day|week|month|year"
_AMOUNT = re.compile(
    rf"(\d+(?:\.\d+)?|半|an?)\s*个?(半)?\s*({_UNIT_WORDS}|{_ENGLISH_UNITS}|[smhdwy])",
)
_ONE_AMOUNT = rf"(?:\d{{1,6}}(?:\.\d{{1,3}})?|半)\s*个?半?\s*(?:{_UNIT_WORDS})[多余]?\s*"

_Reader = Callable[[re.Match[str], _Moment], datetime | None]

_FORMS: tuple[tuple[re.Pattern[str], _Reader], ...] = tuple(
    (re.compile(form, re.ASCII), reader)
    for form, reader in (
        (rf"[约近]?(?P<amounts>(?:{_ONE_AMOUNT}){{1,4}})[之以]?前", _read_ago),
        (rf"(?P<amounts>(?:\d{{1,6}}|an?)\s*(?:{_ENGLISH_UNITS}))s?\s+ago", _read_ago),
        (r"(?P<amounts>\d{1,6}\s?(?:sec|min|hr|[smhdwy]))(?:\s+ago)?", _read_ago),
        (r"刚刚|刚才|现在|此刻|几秒前|片刻之?前|just now|now|moments? ago", _read_now),
        (rf"(?P<word>today|yesterday|大前|[今昨前])(?:天|日|(?=[早晚夜凌]|[,\s]|$)),?{_AT_CLOCK}", _read_day_word),
        (r"(?P<word>大前|[今昨前])[天日]?(?:早上?|晨|凌晨|上午|中午|下午|傍晚|晚上?|夜里?)", _read_vague_day),
        (rf"(?P<week>[上本这])?个?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天]),?{_AT_CLOCK}", _read_weekday),
        (
            rf"(?P<year>\d{{4}}|\d{{2}})\s*[-/.年]\s*(?P<month>\d{{1,2}})\s*[-/.月]\s*(?P<day>\d{{1,2}})\s*[日号]?{_AT_CLOCK}",
            _read_date,
        ),
        (rf"(?P<month>\d{{1,2}})\s*[-/月]\s*(?P<day>\d{{1,2}})\s*[日号]?{_AT_CLOCK}", _read_date),
        (
            rf"{_WEEKDAY_NAME}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s-]+{_MONTH}(?:[\s,-]+(?P<year>\d{{4}}|\d{{2}}))?,?{_AT_CLOCK}",
            _read_date,
        ),
        (
            rf"{_WEEKDAY_NAME}{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(?P<year>\d{{4}}))?,?{_AT_CLOCK}",
            _read_date,
        ),
        (rf"{_WEEKDAY_NAME}{_MONTH}\s+(?P<day>\d{{1,2}})\s+{_CLOCK}{_ZONE}\s+(?P<year>\d{{4}})", _read_date),
        (rf"{_CLOCK}{_ZONE}", _read_clock),
    )
)
"""Tried in order, each against the whole phrase. `2026-11-20 10:11` never gets here: `fromisoformat` is faster."""
