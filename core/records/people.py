"""People, their credentials, and the sources that are collected from."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct, field


class Role(StrEnum):
    """What a person or token may do; each includes the ones before it."""

    VIEWER = "viewer"
    RESPONDER = "responder"
    LEADER = "leader"
    ADMIN = "admin"


class User(Struct, frozen=True, kw_only=True):
    """A person who may log in; `password` is an argon2 hash, None until the one-time link is used."""

    id: str
    name: str
    role: Role
    created_at: datetime
    password: str | None = None
    disabled: bool = False


class Credential(Struct, frozen=True, kw_only=True):
    """An API token, a session or a one-time link, stored as the SHA-256 of its secret.

    `kind`: `token`, `session` (`locked` while its person is away), `invite`; `pairing` (a code) becomes `screen` (a wall's).
    """

    hash: str
    kind: str
    name: str
    role: Role
    created_at: datetime
    user: str | None = None
    expires_at: datetime | None = None


class Source(Struct, frozen=True, kw_only=True):
    """A place to collect from, and how the last visit went.

    `state` holds what the next conditional request needs (etag, last_modified). `assessment` is the impact assessment
    (lawful basis, rate, identity, robots decision, who approved), 网络数据安全管理条例 art. 18.
    """

    id: str
    kind: str
    url: str
    name: str
    jurisdiction: str
    created_at: datetime
    interval_s: int = 600
    enabled: bool = True
    state: dict[str, str] = field(default_factory=dict)
    assessment: dict[str, str] = field(default_factory=dict)
    next_at: datetime | None = None
    last_ok_at: datetime | None = None
    last_error: str = ""
    last_items: int = 0
