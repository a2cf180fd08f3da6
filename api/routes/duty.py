"""Who is on duty: rosters, what stands in for them, calendars in and out."""

from datetime import UTC, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from msgspec.structs import replace

from alerts import calendars
from alerts.duty import Gap, Stint, check_roster, gaps, stints, swapped
from alerts.escalation import People
from api.auth import Caller
from api.office import fresh, people, save
from api.office_views import (
    CoverBody,
    DutyView,
    GapView,
    Imported,
    OnDuty,
    RosterBody,
    RosterView,
    StintView,
)
from api.parts import Parts
from api.requests import CallerOf, Id, PartsOf
from api.times import zoned, zoned_if
from api.wire import MAX_RECORD, Json, answers, body, gives, read_body, reads, takes
from core.errors import NotFound, Refused
from core.records import Cover, Roster

router = APIRouter(prefix="/api/v1", tags=["office"])
AHEAD = timedelta(days=14)
MOST_COVERS = 5_000
SHIFTS = [
    {"id": "day", "begin": "08:30", "end": "17:30", "days": ["workday"], "members": ["m1", "m2"], "rotate": "weekly",
     "since": "2026-01-05"},
    {"id": "night", "begin": "17:30", "end": "08:30", "days": ["workday"], "members": ["m3"]},
    {"id": "holiday", "begin": "08:30", "end": "08:30", "days": ["dayoff"], "members": ["m1", "m2", "m3"],
     "rotate": "daily", "since": "2026-01-05"},
]  # fmt: skip
COVER = {
    "since": "2026-02-17T00:30:00Z",
    "until": "2026-02-17T09:30:00Z",
    "members": ["m2"],
    "instead_of": "m1",
    "why": "换班",
}
ICS = "text/calendar"
Since = Annotated[datetime | None, Query(description="Begin of the span; absent: now.")]
Until = Annotated[datetime | None, Query(description="End of the span; absent: two weeks later.")]


@router.get("/duty", summary="Who is on duty", **answers(DutyView, "Of every unit that has a roster."))
def duty(parts: PartsOf, at: Annotated[datetime | None, Query(description="Absent: now.")] = None) -> Json:
    office, moment = people(parts), zoned_if(at) or parts.now()
    items = [_on_duty(office, unit.id, moment) for unit in office.units.values() if unit.id in office.rosters]
    named = {m for one in items for m in one.members}
    return Json(
        DutyView(
            at=moment,
            items=items,
            names={m: office.members[m].name for m in sorted(named) if m in office.members},
            without_roster=[unit for unit in office.units if unit not in office.rosters],
        )
    )


def _on_duty(office: People, unit: str, at: datetime) -> OnDuty:
    planned = stints(office.rosters[unit], at, at + AHEAD, office.zone)
    now = [stint.until.astimezone(UTC) for stint in planned if stint.since <= at]
    missing = gaps(planned, at, at + AHEAD, _present(office, unit))
    return OnDuty(
        unit=unit,
        name=office.units[unit].name,
        members=office.on_duty(unit, at),
        until=min(now, default=None),
        next_gap=_gap(missing[0]) if missing else None,
    )


@router.get("/rosters/{id_}", summary="The roster of a unit", **answers(RosterView, "With its plan and its gaps."))
def roster(parts: PartsOf, id_: Id, since: Since = None, until: Until = None) -> Json:
    office = people(parts)
    found = _roster(office, id_)
    begin, end = _span(parts, since, until)
    planned = stints(found, begin, end, office.zone)
    missing = gaps(planned, begin, end, _present(office, id_))
    return Json(RosterView(roster=found, plan=list(map(_stint, planned)), gaps=list(map(_gap, missing))))


@router.put(
    "/rosters/{id_}",
    summary="Write the roster of a unit",
    openapi_extra=takes(RosterBody, {"shifts": SHIFTS}),
    **answers(RosterView, "With its plan and its gaps of the next two weeks."),
)
def write(parts: PartsOf, caller: CallerOf, id_: Id, given: Annotated[RosterBody, Depends(body(RosterBody))]) -> Json:
    office = people(parts)
    old = _roster(office, id_)
    expected = fresh(parts, given.version, office.rosters.get(id_))
    covers = old.covers if given.covers is None else given.covers
    made = replace(old, shifts=given.shifts, covers=covers, version=expected + 1)
    check_roster(made, _of_unit(office, id_))
    save(parts, caller, made, expected, given.why)
    return roster(parts, id_)


@router.post(
    "/rosters/{id_}/covers",
    summary="Swap, stand in, plan a holiday",
    openapi_extra=takes(CoverBody, COVER),
    **answers(Roster, "The roster.", 201),
)
def cover(parts: PartsOf, caller: CallerOf, id_: Id, given: Annotated[CoverBody, Depends(body(CoverBody))]) -> Json:
    office = people(parts)
    old = _roster(office, id_)
    expected = fresh(parts, given.version, office.rosters.get(id_))
    made = Cover(
        id="v" + parts.new_id()[:12],
        since=zoned(given.since),
        until=zoned(given.until),
        members=given.members,
        instead_of=given.instead_of,
        kind=given.kind,
        who=caller.name,
        why=given.why,
    )
    check_roster(replace(old, covers=(made,)), _of_unit(office, id_))
    changed = swapped(replace(old, version=expected), made, office.zone)
    if len(changed.covers) > MOST_COVERS:
        raise Refused("too_many_covers", f"A roster has at most {MOST_COVERS} covers: take out those of past years.")
    save(parts, caller, changed, expected, given.why)
    return Json(changed, 201)


@router.delete("/rosters/{id_}/covers/{cover}", summary="Take a cover out", **answers(Roster, "The roster."))
def uncover(parts: PartsOf, caller: CallerOf, id_: Id, cover: str) -> Json:
    office = people(parts)
    old = _roster(office, id_)
    left = tuple(one for one in old.covers if one.id != cover)
    if len(left) == len(old.covers):
        raise NotFound(f"There is no cover {cover} in the roster of {id_}.")
    changed = replace(old, covers=left, version=old.version + 1)
    save(parts, caller, changed, old.version, f"cover {cover} taken out")
    return Json(changed)


@router.get("/rosters/{id_}/calendar.ics", summary="The plan as iCalendar", **gives("The plan.", ICS))
def calendar(parts: PartsOf, id_: Id, since: Since = None, until: Until = None) -> Response:
    office = people(parts)
    begin, end = _span(parts, since, until)
    planned = stints(_roster(office, id_), begin, end, office.zone)
    names = {member.id: member.name for member in office.members.values()}
    text = calendars.written(planned, names, f"{office.units[id_].name} 值班", parts.now())
    return Response(text, media_type=ICS)


@router.post(
    "/rosters/{id_}/calendar",
    summary="Take a calendar over",
    openapi_extra=reads(ICS),
    **answers(Imported, "Its events are covers now."),
)
async def take_over(
    request: Request, parts: PartsOf, caller: CallerOf, id_: Id, since: Since = None, until: Until = None
) -> Json:
    """Events in the span become covers, each in the place of what the shifts say; those of earlier imports there go."""
    data = await read_body(request, MAX_RECORD)
    return Json(await run_in_threadpool(_taken_over, parts, caller, id_, data, since, until))


def _taken_over(
    parts: Parts, caller: Caller, id_: str, data: bytes, since: datetime | None, until: datetime | None
) -> Imported:
    office = people(parts)
    old = _roster(office, id_)
    span = _span(parts, since, until)
    names = {m.name: m.id for m in office.members.values() if m.unit == id_ and not m.disabled}
    covers = [replace(one, who=caller.name) for one in calendars.read(data, names, span, ZoneInfo(parts.time_zone))]
    kept = tuple(c for c in old.covers if c.kind != "import" or c.until <= span[0] or c.since >= span[1])
    expected = fresh(parts, None, office.rosters.get(id_))
    changed = replace(old, covers=(*kept, *covers), version=expected + 1)
    save(parts, caller, changed, expected, "calendar")
    return Imported(added=len(covers), replaced=len(old.covers) - len(kept), roster=changed)


def _roster(office: People, unit: str) -> Roster:
    if unit not in office.units:
        raise NotFound(f"There is no unit {unit}.")
    return office.rosters.get(unit) or Roster(id=unit, jurisdiction=office.units[unit].jurisdiction, version=0)


def _of_unit(office: People, unit: str) -> set[str]:
    return {m.id for m in office.members.values() if m.unit == unit}


def _present(office: People, unit: str) -> set[str]:
    return {m.id for m in office.members.values() if not m.disabled}


def _span(parts: Parts, since: datetime | None, until: datetime | None) -> tuple[datetime, datetime]:
    begin = zoned_if(since) or parts.now()
    end = zoned_if(until) or begin + AHEAD
    if not begin < end <= begin + timedelta(days=366):
        raise Refused("bad_span", "The span ends after it begins, and within a year.")
    return begin, end


def _stint(stint: Stint) -> StintView:
    return StintView(
        since=stint.since.astimezone(UTC),
        until=stint.until.astimezone(UTC),
        members=stint.members,
        shift=stint.shift,
        assumed=stint.assumed,
    )


def _gap(gap: Gap) -> GapView:
    return GapView(since=gap.since.astimezone(UTC), until=gap.until.astimezone(UTC))
