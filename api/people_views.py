"""What the API says and takes about people who may log in. No answer holds a password or its hash."""

from datetime import datetime

from msgspec import Struct

from core.records import Role


class PersonView(Struct, frozen=True, kw_only=True):
    """A person; `unit` None: of the whole office. `sessions`: in how many places he is logged in, locked ones too.
    `version`: what a change is made over.
    """

    id: str
    name: str
    role: Role
    unit: str | None
    disabled: bool
    created_at: datetime
    sessions: int
    version: int


class PersonList(Struct, frozen=True, kw_only=True):
    """People, by name."""

    items: list[PersonView]


class InviteBody(Struct, kw_only=True, forbid_unknown_fields=True):
    """What a new person may do; without `unit`, across the whole office."""

    role: Role
    unit: str | None = None
    why: str = ""


class Invitation(Struct, frozen=True, kw_only=True):
    """A one-time link; `link` begins with the office's own address where that is set."""

    code: str
    link: str
    expires_at: datetime


class PersonBody(Struct, kw_only=True, forbid_unknown_fields=True):
    """What changes of a person; `unit` empty: the whole office. `version`, when given, must be the present one."""

    role: Role | None = None
    unit: str | None = None
    disabled: bool | None = None
    why: str = ""
    version: int | None = None
