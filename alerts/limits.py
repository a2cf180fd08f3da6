"""How lengths of time are written in policy: `48h`, `7d` (natural time) or `20wd` (China's working days)."""

import re
from datetime import timedelta

LIMIT = re.compile(r"([1-9]\d*)(h|d|wd)")
DIGITS = 4
"""No number of a limit is longer."""
LONGEST = {"h": 24 * 366, "d": 366, "wd": 250}
"""No limit is longer than a year."""


def parsed(limit: str) -> tuple[int, str]:
    """Number and unit; `ValueError` for what is no limit."""
    match = LIMIT.fullmatch(limit)
    if match is None:
        raise ValueError(f"{limit!r} is no limit; write 48h, 7d or 20wd")
    if len(match[1]) > DIGITS or int(match[1]) > LONGEST[match[2]]:
        raise ValueError(f"{limit!r} is longer than a year")
    return int(match[1]), match[2]


def natural(limit: str) -> timedelta:
    """The length of a limit in natural time; `ValueError` for one in working days."""
    number, unit = parsed(limit)
    if unit == "wd":
        raise ValueError(f"{limit!r} counts working days, and this is natural time: write 24h or 2d")
    return timedelta(hours=number) if unit == "h" else timedelta(days=number)


def workdays(limit: str) -> int:
    """The number of working days of a limit; `ValueError` for one in natural time."""
    number, unit = parsed(limit)
    if unit != "wd":
        raise ValueError(f"{limit!r} is natural time, and this counts working days: write 20wd")
    return number
