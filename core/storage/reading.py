"""How the parts of the Store read: whole records by their `body`."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, Table, select

from core.codec import decode
from core.effects import Seen
from core.storage import tables as t

T = TypeVar("T")
Connect = Callable[[], AbstractContextManager[Connection]]

IDS_PER_QUERY = 500
"""SQLite allows 32 766 parameters a statement; smaller lists keep the statement cache useful."""


class SqlReader:
    """Two ways to connect: `read` sees the last commit, `write` is a transaction of its own."""

    def __init__(self, read: Connect, write: Connect) -> None:
        self._read = read
        self._write = write

    def _one(self, table: Table, where: Any, type_: type[T]) -> T | None:
        with self._read() as connection:
            body = connection.execute(select(table.c.body).where(where)).scalar_one_or_none()
        return None if body is None else decode(body, type_)

    def _all(self, statement: Select[Any], type_: type[T]) -> list[T]:
        with self._read() as connection:
            return list(bodies(connection, statement, type_))


def bodies(connection: Connection, statement: Select[Any], type_: type[T]) -> Iterable[T]:
    """The records that a statement finds."""
    return [decode(body, type_) for body in connection.execute(statement).scalars()]


def seen_of(row: Any) -> Seen:
    """What is remembered of a post, as a row has it."""
    at = t.from_millis(row.at)
    return Seen(row.id, row.jurisdiction, at, row.digest, row.fingerprint, row.grp, row.revision)


SENTIMENTS = ("negative", "neutral", "positive")


def known_sentiments(counts: Mapping[str, int]) -> dict[str, int]:
    """How many posts have each sentiment, of those that a bucket tells apart."""
    return {name: counts.get(name, 0) for name in SENTIMENTS}
