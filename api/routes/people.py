"""Who may log in: people, their role and unit, and one-time links for new ones. For administrators."""

from typing import Annotated

from fastapi import APIRouter, Depends

from api.auth import INVITE_TTL, issue
from api.parts import Parts
from api.people import change_person, log_out, person, row_of, sessions_of_person, setup_link, with_role
from api.people_views import Invitation, InviteBody, PersonBody, PersonList, PersonView
from api.requests import CallerOf, Id, PartsOf
from api.stale import since, stale
from api.wire import Json, answers, body, takes
from core.effects import Effects
from core.errors import Conflict, Refused
from core.records import AuditRow, User

router = APIRouter(prefix="/api/v1/people", tags=["people"])
INVITE = {"role": "responder", "unit": "housing", "why": "新到岗"}
CHANGE = {"role": "leader", "unit": "", "why": "调岗", "version": 1}


@router.get("", summary="Who may log in", **answers(PersonList, "By name, disabled ones too."))
def people(parts: PartsOf) -> Json:
    return Json(PersonList(items=[_view(parts, user) for user in parts.storage.store.users()]))


@router.post(
    "", summary="Invite a person", openapi_extra=takes(InviteBody, INVITE), **answers(Invitation, "Shown once.", 201)
)
def invite(parts: PartsOf, caller: CallerOf, given: Annotated[InviteBody, Depends(body(InviteBody))]) -> Json:
    """Whoever opens the link within three days chooses a name and a password."""
    _need_unit(parts, given.unit)
    now, unit = parts.now(), given.unit or None
    code, credential = issue("invite", "invite", given.role, now, INVITE_TTL, unit)
    detail: dict[str, str | int | float] = {"role": given.role.value, "unit": unit or ""}
    row = AuditRow(
        id=parts.new_id(), object="users", at=now, who=caller.name, action="user.invited", why=given.why, detail=detail
    )
    parts.storage.commit(Effects(changes=[credential, row]))
    made = Invitation(code=code, link=setup_link(parts.public_url, code), expires_at=now + INVITE_TTL)
    return Json(made, 201)


@router.put(
    "/{id_}",
    summary="Change a person's role or unit, or disable",
    openapi_extra=takes(PersonBody, CHANGE),
    **answers(PersonView, "The person, logged out everywhere."),
)
def change(parts: PartsOf, caller: CallerOf, id_: Id, given: Annotated[PersonBody, Depends(body(PersonBody))]) -> Json:
    """What is absent stays; an empty `unit` is the whole office."""
    before = person(parts.storage.store, id_)
    _need_version(parts, before, given.version)
    _need_unit(parts, given.unit)
    after = with_role(before, given.role, given.unit, disabled=given.disabled)
    row = row_of(after, "user.changed", caller.name, given.why, parts.now(), parts.new_id())
    try:
        change_person(parts.storage, before, after, row)
    except Conflict:
        _need_version(parts, person(parts.storage.store, id_), before.version)
        raise
    return Json(_view(parts, after))


@router.delete("/{id_}/sessions", summary="Log a person out everywhere", **answers(PersonView, "Logged out."))
def end_sessions(parts: PartsOf, caller: CallerOf, id_: Id) -> Json:
    found = person(parts.storage.store, id_)
    row = row_of(found, "user.logged_out", caller.name, "", parts.now(), parts.new_id())
    log_out(parts.storage, found, row)
    return Json(_view(parts, found))


def _view(parts: Parts, user: User) -> PersonView:
    sessions = len(sessions_of_person(parts.storage.store, user.name, parts.now()))
    return PersonView(
        id=user.id,
        name=user.name,
        role=user.role,
        unit=user.unit,
        disabled=user.disabled,
        created_at=user.created_at,
        sessions=sessions,
        version=user.version,
    )


def _need_version(parts: Parts, found: User, seen: int | None) -> None:
    if seen is not None and seen != found.version:
        happened = since(parts.storage.store.audit(f"user:{found.id}"), seen)
        raise stale(found.name, seen, found.version, happened)


def _need_unit(parts: Parts, unit: str | None) -> None:
    if unit and unit not in {one.id for one in parts.policy.units}:
        raise Refused("no_such_unit", f"There is no unit {unit}.")
