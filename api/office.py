"""What handlers of the office share: how it stands, and how a change of it is saved with its audit row."""

from zoneinfo import ZoneInfo

from msgspec.structs import replace

from alerts.escalation import People
from alerts.office import people_of
from api.auth import Caller
from api.parts import Parts
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


def fresh(expected: int | None, found: Kept | None) -> int:
    """The version that a change is made over; `Conflict` when the caller saw another one. 0: it is not there yet."""
    there = found.version if found is not None else 0
    if expected is not None and expected != there:
        raise Conflict(f"It is at version {there}, not {expected}: look at it again.")
    return there


def audit_row(parts: Parts, caller: Caller, object_: str, action: str, why: str, version: int) -> AuditRow:
    """Who changed what of the office; its id follows from the object and its version."""
    id_ = derived_id("audit", object_, str(version), action)
    detail: dict[str, str | int | float] = {"version": version}
    return AuditRow(id=id_, object=object_, at=parts.now(), who=caller.name, action=action, why=why, detail=detail)


def save(parts: Parts, caller: Caller, thing: Kept, expected: int, why: str, *also: Change) -> None:
    """Write an object over the version `expected`, with its audit row, in one commit."""
    kind = KINDS.get(type(thing), type(thing).__name__.lower())
    action = f"{kind}.{'added' if expected == 0 else 'changed'}"
    if getattr(thing, "disabled", False) or getattr(thing, "withdrawn", False):
        action = f"{kind}.disabled"
    row = audit_row(parts, caller, f"{kind}:{thing.id}", action, why, thing.version)
    parts.storage.commit(Effects(changes=[Keep(thing, expected), row, *also]))


def disabled(thing: Unit | Member | Chain) -> Unit | Member | Chain:
    """The object, used no more."""
    return replace(thing, disabled=True, version=thing.version + 1)
