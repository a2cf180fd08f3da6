"""Bodies and answers about notices. Their fields are the API's promise."""

from datetime import datetime

from msgspec import Struct

from alerts.notices.explain import Explained
from alerts.notices.plan import Plan
from core.records import Silence


class PlanView(Struct, frozen=True, kw_only=True):
    """The steps that every notice passes, in order, and what they go by."""

    steps: list[str]
    plan: Plan


class NoticeSteps(Struct, frozen=True, kw_only=True):
    """Notices of a case that wait, and one that would be (its id is `would-be`), each with what the steps decide at `at`."""

    at: datetime
    items: list[Explained]


class SilenceBody(Struct, kw_only=True, forbid_unknown_fields=True):
    """What is silenced (all that is named must fit; places are prefixes of codes), until when, and why."""

    until: datetime
    why: str
    since: datetime | None = None
    jurisdiction: str = ""
    cases: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    levels: tuple[int, ...] = ()
    domains: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


class SilenceList(Struct, frozen=True, kw_only=True):
    """Silences, the one that ends last first."""

    items: list[Silence]
