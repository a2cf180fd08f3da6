"""The Log: one table per topic, position = rowid, a unique id so that a repeated append is harmless."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from core.effects import Message
from core.ports import Progress
from core.storage import tables as t
from core.storage.sqlite.engine import Database
from core.storage.store import progress
from core.topics import Topic

TABLES: dict[Topic, str] = {
    topic: "log_" + topic.value.replace(".", "_") for topic in Topic if topic is not Topic.INDEX_CHANGES
}
"""The index is in the same file: there is nothing to tell it by the log."""


class SqliteLog:
    """`core.ports.Log` with one partition."""

    partitions = 1

    def __init__(self, database: Database, wrote: Callable[[set[Topic]], None]) -> None:
        self._database = database
        self._wrote = wrote

    def append(self, messages: Sequence[Message]) -> list[int | None]:
        with self._database.write() as connection:
            positions = append(connection, messages)
        self._wrote({m.topic for m in messages})
        return positions

    def read(self, topic: Topic, after: int, limit: int, partition: int = 0) -> list[Message]:
        sql = f"SELECT position, key, id, value FROM {TABLES[topic]} WHERE position > ? ORDER BY position LIMIT ?"
        with self._database.read() as connection:
            rows = connection.exec_driver_sql(sql, (after, limit)).all()
        return [Message(topic=topic, key=key, id=id_, value=value, position=p) for p, key, id_, value in rows]

    def end(self, topic: Topic, partition: int = 0) -> int:
        sql = f"SELECT coalesce(max(position), 0) FROM {TABLES[topic]}"
        with self._database.read() as connection:
            return int(connection.exec_driver_sql(sql).scalar_one())

    def progress(self, consumer: str, topic: Topic, partition: int = 0) -> Progress:
        with self._database.read() as connection:
            return progress(connection, consumer, topic, partition)


def append(connection: Connection, messages: Sequence[Message]) -> list[int | None]:
    """Write messages in the caller's transaction; None where the id is already there."""
    cursor = connection.connection.cursor()
    positions: list[int | None] = []
    for m in messages:
        name = TABLES[m.topic]
        # Not ON CONFLICT: SQLite uses a position up for every row that conflicts, and positions tell how many wait.
        sql = f"INSERT INTO {name} (key, id, value) SELECT ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM {name} WHERE id = ?)"
        cursor.execute(sql, (m.key, m.id, m.value, m.id))
        positions.append(cursor.lastrowid if cursor.rowcount == 1 else None)
    cursor.close()
    return positions


def trim(connection: Connection, before: datetime) -> int:
    """Delete messages written before then that every consumer of their topic has handled; how many went."""
    gone = 0
    for topic, name in TABLES.items():
        done = select(func.min(t.offsets.c.position)).where(t.offsets.c.topic == topic.value)
        read = connection.execute(done).scalar_one()
        # A topic that nobody consumes (`rejected`) is kept for its time and no longer.
        handled = "" if read is None else f" AND position <= {int(read)}"
        sql = f"DELETE FROM {name} WHERE written_at < ?{handled}"
        gone += connection.exec_driver_sql(sql, (int(before.timestamp()),)).rowcount
    return gone


def remove(connection: Connection, jurisdiction: str) -> None:
    """Delete every message of a jurisdiction."""
    for name in TABLES.values():
        connection.exec_driver_sql(f"DELETE FROM {name} WHERE key = ?", (jurisdiction,))
