"""What a move from another engine brings into the Store: rows as they were there, each once, also when brought twice."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Table, exists, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from core.effects import StateRow
from core.ports import Progress
from core.storage import tables as t
from core.storage import writer
from core.storage.postgres.database import Database
from core.storage.rows import upsert
from core.topics import Topic

Row = Mapping[str, Any]


def occupied(database: Database) -> str | None:
    """The name of a table that holds something of an office, None when there is none.

    Credentials do not count: the first start of an API makes a link for the administrator.
    """
    with database.write() as connection:
        for table in (*t.metadata.sorted_tables, *t.relayed.sorted_tables):
            if table is not t.credentials and connection.execute(select(exists(select(table)))).scalar_one():
                return table.name
    return None


def bring(database: Database, table: Table, rows: Sequence[Row]) -> None:
    """Write the rows that are not there yet; the others stay as they are."""
    with database.write() as connection:
        connection.execute(insert(table).on_conflict_do_nothing(), rows)


def arrived(database: Database, table: Table, rows: Sequence[Row]) -> int:
    """How many of the rows are there, by their keys."""
    columns = _key(table)
    keys = [tuple(row[column.name] for column in columns) for row in rows]
    query = select(func.count()).select_from(table).where(tuple_(*columns).in_(keys))
    with database.write() as connection:
        return int(connection.execute(query).scalar_one())


def _key(table: Table) -> list[Column[Any]]:
    """What a row is known by on every engine; `seq` is given by each engine itself."""
    return [table.c.id] if "seq" in table.c else list(table.primary_key.columns)


def begin_after(database: Database, consumer: str, topic: Topic, ends: Mapping[int, int], mark: StateRow) -> None:
    """Let a consumer begin after what the log holds of a topic now (`ends`: positions by partition), and remember that."""
    with database.write() as connection:
        numbers = last_numbers(connection, topic)
        reached = {part: Progress(position=end, sequence=numbers.get(part, 0)) for part, end in ends.items() if end}
        rows = [
            {
                "consumer": consumer,
                "topic": topic.value,
                "partition": part,
                "position": at.position,
                "sequence": at.sequence,
            }
            for part, at in reached.items()
        ]
        if rows:
            upsert(connection, t.offsets, rows)
        writer.apply(connection, [mark])


def last_numbers(connection: Connection, topic: Topic) -> dict[int, int]:
    """The last number that commits have given out, by partition of a topic."""
    h = t.heads.c
    rows = connection.execute(select(h.partition, h.sequence).where(h.topic == topic.value))
    return {row.partition: row.sequence for row in rows}
