"""The history of the tables: one line of revisions, the same scripts on SQLite and PostgreSQL, run by Alembic.

The name of a revision says all that a program must know to judge a database, also one that was made by a later release:
`0007_since_0005` is the seventh revision, and programs that know at least the fifth may work on its tables. A revision that
only adds (expands) keeps the `since` of the one before; one that takes away (contracts) sets it to the first revision
whose programs no longer used what goes. docs/operations.md: "Upgrade without stopping".

Alembic takes a quarter of a second to import, so only who really migrates does.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import Self

from sqlalchemy import Connection, inspect

from core.errors import StorageError
from core.storage import tables as t


@dataclass(frozen=True, slots=True)
class Revision:
    """`number` counts from 1; programs that know `since` or a later one may work on the tables."""

    number: int
    since: int

    @classmethod
    def named(cls, name: str) -> Self | None:
        """The revision of that name; None when it is not one of ours."""
        found = re.fullmatch(r"(\d{4})_since_(\d{4})", name)
        return cls(int(found[1]), int(found[2])) if found else None

    def __str__(self) -> str:
        return f"{self.number:04}_since_{self.since:04}"


@dataclass(frozen=True, slots=True)
class History:
    """Where the scripts lie (a package and a folder in it, or a path), and the newest of them."""

    scripts: str
    head: Revision


HISTORY = History("core.storage:migrations", Revision(7, 1))
"""This program's."""


class Standing(Enum):
    """How a database stands to a program."""

    EMPTY = auto()
    OLDER = auto()
    CURRENT = auto()
    NEWER = auto()
    """Of a later release, but this program may work on it."""
    BREAKING = auto()
    """Of a later release that took away what this program needs."""
    FOREIGN = auto()
    """Our tables are there, but not by our history: another program's, or made before the first release."""


def standing(connection: Connection, head: Revision) -> Standing:
    """How the database at the other end stands to a program that knows the revisions up to `head`."""
    name = revision_name(connection)
    if name is None:
        ours = {*t.metadata.tables, *t.relayed.tables}
        return Standing.FOREIGN if ours & set(inspect(connection).get_table_names()) else Standing.EMPTY
    found = Revision.named(name)
    if found is None:
        return Standing.FOREIGN
    if found.number <= head.number:
        return Standing.CURRENT if found.number == head.number else Standing.OLDER
    return Standing.NEWER if found.since <= head.number else Standing.BREAKING


def revision_name(connection: Connection) -> str | None:
    """What the database says it is; None where nothing was ever migrated."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    name: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one_or_none()
    return name


def migrate(connection: Connection, history: History) -> None:
    """Bring the tables to the newest revision, inside the caller's transaction: all of it, or nothing.

    Raises `StorageError` where no way leads from what is there to it.
    """
    from alembic.command import upgrade
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", history.scripts.replace("%", "%%"))
    try:
        upgrade(config, str(history.head))
    except CommandError as error:
        raise StorageError(f"no upgrade leads from {revision_name(connection)} to {history.head}: {error}") from error
