"""Bodies and answers about units, members, duty and chains. Their fields are the API's promise."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from core.records import Chain, Cover, Member, Reason, Roster, Shift, Step, Unit
from core.records.office import Tier


class Change(Struct, kw_only=True, forbid_unknown_fields=True):
    """`why` goes into the audit; `version`, when given, must be the object's present one."""

    why: str = ""
    version: int | None = None


class UnitBody(Change, kw_only=True, forbid_unknown_fields=True):
    """A unit. `jurisdiction` absent: the office's own; `id` only when it is made (absent: one is made up)."""

    name: str
    tier: Tier
    id: str | None = None
    jurisdiction: str | None = None
    places: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    lead: bool = False
    parent: str | None = None
    head: str | None = None


class OfficeUnit(Struct, frozen=True, kw_only=True):
    """A unit, how many members it has, and whether it stands in a file of the policy only (`policy`) or is kept here."""

    unit: Unit
    members: int
    origin: Literal["policy", "office"]


class OfficeUnitList(Struct, frozen=True, kw_only=True):
    """All units that are used."""

    items: list[OfficeUnit]


class MemberBody(Change, kw_only=True, forbid_unknown_fields=True):
    """A person of a unit; keys of `handles` are `wecom`, `dingtalk`, `mobile` and `feishu`."""

    unit: str
    name: str
    user: str | None = None
    handles: dict[str, str] = {}


class MemberList(Struct, frozen=True, kw_only=True):
    """Members, disabled ones only when asked for by unit."""

    items: list[Member]


class RosterBody(Change, kw_only=True, forbid_unknown_fields=True):
    """The shifts of a unit, all of them; covers stay as they are unless they are given."""

    shifts: tuple[Shift, ...] = ()
    covers: tuple[Cover, ...] | None = None


class CoverBody(Change, kw_only=True, forbid_unknown_fields=True):
    """Who is on duty instead; see Cover."""

    since: datetime
    until: datetime
    members: tuple[str, ...]
    instead_of: str | None = None
    kind: Literal["swap", "leave", "holiday"] = "swap"


class StintView(Struct, frozen=True, kw_only=True):
    """A stretch of time and who is on duty in it; `assumed`: the year's calendar is not published yet."""

    since: datetime
    until: datetime
    members: tuple[str, ...]
    shift: str
    assumed: bool = False


class GapView(Struct, frozen=True, kw_only=True):
    """A stretch of time in which nobody of the unit is on duty."""

    since: datetime
    until: datetime


class RosterView(Struct, frozen=True, kw_only=True):
    """The roster of a unit, the plan that follows from it in the span, and its gaps."""

    roster: Roster
    plan: list[StintView]
    gaps: list[GapView]


class OnDuty(Struct, frozen=True, kw_only=True):
    """Who of a unit is on duty, until when, and when nobody will be; `unit` has a roster or a lead's duty."""

    unit: str
    name: str
    members: tuple[str, ...]
    until: datetime | None
    next_gap: GapView | None


class DutyView(Struct, frozen=True, kw_only=True):
    """Duty at a time; `names` of all members that occur; `without_roster` are units that have no plan at all."""

    at: datetime
    items: list[OnDuty]
    names: dict[str, str]
    without_roster: list[str]


class Imported(Struct, frozen=True, kw_only=True):
    """What a calendar became: covers added and those of earlier imports in that span that they replaced."""

    added: int
    replaced: int
    roster: Roster


class ChainBody(Change, kw_only=True, forbid_unknown_fields=True):
    """An escalation chain; see Chain."""

    name: str
    steps: tuple[Step, ...]
    jurisdiction: str = ""
    units: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    levels: tuple[int, ...] = (1, 2, 3, 4)
    repeats: int = 0


class ChainList(Struct, frozen=True, kw_only=True):
    """Chains, and the one that holds where none fits."""

    items: list[Chain]
    default: Chain


class Candidate(Struct, frozen=True, kw_only=True):
    """A unit that could answer, and why; `score` orders candidates, it is no probability."""

    unit: str
    name: str
    role: Literal["lead", "support", "possible"]
    score: float
    reasons: list[Reason]


class RoutingView(Struct, frozen=True, kw_only=True):
    """Who should answer, best first, and who does now."""

    unit: str | None
    support: tuple[str, ...]
    coordinator: str | None
    candidates: list[Candidate]


class SettingView(Struct, frozen=True, kw_only=True):
    """`name` is the variable that sets it, `usual` what holds without. Of a `secret` only whether it is there is told."""

    name: str
    value: str
    usual: str
    secret: bool


class SettingList(Struct, frozen=True, kw_only=True):
    """In the order of `huiying.env.example`."""

    version: str
    items: list[SettingView]
