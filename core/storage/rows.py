"""How rows of the Store are written, the same on both engines."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

Row = dict[str, Any]


def upsert(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Write rows, replacing those with the same primary key."""
    keys = [column.name for column in table.primary_key]
    statement = insert(connection, table)
    rest = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=rest), rows)


def insert_new(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Write rows whose `id` is not there yet; the others stay as they are."""
    connection.execute(insert(connection, table).on_conflict_do_nothing(index_elements=["id"]), rows)


def insert(connection: Connection, table: Table) -> Any:
    """An INSERT of the engine's own dialect: only these know conflicts."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    return dialect.insert(table)
