"""Who handles and who is told: units, their members, duty rosters, escalation chains and silences. Edited by people.

`version` grows by one with every saved change (optimistic concurrency). Nothing is deleted: what is `disabled` is used no
more, and what cases, drafts and the audit say of it stays readable.
"""

from datetime import date, datetime
from typing import Literal

from msgspec import Struct

Tier = Literal["district", "street", "community"]


class Unit(Struct, frozen=True, kw_only=True):
    """A unit that handles. `jurisdiction` empty: of every jurisdiction; `lead` coordinates and takes what no other does.

    `places` are codes (prefixes: a street's code holds its communities); `parent` is the unit one tier above, `head` the
    member who answers for it.
    """

    id: str
    name: str
    tier: Tier
    jurisdiction: str
    places: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    lead: bool = False
    parent: str | None = None
    head: str | None = None
    disabled: bool = False
    version: int = 1


class Member(Struct, frozen=True, kw_only=True):
    """A person of a unit. `user` is the name that he logs in by; `handles` is how a platform calls him in a group chat.

    Keys of `handles`: `wecom` (user id), `dingtalk` (user id, or `mobile` for the telephone number), `feishu` (open id).
    """

    id: str
    unit: str
    name: str
    jurisdiction: str = ""
    user: str | None = None
    handles: dict[str, str] = {}
    disabled: bool = False
    version: int = 1


class Shift(Struct, frozen=True, kw_only=True):
    """A time of duty that comes back. `begin` and `end` are `HH:MM` of the office's zone; an end that is not later is of the
    next day.

    `days` are weekdays (`mon` to `sun`), `workday` and `dayoff` (by China's calendar, so that a Saturday that was swapped
    is a workday); empty is every day. With `rotate` `daily` or `weekly` one of `members` is on duty, counted from `since`
    (a weekly turn begins on the weekday of `since`); `together`: all are.
    """

    id: str
    begin: str
    end: str
    members: tuple[str, ...]
    name: str = ""
    days: tuple[str, ...] = ()
    rotate: Literal["together", "daily", "weekly"] = "together"
    since: date | None = None


class Cover(Struct, frozen=True, kw_only=True):
    """Who is on duty instead, from `since` until `until` (exclusive).

    With `instead_of`, `members` stand in for that member alone where he would be on duty (a swap, a leave); without, they
    are on duty whatever the shifts say (a holiday plan, an imported calendar), and nobody is when there are none.
    """

    id: str
    since: datetime
    until: datetime
    members: tuple[str, ...]
    instead_of: str | None = None
    kind: Literal["swap", "leave", "holiday", "import"] = "swap"
    who: str = ""
    why: str = ""


class Roster(Struct, frozen=True, kw_only=True):
    """The duty plan of a unit; `id` is the unit's. Later covers win over earlier ones."""

    id: str
    jurisdiction: str = ""
    shifts: tuple[Shift, ...] = ()
    covers: tuple[Cover, ...] = ()
    version: int = 1


class Step(Struct, frozen=True, kw_only=True):
    """Whom to tell when nobody has acknowledged `wait_minutes` after the step before (the first: after the case opened).

    `duty`: on duty of the responsible unit; `head`: who answers for it; `parent`: on duty one tier above; `lead`: on duty of
    the coordinator; `member`: that member.
    """

    wait_minutes: int
    to: Literal["duty", "head", "parent", "lead", "member"]
    member: str | None = None


class Chain(Struct, frozen=True, kw_only=True):
    """Who is told in which order until somebody acknowledges. Of the chains that fit a case, the one that names most holds.

    `jurisdiction`, `units` and `domains` empty: of all. `repeats`: how often the last step is said again, after the same wait.
    """

    id: str
    name: str
    steps: tuple[Step, ...]
    jurisdiction: str = ""
    units: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    levels: tuple[int, ...] = (1, 2, 3, 4)
    repeats: int = 0
    disabled: bool = False
    version: int = 1


class Silence(Struct, frozen=True, kw_only=True):
    """Messages about what fits are kept back from `since` until `until`. All that is named must fit; `places` are prefixes."""

    id: str
    since: datetime
    until: datetime
    who: str
    why: str
    jurisdiction: str = ""
    cases: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    levels: tuple[int, ...] = ()
    domains: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    version: int = 1


OfficeObject = Unit | Member | Roster | Chain | Silence
