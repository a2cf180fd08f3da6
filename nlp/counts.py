"""Counts as sites show them: `1.2万`, `3万+`, `1,024`, `999+`, `2.3K`."""

import math
import re
import unicodedata

COUNT_LIMIT = 2**53
"""Larger counts are taken for nonsense; up to here JSON readers of every language agree on the digits."""

_SHOWN = re.compile(
    r"(?P<digits>\d{1,3}(?:,\d{3})+|\d{1,16})(?P<fraction>\.\d{1,6})?\s*(?P<unit>[十百千]?[万亿]|[百千kmbw])?\s*\+?"
    r"\s*(?:次|人|条|个|赞|评论|转发|阅读|播放|讨论)?",
    re.IGNORECASE,
)
_UNITS = {
    "百": 10**2, "千": 10**3, "k": 10**3, "w": 10**4, "万": 10**4, "十万": 10**5, "百万": 10**6, "m": 10**6,
    "千万": 10**7, "亿": 10**8, "b": 10**9, "十亿": 10**9, "百亿": 10**10, "千亿": 10**11,
}  # fmt: skip
_TRADITIONAL = str.maketrans("萬億讚評論轉發閱讀條個討", "万亿赞评论转发阅读条个讨")


def parse_count(value: object) -> int | None:
    """The count that a number or a site's short form stands for; None when it is none (never 0 for unknown)."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if 0 <= value <= COUNT_LIMIT else None
    if isinstance(value, float):
        return int(value) if math.isfinite(value) and 0 <= value <= COUNT_LIMIT else None
    if isinstance(value, str) and len(value) <= 32:
        return _parse_shown(value)
    return None


def _parse_shown(text: str) -> int | None:
    shown = _SHOWN.fullmatch(unicodedata.normalize("NFKC", text).translate(_TRADITIONAL).strip())
    if shown is None:
        return None
    factor = _UNITS[shown["unit"].lower()] if shown["unit"] else 1
    fraction = shown["fraction"] or ""
    scale = 10 ** max(len(fraction) - 1, 0)
    count = int(shown["digits"].replace(",", "") + fraction[1:]) * factor // scale
    return count if count <= COUNT_LIMIT else None
