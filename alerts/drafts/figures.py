"""Figures of Chinese text in one spelling, so that the same claim written otherwise compares equal.

Chinese numerals, full-width digits, 万 and 亿, percentages, dates and times of day are understood; what is not is left as
it stands, and compares as it stands.
"""

import re
import unicodedata
from decimal import Decimal

_DIGIT = {char: n for n, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_TENS = {"十": 10, "百": 100, "千": 1000}
_MYRIADS = {"万": 10_000, "亿": 100_000_000}
_UNITS = (
    "小时|分钟|平方公里|平方米|立方米|公里|公斤|千克|毫米|厘米|个月|星期|周岁|辆次|人次|[年月日号天时点分秒周岁人名位户家个"
    "元吨米克亩升台辆次处条件起栋幢座层楼间套张份项期批届级度班所里成倍℃]"
)
_NUMERAL = "零〇一二两三四五六七八九十百千万亿"
_CHINESE = re.compile(
    rf"百分之(?P<share>[{_NUMERAL}点\d.]+)|(?P<of>[{_NUMERAL}]+)分之(?P<part>[{_NUMERAL}]+)|第(?P<rank>[{_NUMERAL}]+)|(?P<tenths>[一二三四五六七八九])成(?![为了立员果熟功长])"
    rf"|(?P<very>十分)(?=[重感关满必需支理])|(?P<number>[{_NUMERAL}]+)(?={_UNITS}|多|余|%)"
    rf"|(?P<round>[一二两三四五六七八九十][{_NUMERAL}]+)"
)
_SCALED = re.compile(r"(?<![\d.])(\d{1,12}(?:\.\d{1,8})?)([万亿])")
_DATE = re.compile(r"(?<!\d)(\d{4})[-/.年](\d{1,2})(?:[-/.](\d{1,2})(?!\d)|月(?:(\d{1,2})[日号])?)")
_DAY = re.compile(r"(?<!\d)(\d{1,2})月(\d{1,2})[日号]")
_CLOCK = re.compile(
    r"(凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜间|晚|早)?(?<!\d)(\d{1,2})"
    r"(?:[:](\d{2})(:\d{2})?(?!\d)|[时点](?:(半|[一3三]刻)|(\d{1,2})分?|整)?(?![\d意要建]))"
)
_QUARTERS = {"半": 30, "一刻": 15, "三刻": 45, "3刻": 45}
_LATE = {"下午", "傍晚", "晚上", "夜间", "晚", "中午"}
_TOKEN = re.compile(
    rf"(?P<date>〔[^〕]*〕)|(?P<value>\d+(?:[.~]\d+)?)(?P<unit>%|{_UNITS})?",
)
_SPACE = re.compile(rf"(?<![\d{_NUMERAL}])\s+|\s+(?![\d{_NUMERAL}])")
_SAME_UNIT = {"名": "人", "位": "人", "公斤": "千克", "幢": "栋"}


def _whole(text: str) -> str | None:
    """A Chinese numeral as digits (`三百二十` is 320, `二〇二六` 2026, `两三` 2~3); None when it is no numeral."""
    if any(char not in _NUMERAL for char in text):
        return text
    if not any(char in _TENS or char in _MYRIADS for char in text):
        digits = "".join(str(_DIGIT[char]) for char in text)
        about = len(digits) == 2 and int(digits[1]) - int(digits[0]) == 1 and digits[0] != "0"
        return "~".join(digits) if about else digits
    total = section = digit = 0
    for char in text:
        if char in _DIGIT:
            digit = _DIGIT[char]
        elif char in _TENS:
            section += (digit or (1 if char == "十" and not section else 0)) * _TENS[char]
            digit = 0
        elif char == "万":
            total, section, digit = total + (section + digit) * 10_000, 0, 0
        else:
            total, section, digit = (total + section + digit) * _MYRIADS[char], 0, 0
    value = total + section + digit
    return str(value) if value else None


def _digits(found: re.Match[str]) -> str:
    text, kind = found.group(), found.lastgroup or ""
    if kind == "share":
        share = "一百" if found["share"] == "百" else found["share"]
        return ".".join(_whole(part) or "0" for part in share.split("点")) + "%"
    if kind == "part":
        return f"{_whole(found['part'])}/{_whole(found['of'])}"
    if kind == "tenths":
        return f"{_DIGIT[found['tenths']]}0%"
    if kind == "rank":
        return f"第{_whole(found['rank']) or found['rank']}"
    left = kind == "very" or (kind == "round" and not any(char in "十百千万亿" for char in text[1:]))
    return text if left else _whole(text) or text


def _scaled(found: re.Match[str]) -> str:
    value = Decimal(found[1]) * _MYRIADS[found[2]]
    return format(value.quantize(Decimal(1)) if value == value.to_integral_value() else value, "f")


def _date(found: re.Match[str]) -> str:
    day = found[3] or found[4]
    return f"〔{found[1]}/{int(found[2])}{f'/{int(day)}' if day else ''}〕"


def _clock(found: re.Match[str]) -> str:
    part, hour = found[1], int(found[2])
    minute = _QUARTERS.get(found[5] or "", int(found[3] or found[6] or 0))
    if part in _LATE and 1 <= hour < (11 if part == "中午" else 12):
        hour += 12
    return f"〔{hour}:{minute:02}{found[4] or ''}〕"


def normalised(text: str) -> str:
    """Half-width, small letters, line breaks as `|`, spaces between figures only; numerals as digits.

    Dates become `〔2026/6/2〕` or `〔/6/2〕`, times of day `〔15:30〕`.
    """
    narrow = re.sub(r"[〔〕\r\n]+", "|", unicodedata.normalize("NFKC", text).casefold())
    narrow = _SPACE.sub("", narrow)
    narrow = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", narrow)
    plain = _SCALED.sub(_scaled, _CHINESE.sub(_digits, narrow))
    dated = _DAY.sub(lambda day: f"〔/{int(day[1])}/{int(day[2])}〕", _DATE.sub(_date, plain))
    return _CLOCK.sub(_clock, dated)


def figures(text: str) -> list[str]:
    """Dates, times and numbers with their units in a normalised text, in order."""
    return [
        found["date"] or found["value"] + _SAME_UNIT.get(found["unit"] or "", found["unit"] or "")
        for found in _TOKEN.finditer(text)
    ]


def holds(figure: str, known: str) -> bool:
    """Whether a known figure says as much: a date without its year is held by the same day of a year."""
    if figure == known:
        return True
    if figure.startswith("〔/") and known.startswith("〔"):
        return known.strip("〔〕").partition("/")[2] == figure.strip("〔〕/")
    return False
