"""Reads everything of a data directory, page by page, for a move to other engines.

Nobody can write to the directory meanwhile: all is read in one write transaction that writes nothing, so what was read
first and what was read last belong together.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Table, func, select

from core.codec import decode
from core.effects import Message
from core.errors import StorageError
from core.records import AnalysedPost, Assignment, Incident
from core.storage import tables as t
from core.storage.sqlite.engine import Database
from core.storage.sqlite.log import TABLES
from core.storage.sqlite.storage import FILE, check_tables
from core.storage.store import progress
from core.topics import Topic

PAGE = 500

Row = dict[str, Any]


class Posts(Struct, frozen=True):
    """Some posts with their memberships; `last` is where the next page begins."""

    last: int
    posts: list[AnalysedPost]
    assigned: list[Assignment]


class Export:
    """What a directory holds, as it stood when this was opened."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def rows(self, table: Table) -> Iterator[list[Row]]:
        """The rows of a table of the Store, in the order in which they came where that is kept, without their numbers."""
        query = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=PAGE)
        for page in self._connection.execute(query).mappings().partitions():
            yield [{name: value for name, value in row.items() if name != "seq"} for row in page]

    def count(self, table: Table) -> int:
        """How many rows a table of the Store has."""
        return int(self._connection.execute(select(func.count()).select_from(table)).scalar_one())

    def posts(self, after: int = 0) -> Iterator[Posts]:
        """Posts by time; since when a post belongs to its incident is not kept: not before it was published."""
        sql = "SELECT rowid, body, incident FROM posts WHERE rowid > ? ORDER BY rowid LIMIT ?"
        while rows := self._connection.exec_driver_sql(sql, (after, PAGE)).all():
            after = rows[-1][0]
            posts = [decode(body, AnalysedPost) for _, body, _ in rows]
            pairs = zip(posts, rows, strict=True)
            yield Posts(after, posts, [Assignment(post=p.id, incident=i, known_at=p.at) for p, (_, _, i) in pairs if i])

    def count_posts(self, after: int = 0) -> int:
        """How many posts come after one."""
        return self._count("posts WHERE rowid > ?", after)

    def incidents(self) -> Iterator[list[Incident]]:
        """All incidents, merged ones too."""
        after = ""
        sql = "SELECT id, body FROM incidents WHERE id > ? ORDER BY id LIMIT ?"
        while rows := self._connection.exec_driver_sql(sql, (after, PAGE)).all():
            after = rows[-1][0]
            yield [decode(body, Incident) for _, body in rows]

    def count_incidents(self) -> int:
        """How many incidents there are."""
        return self._count("incidents WHERE id > ?", "")

    def messages(self, topic: Topic, after: int, until: int | None = None) -> Iterator[list[Message]]:
        """What a topic still holds at positions above `after`, up to `until`, in order."""
        most = 2**62 if until is None else until
        where = "position > ? AND position <= ? ORDER BY position LIMIT ?"
        sql = f"SELECT position, key, id, value FROM {TABLES[topic]} WHERE {where}"
        while rows := self._connection.exec_driver_sql(sql, (after, most, PAGE)).all():
            after = rows[-1][0]
            yield [Message(topic=topic, key=key, id=id_, value=value, position=p) for p, key, id_, value in rows]

    def count_messages(self, topic: Topic, after: int) -> int:
        """How many messages a topic holds at positions above `after`."""
        return self._count(f"{TABLES[topic]} WHERE position > ?", after)

    def handled(self, consumer: str, topic: Topic) -> int:
        """The position up to which a consumer is done."""
        return progress(self._connection, consumer, topic, 0).position

    def _count(self, what: str, after: int | str) -> int:
        return int(self._connection.exec_driver_sql(f"SELECT count(*) FROM {what}", (after,)).scalar_one())


STORE = tuple(table for table in t.metadata.sorted_tables if table is not t.offsets)
"""The tables that go as they are. Offsets are positions of this log: others are made for another one."""
TOPICS = tuple(TABLES)


@contextmanager
def exported(directory: Path) -> Iterator[Export]:
    """Everything of a directory. Raises `StorageError` when there is none, it is of another release or somebody writes."""
    if not (directory / FILE).exists():
        raise StorageError(f"{directory} holds no data of Huiying")
    with closing(Database(directory / FILE)) as database, database.write() as connection:
        check_tables(connection, directory / FILE)
        yield Export(connection)
