"""Units in three tiers, and the people in them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from msgspec.structs import replace

from alerts.office import check_unit
from api.office import disabled, fresh, people, save
from api.office_views import MemberBody, MemberList, OfficeUnit, OfficeUnitList, UnitBody
from api.requests import CallerOf, Id, Jurisdiction, PartsOf
from api.wire import Json, answers, body, takes
from core.errors import Conflict, NotFound, Refused
from core.records import Member, Unit

router = APIRouter(prefix="/api/v1", tags=["office"])
UNIT = {"id": "water", "name": "区水务局", "tier": "district", "places": ["990100"], "domains": ["城乡建设"]}
MEMBER = {"unit": "water", "name": "值班员甲", "user": "jia", "handles": {"wecom": "jia01"}}
HANDLES = frozenset({"wecom", "dingtalk", "mobile", "feishu"})


@router.get("/units", summary="Units that handle", **answers(OfficeUnitList, "Those of the policy and of the office."))
def units(parts: PartsOf, jurisdiction: Jurisdiction = None) -> Json:
    office, kept = people(parts), {unit.id for unit in parts.storage.store.kept(Unit)}
    number: dict[str, int] = {}
    for member in office.members.values():
        number[member.unit] = number.get(member.unit, 0) + (not member.disabled)
    items = [
        OfficeUnit(unit=u, members=number.get(u.id, 0), origin="office" if u.id in kept else "policy")
        for u in office.units.values()
        if jurisdiction is None or u.jurisdiction == jurisdiction
    ]
    return Json(OfficeUnitList(items=items))


@router.post("/units", summary="A new unit", openapi_extra=takes(UnitBody, UNIT), **answers(Unit, "The unit.", 201))
def add_unit(parts: PartsOf, caller: CallerOf, given: Annotated[UnitBody, Depends(body(UnitBody))]) -> Json:
    office = people(parts)
    unit = _unit(given.id or "u" + parts.new_id()[:12], given, parts.intake.admission.jurisdiction)
    if unit.id in office.units:
        raise Conflict(f"There is a unit {unit.id} already.")
    check_unit(unit, office)
    # one that was disabled may come back under its id
    old = parts.storage.store.kept_one(Unit, unit.id)
    expected = old.version if old else 0
    unit = replace(unit, version=expected + 1)
    save(parts, caller, unit, expected, given.why)
    return Json(unit, 201)


@router.put("/units/{id_}", summary="Change a unit", openapi_extra=takes(UnitBody, UNIT), **answers(Unit, "The unit."))
def change_unit(parts: PartsOf, caller: CallerOf, id_: Id, given: Annotated[UnitBody, Depends(body(UnitBody))]) -> Json:
    """One of the policy's files is kept here from then on, and holds over the file."""
    office = people(parts)
    known = office.units.get(id_)
    if known is None:
        raise NotFound(f"There is no unit {id_}.")
    if given.id not in (None, id_):
        raise Refused("id_stays", "The id of a unit cannot be changed.")
    expected = _seen(parts, parts.storage.store.kept_one(Unit, id_), known, given.version)
    unit = replace(_unit(id_, given, known.jurisdiction), version=expected + 1)
    check_unit(unit, office)
    save(parts, caller, unit, expected, given.why)
    return Json(unit)


@router.delete("/units/{id_}", summary="Use a unit no more", **answers(Unit, "The unit, disabled."))
def remove_unit(parts: PartsOf, caller: CallerOf, id_: Id) -> Json:
    """Cases that it has stay its; nothing new is routed to it."""
    office = people(parts)
    known = office.units.get(id_)
    if known is None:
        raise NotFound(f"There is no unit {id_}.")
    kept = parts.storage.store.kept_one(Unit, id_)
    expected = kept.version if kept else 0
    unit = replace(known, disabled=True, version=expected + 1)
    save(parts, caller, unit, expected, "")
    return Json(unit)


def _seen(parts: PartsOf, kept: Unit | None, known: Unit, version: int | None) -> int:
    """The stored version; a unit of a file shows version 1 and is stored as 0."""
    if kept is None:
        if version not in (None, known.version):
            raise Conflict(f"It is at version {known.version}, not {version}: look at it again.")
        return 0
    return fresh(parts, version, kept)


def _unit(id_: str, given: UnitBody, jurisdiction: str) -> Unit:
    if not 1 <= len(id_) <= 60 or not id_.isprintable() or any(char in id_ for char in "/?#% :"):
        raise Refused("bad_id", "An id has 1 to 60 characters, and none of / ? # % : or a blank.")
    return Unit(
        id=id_,
        name=given.name,
        tier=given.tier,
        jurisdiction=jurisdiction if given.jurisdiction is None else given.jurisdiction,
        places=given.places,
        domains=given.domains,
        lead=given.lead,
        parent=given.parent,
        head=given.head,
    )


@router.get("/members", summary="People of the units", **answers(MemberList, "By id."))
def members(
    parts: PartsOf, unit: Annotated[str | None, Query(max_length=80, description="Of this unit only.")] = None
) -> Json:
    found = parts.storage.store.kept(Member)
    return Json(MemberList(items=[m for m in found if (m.unit == unit if unit else not m.disabled)]))


@router.post(
    "/members", summary="A new member", openapi_extra=takes(MemberBody, MEMBER), **answers(Member, "The member.", 201)
)
def add_member(parts: PartsOf, caller: CallerOf, given: Annotated[MemberBody, Depends(body(MemberBody))]) -> Json:
    member = _member(parts, "m" + parts.new_id()[:12], given)
    save(parts, caller, member, 0, given.why)
    return Json(member, 201)


@router.put(
    "/members/{id_}",
    summary="Change a member",
    openapi_extra=takes(MemberBody, MEMBER),
    **answers(Member, "The member."),
)
def change_member(
    parts: PartsOf, caller: CallerOf, id_: Id, given: Annotated[MemberBody, Depends(body(MemberBody))]
) -> Json:
    found = _found(parts, id_)
    expected = fresh(parts, given.version, found)
    member = replace(_member(parts, id_, given), version=expected + 1)
    save(parts, caller, member, expected, given.why)
    return Json(member)


@router.delete("/members/{id_}", summary="Tell a member no more", **answers(Member, "The member, disabled."))
def remove_member(parts: PartsOf, caller: CallerOf, id_: Id) -> Json:
    """He stays in rosters that name him; times in which only he is on duty become gaps."""
    found = _found(parts, id_)
    member = disabled(found)
    save(parts, caller, member, found.version, "")
    return Json(member)


def _found(parts: PartsOf, id_: str) -> Member:
    found = parts.storage.store.kept_one(Member, id_)
    if found is None:
        raise NotFound(f"There is no member {id_}.")
    return found


def _member(parts: PartsOf, id_: str, given: MemberBody) -> Member:
    unit = people(parts).units.get(given.unit)
    if unit is None:
        raise Refused("no_such_unit", f"There is no unit {given.unit}.")
    if not given.name.strip():
        raise Refused("no_name", "A member has a name.")
    unknown = sorted(set(given.handles) - HANDLES)
    if unknown:
        raise Refused("bad_handle", f"{unknown[0]!r} is no platform; these are: {', '.join(sorted(HANDLES))}.")
    if given.user is not None and parts.storage.store.user(given.user) is None:
        raise Refused("no_such_user", f"Nobody logs in by the name {given.user}.")
    return Member(
        id=id_,
        unit=unit.id,
        jurisdiction=unit.jurisdiction,
        name=given.name.strip(),
        user=given.user,
        handles=given.handles,
    )
