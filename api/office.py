"""What handlers of the office share: how it stands, and how a change of it is saved with its audit row."""

from zoneinfo import ZoneInfo

from msgspec.structs import replace

from alerts.escalation import People
from alerts.office import people_of
from api.auth import Caller
from api.parts import Parts
from api.stale import since, stale
from core.clock import derived_id
from core.effects import Change, Effects, Keep
from core.errors import Conflict
from core.records import AuditRow, Chain, Draft, FactCard, Member, Roster, Silence, Unit
from core.storage.office import KINDS

Kept = Unit | Member | Roster | Chain | Silence | FactCard | Draft
MOST_KEPT = 5_000


def people(parts: Parts) -> People:
    """The office as it stands."""
    return people_of(parts.policy, parts.storage.store, ZoneInfo(parts.time_zone))


def fresh(parts: Parts, expected: int | None, found: Kept | None) -> int:
    """The version that a change is made over, 0 when it is not there yet.

    A Problem that says who was first (`stale`) when the caller saw another one.
    """
    there = found.version if found is not None else 0
    if expected is not None and expected != there:
        happened = since(parts.storage.store.audit(_object(found)), expected) if found is not None else []
        raise stale(_object(found) if found is not None else "The object", expected, there, happened)
    return there


def audit_row(parts: Parts, caller: Caller, object_: str, action: str, why: str, version: int) -> AuditRow:
    """Who changed what of the office; its id follows from the object and its version."""
    id_ = derived_id("audit", object_, str(version), action)
    detail: dict[str, str | int | float] = {"version": version}
    return AuditRow(id=id_, object=object_, at=parts.now(), who=caller.name, action=action, why=why, detail=detail)


def save(parts: Parts, caller: Caller, thing: Kept, expected: int, why: str, *also: Change) -> None:
    """Write an object over the version `expected`, with its audit row, in one commit.

    A Problem that says who was first (`stale`) when somebody wrote it between reading and writing.
    """
    kind = _kind(thing)
    action = f"{kind}.{'added' if expected == 0 else 'changed'}"
    if getattr(thing, "disabled", False) or getattr(thing, "withdrawn", False):
        action = f"{kind}.disabled"
    row = audit_row(parts, caller, _object(thing), action, why, thing.version)
    try:
        parts.storage.commit(Effects(changes=[Keep(thing, expected), row, *also]))
    except Conflict as error:
        happened = since(parts.storage.store.audit(_object(thing)), expected)
        if not happened:
            raise
        raise stale(_object(thing), expected, happened[-1].version, happened) from error


def _kind(thing: Kept) -> str:
    return KINDS.get(type(thing), type(thing).__name__.lower())


def _object(thing: Kept) -> str:
    """What the audit calls it."""
    return f"{_kind(thing)}:{thing.id}"


def disabled(thing: Unit | Member | Chain) -> Unit | Member | Chain:
    """The object, used no more."""
    return replace(thing, disabled=True, version=thing.version + 1)
