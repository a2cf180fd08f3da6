"""The audit as chains of hashes: a row that was changed, taken out, put in or moved shows.

A chain per jurisdiction, and one (named "") for the deployment. Row n of a chain has the hash

    SHA-256(hash of row n-1 + "\\n" + n + "\\n" + the row as it is stored),

row 0's being `beginning(chain)`. What no chain can show by itself is that its newest rows are gone, or that all of it was
made anew: compare its head with one that was noted elsewhere.
"""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Protocol

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from core.codec import decode
from core.records import AuditRow
from core.records.audit import AuditPage, AuditQuery, Verified

_PAGE = 1_000


class Head(Struct, frozen=True, kw_only=True):
    """The newest row of a chain: its number and hash."""

    chain: str
    number: int
    hash: str


class Link(Struct, frozen=True, kw_only=True):
    """A row of a chain as it is stored: what it is found by, its hash, and itself."""

    number: int
    hash: str
    id: str
    object: str
    body: bytes | str  # SQLite keeps what a forger writes, text too


class Chains(Protocol):
    """The part of the Store that tells of its audit as a whole."""

    def audit_rows(self, query: AuditQuery) -> AuditPage:
        """A page of the audit, whatever its objects."""
        ...

    def audit_heads(self) -> list[Head]:
        """The newest row of every chain of the audit, by the chain's name."""
        ...

    def audit_links(self, chain: str, after: int, limit: int) -> list[Link]:
        """The rows of a chain with numbers above `after`, in order."""
        ...

    def unchained_audit(self) -> int:
        """How many rows stand in no chain: those that an earlier release wrote."""
        ...


def beginning(chain: str) -> str:
    """The hash before the first row."""
    return hashlib.sha256(f"huiying audit {chain}".encode()).hexdigest()


def hash_of(before: str, number: int, body: bytes | str) -> str:
    """The hash of a row, given that of the row before it."""
    if isinstance(body, str):
        body = body.encode()
    return hashlib.sha256(b"%s\n%d\n%s" % (before.encode(), number, body)).hexdigest()


def verified(chain: str, head: Head | None, links: Iterable[Link]) -> Verified:
    """Walk a chain from its beginning, its rows in order of their numbers; the first break ends the walk."""
    number, last = 0, beginning(chain)
    for link in links:
        why = _wrong(chain, number + 1, last, link)
        if why:
            return Verified(chain=chain, rows=number, head=last, broken_at=number + 1, why=why)
        number, last = link.number, link.hash
    kept = head or Head(chain=chain, number=0, hash=beginning(chain))
    if (kept.number, kept.hash) == (number, last):
        return Verified(chain=chain, rows=number, head=last)
    why = (
        f"the newest row should be number {kept.number}, it is {number}"
        if kept.number != number
        else "the head differs"
    )
    return Verified(chain=chain, rows=number, head=last, broken_at=number + 1, why=why)


def walked(store: Chains) -> Iterator[Verified]:
    """Every chain, walked up to what was its newest row when this began."""
    for head in store.audit_heads():
        found = verified(head.chain, head, _links(store, head.chain, head.number))
        yield found if found.why or not _stray(store, head) else replace(found, why="a row stands after the newest")


def _links(store: Chains, chain: str, until: int) -> Iterator[Link]:
    after = 0
    while page := store.audit_links(chain, after, min(_PAGE, until - after)):
        yield from page
        after = page[-1].number


def _stray(store: Chains, head: Head) -> bool:
    """Whether a row stands after the head, and the head did not move meanwhile."""
    if not store.audit_links(head.chain, head.number, 1):
        return False
    return any(now == head for now in store.audit_heads())


def _wrong(chain: str, expected: int, before: str, link: Link) -> str:
    """Why a row does not follow; empty when it does."""
    if link.number != expected:
        return f"row {expected} is missing"
    if link.hash != hash_of(before, link.number, link.body):
        return f"row {expected} is not what was written"
    try:
        row = decode(link.body, AuditRow)
    except msgspec.DecodeError as error:
        return f"row {expected} cannot be read: {error}"
    if (row.id, row.object, row.jurisdiction) != (link.id, link.object, chain):
        return f"row {expected} is filed under another object"
    return ""
