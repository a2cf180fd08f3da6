"""Personal data out of the text before anything is stored: numbers that lead to a person, a car, an account, a door.

What is checked is what the numbers themselves promise: the check character of identity numbers (GB 11643, ISO 7064
MOD 11-2), the Luhn digit of bank cards, area codes, the alphabet of plates (GA 36). Hot lines, service numbers, years,
prices and case numbers stay, because an incident cannot be told without them.
"""

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

# Digits may be full width, and any of these may stand between them: people write numbers so that filters miss them.
_BETWEEN = " \t\u3000\u2010-\u2015\u2212_·.\ufe0f\u20e3"
_GAP = rf"[{_BETWEEN}-]{{0,3}}"
_WIDE = (
    {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x2460 + i: 0x31 + i for i in range(9)} | {0x24EA: 0x30}
)
_SPELT = "〇零一幺二两三四五六七八九壹贰叁肆伍陆柒捌玖"
_SPELT_DIGITS = str.maketrans(_SPELT, "0011223456789123456789")

# One cheap pass says which rules are worth trying; most posts need none.
_HINT = re.compile(
    rf"(?P<at>[@＠]\s?[A-Za-z0-9Ａ-Ｚａ-ｚ０-９]|[\[(]at[\])])"
    rf"|(?P<number>[\d①-⑨⓪](?:[{_BETWEEN}．－-]{{0,3}}[\d①-⑨⓪]){{6}})"
    r"|(?P<door>[栋幢室]|单元|單元|棟|号楼|號樓|#楼|座\d)"
    r"|(?P<cue>[微薇威]信|加[Vv微薇]|[Vv][Xx信:：]|[Ww][Xx]|[Ww]e[Cc]hat|weixin|[Qq][Qq群:：]|扣扣|企鹅)"
    r"|(?P<plate>[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领][A-Za-zＡ-Ｚ])"
    rf"|(?P<spelt>[{_SPELT}]{{11}})"
)


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit() or char in "Xx")


def _is_identity(text: str) -> bool:
    """A resident identity number: a province, a birthday and, in the 18-character form, the check character."""
    number = _digits(text).upper()
    if int(number[:2]) not in _PROVINCES:
        return False
    birthday = number[6:14] if len(number) == 18 else "19" + number[6:12]
    try:
        born = date(int(birthday[:4]), int(birthday[4:6]), int(birthday[6:]))
    except ValueError:
        return False
    if len(number) == 15:
        return True
    weighted = sum(int(digit) * (2 ** (17 - i) % 11) for i, digit in enumerate(number[:17]))
    return born.year >= 1850 and "10X98765432"[weighted % 11] == number[17]


_PROVINCES = frozenset((*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66)))
_PROVINCES |= {71, 81, 82, 83}


def _is_card(text: str) -> bool:
    """Whether the last digit is the Luhn check digit of the others (ISO/IEC 7812-1), and they are not all the same."""
    number = _digits(text)
    total = sum(int(digit) for digit in number[-1::-2])
    total += sum(sum(divmod(2 * int(digit), 10)) for digit in number[-2::-2])
    return total % 10 == 0 and len(set(number)) > 1


def _is_mobile(text: str) -> bool:
    """Whether the gaps are those of one number, not of a list of small numbers or of prices."""
    groups = [len(group) for group in re.findall(r"\d+", text.removeprefix("+"))]
    if "." in text:
        return groups[-3:] == [3, 4, 4]
    return len(groups) <= 6 or len(groups) >= 11


def _is_plate(text: str) -> bool:
    """Whether it has the digits that every plate has; words such as `新iPhone` have fewer."""
    return sum(char.isdigit() for char in text) >= 3


def _is_spelt_mobile(text: str) -> bool:
    return re.match("1[3-9]", text.translate(_SPELT_DIGITS)) is not None


@dataclass(frozen=True, slots=True)
class _Rule:
    """What of the match is masked (group `secret`, or all of it), when `holds` agrees; tried where `hint` was found."""

    hint: str
    kind: str
    mask: str
    pattern: re.Pattern[str]
    holds: Callable[[str], bool] = bool


def _spaced(count: int) -> str:
    return rf"(?:{_GAP}\d){{{count}}}"


_BUILDING_NUMBER = r"(?:[a-z]?\d{1,4}[a-z]?|[一二三四五六七八九十百]{1,4})"
_BUILDING = rf"{_BUILDING_NUMBER}\s?(?:号楼|號樓|#楼|栋|幢|棟)|[a-z]座"
_UNIT = rf"第?{_BUILDING_NUMBER}\s?(?:单元|單元)"
_FLOOR = r"(?:\d{1,2}\s?[楼层樓層])?"
_ROOM_NUMBER = r"(?:[a-z]?\d{1,4}[a-z]?|[一二三四五六七八九十百零〇]{1,5})"
_BARE_ROOM = r"[a-z]?\d{3,4}(?![\da-z.:%℃年月日号點点时時分秒元块万千百亿多余个人户戶平米㎡公斤吨克套层楼])"
_SPELT_ROOM = r"[一二三四五六七八九零〇]{3,4}(?![十百千万层楼年个])"
_ROOM = rf"(?:{_ROOM_NUMBER}\s?(?:室|号房|房间)|\d{{3,4}}号(?!楼)|{_BARE_ROOM}|{_SPELT_ROOM})"
_SEPARATOR = r"[\s,，、·-]?"
# Only down to the door: building and staircase are where the lift is broken, the door is where somebody lives.
_DOOR = (
    rf"(?:(?:{_BUILDING}){_SEPARATOR}(?:{_UNIT}{_SEPARATOR})?{_FLOOR}{_SEPARATOR}{_ROOM}"
    rf"|{_UNIT}{_SEPARATOR}{_FLOOR}{_SEPARATOR}{_ROOM}"
    rf"|\d{{1,4}}号(?:院|之\d)?{_SEPARATOR}{_ROOM_NUMBER}\s?室"
    r"|\d{1,3}(?:-|座\s?)(?:\d{1,2}-)?\d{3,4}\s?室)"
)

_EXPLICIT = r"(?:\s?(?:号|號|id|群))*\s?(?:[:：是为為]|\s)\s*"
_WECHAT_CUE = r"(?:[微薇威]信|加[v微薇]|v信|(?<![a-z])(?:vx|wx|weixin|wechat|v(?=:)))"
_ALIAS = r"(?P<secret>(?<![a-z0-9_-])(?:[a-z](?=[a-z_-]*\d)[a-z0-9_-]{5,19}|[1-9]\d{5,11})(?![a-z0-9_@-]))"

_AREA = r"0(?:10|2\d|[3-9]\d{2})"
_CALL_CUE = r"(?:电话|電話|座机|座機|固话|联系方式|致电|拨打|tel|\[座机号\][,、;或和/])"

_EMAIL = r"[a-z0-9._%+-]{1,64}\s?(?:@|\[at\]|\(at\))\s?[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,3}\.[a-z]{2,24}"
_CARD = (
    r"(?<![\d/=_a-z])(?:(?:[345]|6[0-9]|9[05])\d{11,17}"
    r"|(?:[345]\d|6[0-9]|9[05])\d{2}([ -])\d{4}\1\d{4}\1\d{1,4}(?:\1\d{1,3})?)(?!\d)"
)
_LANDLINE = (
    rf"(?<!\d)(?:(?:\+|00)?86{_GAP})?[(]?{_AREA}[)]?{_GAP}[2-8]\d{{2,3}}[ -]?\d{{4}}(?!\d)"
    r"(?:\s?(?:转|-)\s?\d{1,5}(?!\d))?"
)
_PLATE = (
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领][a-hj-z][ ·•.-]?"
    r"(?:[df][a-hj-np-z0-9]\d{4}|\d{5}[df]|[a-hj-np-z0-9]{4}[a-hj-np-z0-9挂学警港澳])(?![a-z0-9])"
)
_WECHAT_WORD = (
    rf"{_WECHAT_CUE}(?:(?:\s?(?:号|號|id))*\s?:|[号號]\s?[是为為])\s*(?P<secret>[a-z][a-z0-9_-]{{5,19}})(?![a-z0-9_-])"
)
_QQ_CUE = r"(?:qq|扣扣|企鹅|(?<![a-z])q(?=[:群]))"

_RULES = tuple(
    _Rule(hint, kind, mask, re.compile(pattern, re.IGNORECASE), holds)
    for hint, kind, mask, pattern, holds in (
        ("at", "email", "[邮箱]", _EMAIL, bool),
        ("number", "identity", "[身份证号]", rf"(?<!\d)[1-9]{_spaced(16)}{_GAP}[\dx](?!\d)", _is_identity),
        ("number", "identity", "[身份证号]", r"(?<!\d)[1-9]\d{14}(?!\d)", _is_identity),
        ("number", "card", "[银行卡号]", _CARD, _is_card),
        (
            "number",
            "mobile",
            "[手机号]",
            rf"(?<!\d)(?:(?:\+|00)?86{_GAP}|0)?1{_GAP}[3-9]{_spaced(9)}(?!\d)",
            _is_mobile,
        ),
        ("number", "mobile", "[手机号]", r"(?<!\d)(?:1[3-9]\d{9}){2,9}(?!\d)", bool),
        ("spelt", "mobile", "[手机号]", rf"(?<![{_SPELT}])[{_SPELT}]{{11}}(?![{_SPELT}])", _is_spelt_mobile),
        ("number", "landline", "[座机号]", _LANDLINE, bool),
        (
            "number",
            "landline",
            "[座机号]",
            rf"{_CALL_CUE}[:：是为\s]{{0,3}}(?P<secret>[2-8]\d{{2,3}}[ -]?\d{{4}})(?![ -]?\d)",
            bool,
        ),
        ("cue", "wechat", "[微信号]", rf"{_WECHAT_CUE}(?:{_EXPLICIT}|(?:号|號|id)?){_ALIAS}", bool),
        ("cue", "wechat", "[微信号]", _WECHAT_WORD, bool),
        (
            "cue",
            "qq",
            "[QQ号]",
            rf"{_QQ_CUE}(?:{_EXPLICIT}|[号群码]{{0,2}})(?P<secret>[1-9]\d{{4,10}})(?!\d)",
            bool,
        ),
        ("plate", "plate", "[车牌号]", _PLATE, _is_plate),
        ("door", "house", "[门牌号]", rf"(?<![a-z\d]){_DOOR}", bool),
    )
)


@dataclass(frozen=True, slots=True)
class Masked:
    """A text that is safe to store, and how many of each kind were taken out of it."""

    text: str
    kinds: dict[str, int]


def mask(text: str) -> Masked:
    """Replace personal data by its kind in brackets (`[手机号]`); masking again changes nothing.

    Kinds: `email`, `identity`, `card`, `mobile`, `landline`, `wechat`, `qq`, `plate`, `house`. Numbers may be in full-width,
    circled or spelt-out digits and have blanks, dots or dashes inside.
    """
    kinds: dict[str, int] = {}
    before = None
    while before != text and (hints := {hint.lastgroup for hint in _HINT.finditer(text)}):
        before = text  # a mask may part what stood together: a number beside it is then seen in the next round
        for rule in _RULES:
            if rule.hint in hints:
                text = _apply(rule, text, kinds)
    return Masked(text, kinds)


def _apply(rule: _Rule, text: str, kinds: dict[str, int]) -> str:
    plain = text if text.isascii() else text.translate(_WIDE)  # same length, so places in one are places in the other
    parts: list[str] = []
    done = 0
    for match in rule.pattern.finditer(plain):
        group: str | int = "secret" if "secret" in rule.pattern.groupindex else 0
        if rule.holds(match[group]):
            start, end = match.span(group)
            parts += (text[done:start], rule.mask)
            done = end
    if not parts:
        return text
    kinds[rule.kind] = kinds.get(rule.kind, 0) + len(parts) // 2
    return "".join(parts) + text[done:]


def hash_author(author: str, source: str, salt: str) -> str:
    """A pseudonym (16 hex digits of HMAC-SHA256) for an author of one source; without the salt nobody can test a name."""
    message = f"{source}\x1f{author}".encode("utf-8", "surrogatepass")
    return hmac.digest(salt.encode(), message, "sha256").hex()[:16]
