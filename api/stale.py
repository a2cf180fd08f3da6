"""Who was first: the refusal of a change over a version that is not the present one."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct

from api.problems import Problem
from core.records import AuditRow


class Happened(Struct, frozen=True, kw_only=True):
    """A change that somebody else made, and the version that it led to."""

    at: datetime
    who: str
    action: str
    why: str
    version: int


def stale(what: str, seen: int, present: int, happened: Sequence[Happened], status: int = 409) -> Problem:
    """`what` is at version `present` and not at the one that was `seen`."""
    detail = f"{what} is at version {present}, not {seen}: look at what happened, then decide again."
    return Problem(status, "stale", detail, version=present, happened=happened)


def since(rows: Iterable[AuditRow], seen: int) -> list[Happened]:
    """The changes after that version, of the rows of one object."""
    pairs = ((row, _version(row)) for row in rows)
    return [
        Happened(at=r.at, who=r.who, action=r.action, why=r.why, version=version)
        for r, version in pairs
        if version > seen
    ]


def _version(row: AuditRow) -> int:
    """The version that a change made; 0 for what makes none (a draft of a case, which counts its own)."""
    version = 0 if "draft" in row.detail else row.detail.get("version", 0)
    return version if isinstance(version, int) else 0
