"""People who may log in: their role and unit are changed with an audit row, and every change logs them out everywhere."""

from datetime import datetime

from msgspec.structs import replace

from api.auth import check_bond
from core.effects import Change, Effects, RemoveCredential
from core.errors import NotFound, Refused
from core.office import Accounts
from core.ports import Storage
from core.records import AuditRow, Credential, Role, User


def setup_link(address: str, code: str) -> str:
    """The board's page where a one-time link is used; the code is in the fragment, so no server logs it."""
    return f"{address}/#/setup?code={code}"


def person(accounts: Accounts, id_: str) -> User:
    """The person of that id; NotFound when there is none."""
    found = next((user for user in accounts.users() if user.id == id_), None)
    if found is None:
        raise NotFound(f"There is no person {id_}.")
    return found


def sessions_of_person(accounts: Accounts, name: str, now: datetime) -> list[Credential]:
    """Where a person is logged in, locked sessions too."""
    found = (c for kind in ("session", "locked") for c in accounts.credentials(kind))
    return [c for c in found if c.name == name and not c.is_over(now)]


def change_person(storage: Storage, before: User, after: User, row: AuditRow) -> User:
    """Save a person's role, unit and whether he may log in, end his sessions, and write the audit row, in one commit.

    Raises `Refused` when an administrator would belong to a unit, or none would be left; `Conflict` when somebody was first.
    """
    check_bond(after.role, after.unit)
    others = (user for user in storage.store.users() if user.id != before.id)
    if _administers(before) and not _administers(after) and not any(map(_administers, others)):
        raise Refused("last_admin", "Somebody must stay administrator: make another one first.")
    storage.commit(Effects(changes=[*_ends(storage, before, row.at), after, row]))
    return after


def log_out(storage: Storage, user: User, row: AuditRow) -> None:
    """End a person's sessions and write the audit row, in one commit."""
    storage.commit(Effects(changes=[*_ends(storage, user, row.at), row]))


def _ends(storage: Storage, user: User, now: datetime) -> list[Change]:
    return [RemoveCredential(c.hash) for c in sessions_of_person(storage.store, user.name, now)]


def _administers(user: User) -> bool:
    return user.role is Role.ADMIN and not user.disabled and user.password is not None


def row_of(user: User, action: str, who: str, why: str, now: datetime, id_: str) -> AuditRow:
    """The audit row of a change of a person, with what holds from now on."""
    detail: dict[str, str | int | float] = {
        "name": user.name,
        "role": user.role.value,
        "unit": user.unit or "",
        "disabled": int(user.disabled),
        "version": user.version,
    }
    return AuditRow(id=id_, object=f"user:{user.id}", at=now, who=who, action=action, why=why, detail=detail)


def with_role(user: User, role: Role | None, unit: str | None, *, disabled: bool | None) -> User:
    """The person with what is given changed, one version later; an empty unit: the whole office."""
    return replace(
        user,
        role=role or user.role,
        unit=user.unit if unit is None else unit or None,
        disabled=user.disabled if disabled is None else disabled,
        version=user.version + 1,
    )
