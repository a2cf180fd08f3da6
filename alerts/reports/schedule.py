"""Which scheduled reports are due: a table (`reports.yaml`), of which an office has its own in its policy folder."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from alerts.reports.words import LANGUAGES
from core.tables import mistake, read_rows

DEFAULT = Path(__file__).parent.parent / "data" / "reports.yaml"
LOOK_BACK = timedelta(days=32)
"""What should have been made longer ago, while nothing ran, is not made up for."""


class Plan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A report that is made by itself at `hour` (0 to 23, of the office's zone): each day, on `weekday` (1 Monday to 7), or on
    the first of a month."""

    kind: Literal["daily", "weekly", "monthly"]
    hour: int = 8
    weekday: int = 1
    lang: str = LANGUAGES[0]


def load_plans(own: Path | None) -> list[Plan]:
    """The office's table, else the default. Raises `ConfigurationError` that names the line of a wrong one."""
    path = own if own is not None and own.exists() else DEFAULT
    rows = read_rows(path, Plan, "reports")
    for line, plan in rows:
        if not (0 <= plan.hour <= 23 and 1 <= plan.weekday <= 7 and plan.lang in LANGUAGES):
            raise mistake(path, line, "hour is 0 to 23, weekday 1 (Monday) to 7, lang one of " + ", ".join(LANGUAGES))
    return [plan for _, plan in rows]


def last_due(plan: Plan, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The last moment up to `now` at which the report was to be made; None when that is too long ago."""
    return next((at for at in _moments(plan, now, zone) if at <= now), None)


def _moments(plan: Plan, now: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Newest first."""
    day = now.astimezone(zone).replace(hour=plan.hour, minute=0, second=0, microsecond=0)
    for back in range(LOOK_BACK.days):
        at = day - timedelta(days=back)
        if _is_day(plan, at):
            yield at


def _is_day(plan: Plan, at: datetime) -> bool:
    if plan.kind == "weekly":
        return at.isoweekday() == plan.weekday
    return plan.kind == "daily" or at.day == 1
