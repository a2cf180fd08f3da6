"""How people are told, as data: routes, quiet hours, inhibition, throttle."""

from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec
import yaml
from msgspec import Struct

from core.errors import ConfigurationError

SHIPPED = Path(__file__).parent.parent / "data" / "notices.yaml"
Label = Literal["case", "event", "unit", "jurisdiction", "domain", "place", "level"]
Shared = Literal["unit", "jurisdiction", "domain", "place", "level"]
"""What two cases can have in common."""


class Route(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which notices are told together, and when. `levels` and `events` empty: all."""

    id: str
    group_by: tuple[Label, ...]
    levels: tuple[int, ...] = ()
    events: tuple[str, ...] = ()
    wait_s: int = 0
    interval_s: int = 0
    repeat_s: int = 0
    digest: tuple[str, ...] = ()


class Quiet(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hours in which only the gravest is told; the same begin and end: none."""

    since: str
    until: str
    but_levels: tuple[int, ...] = (1,)
    but_events: tuple[str, ...] = ()


class Inhibition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """While a case is open, another one waits that is the `same` in these and milder; with `parts_of_place` one that lies in a
    part of its place, and with `not_graver` is not graver. So no two keep each other back.
    """

    id: str
    same: tuple[Shared, ...]
    parts_of_place: bool = False
    not_graver: bool = True


class Throttle(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So many messages a channel takes in so many seconds."""

    messages: int
    in_s: int


class Plan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of it."""

    routes: tuple[Route, ...]
    quiet: Quiet
    inhibit: tuple[Inhibition, ...] = ()
    throttle: Throttle = Throttle(messages=18, in_s=60)
    ack_hours: int = 24

    def route(self, event: str, level: int) -> Route:
        """The first route that fits; the last takes what no other does."""
        for route in self.routes:
            if (not route.levels or level in route.levels) and (not route.events or event in route.events):
                return route
        return self.routes[-1]


def load_plan(*directories: Path) -> Plan:
    """The plan of the last directory that has one, else the shipped one; `ConfigurationError` names the file."""
    path = next((d / "notices.yaml" for d in reversed(directories) if (d / "notices.yaml").exists()), SHIPPED)
    try:
        plan = msgspec.convert(yaml.safe_load(path.read_text("utf-8")), Plan)
        for text in (plan.quiet.since, plan.quiet.until, *(t for r in plan.routes for t in r.digest)):
            time.fromisoformat(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigurationError(f"{path}, line {line}: {error.problem}") from error
    except (OSError, ValueError, TypeError) as error:
        raise ConfigurationError(f"{path}: {error}") from error
    if not plan.routes or plan.throttle.messages < 1 or plan.throttle.in_s < 1 or plan.ack_hours < 1:
        raise ConfigurationError(f"{path}: there is at least one route, and no limit is below 1")
    return plan


def is_quiet(quiet: Quiet, at: datetime, zone: ZoneInfo) -> bool:
    """Whether that time lies in the quiet hours."""
    now, since, until = (at.astimezone(zone).time(), *map(time.fromisoformat, (quiet.since, quiet.until)))
    return since <= now < until if since <= until else now >= since or now < until


def next_digest(route: Route, after: datetime, zone: ZoneInfo) -> datetime:
    """The first time of day of the route's digest that is later than `after`."""
    local = after.astimezone(zone)
    times = sorted(time.fromisoformat(text) for text in route.digest)
    days = (local.date() + timedelta(days=n) for n in (0, 1))
    return next(at for day in days for t in times if (at := datetime.combine(day, t, zone)) > local)
