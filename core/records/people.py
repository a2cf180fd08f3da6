"""People and their credentials."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class Role(StrEnum):
    """What a person or token may do; each includes the ones before it."""

    VIEWER = "viewer"
    RESPONDER = "responder"
    LEADER = "leader"
    ADMIN = "admin"


class User(Struct, frozen=True, kw_only=True):
    """A person who may log in; `password` is an argon2 hash, None until the one-time link is used.

    `unit` is the unit that the person belongs to; None: the whole office, across all units. `version` grows by one with
    every saved change (optimistic concurrency).
    """

    id: str
    name: str
    role: Role
    created_at: datetime
    password: str | None = None
    disabled: bool = False
    unit: str | None = None
    version: int = 1


class Credential(Struct, frozen=True, kw_only=True):
    """An API token, a session or a one-time link, stored as the SHA-256 of its secret.

    `kind`: `token`, `session` (`locked` while its person is away), `invite`; `pairing` (a code) becomes `screen` (a wall's).
    `unit`: as of `User`.
    """

    hash: str
    kind: str
    name: str
    role: Role
    created_at: datetime
    user: str | None = None
    expires_at: datetime | None = None
    unit: str | None = None

    def is_over(self, now: datetime) -> bool:
        """Whether nobody gets in by it any more."""
        return self.expires_at is not None and self.expires_at <= now
