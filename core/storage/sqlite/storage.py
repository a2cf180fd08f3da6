"""The three ports over one file, and the one transaction over them."""

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from core.effects import Consumed, Effects, RemoveJurisdiction
from core.errors import StorageError
from core.storage import retention, writer
from core.storage.migrations import HISTORY, History, Standing, migrate, revision_name, standing
from core.storage.sqlite import index_writer
from core.storage.sqlite import log as sqlite_log
from core.storage.sqlite.engine import APPLICATION_ID, Database
from core.storage.sqlite.index import SqliteIndex
from core.storage.sqlite.log import SqliteLog
from core.storage.store import SqlStore
from core.topics import Topic

FILE = "huiying.db"
OURS = {FILE, f"{FILE}-wal", f"{FILE}-shm", "serve.lock", "salt", "policy", "import", "moved", "lost+found"}
"""What may lie in a data directory of ours."""

MOVED = "moved"
"""A file that says: the office goes on elsewhere (`huiying migrate`). Two of them would both send what the outbox holds."""

DIRECTORY_MODE = 0o700
"""What people wrote, hashes of passwords and secrets of webhooks lie in it: for its owner only."""

Listener = Callable[[set[Topic]], None]


class SqliteStorage:
    """`core.ports.Storage`. `listen` registers who wants to know which topics a commit of this process wrote."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: list[Listener] = []
        self._guard = threading.Lock()
        self.log = SqliteLog(database, self._wrote)
        self.index = SqliteIndex(database)
        self.store = SqlStore(database.read, database.write)

    def listen(self, listener: Listener) -> None:
        """Call `listener` (from the committing thread) after every commit with the topics written."""
        with self._guard:
            self._listeners.append(listener)

    def commit(self, effects: Effects, consumed: Consumed | None = None) -> bool:
        with self._database.write() as connection:
            if consumed is not None and not writer.claim(connection, consumed):
                return False
            _apply(connection, effects)
        self._wrote({m.topic for m in effects.messages})
        return True

    def retain(self, log_after: datetime, posts_after: datetime, now: datetime) -> int:
        while True:
            with self._database.write() as connection:
                gone = sqlite_log.trim(connection, log_after)
                gone += index_writer.forget(connection, posts_after, retention.CHUNK)
                gone += retention.forget(connection, posts_after, now)
            if gone < retention.CHUNK:
                return gone

    def close(self) -> None:
        """Close the file; a storage cannot be used after."""
        self._database.close()

    def _wrote(self, topics: set[Topic]) -> None:
        with self._guard:
            listeners = list(self._listeners)
        for listener in listeners:
            listener(topics)


def _apply(connection: Connection, effects: Effects) -> None:
    """Order matters: removals first, posts before the assignments that name them."""
    for change in effects.changes:
        if isinstance(change, RemoveJurisdiction):
            sqlite_log.remove(connection, change.jurisdiction)
            index_writer.remove(connection, change.jurisdiction)
    sqlite_log.append(connection, effects.messages)
    index_writer.write_posts(connection, effects.posts)
    index_writer.write_incidents(connection, effects.incidents)
    index_writer.write_assignments(connection, effects.assigned)
    writer.apply(connection, effects.changes)


def open_storage(directory: Path, history: History = HISTORY) -> SqliteStorage:
    """Open the data directory, making it when it is missing or empty.

    Raises `StorageError` when the directory belongs to something else, holds tables of another release, or cannot be used.
    """
    try:
        directory.mkdir(DIRECTORY_MODE, parents=True, exist_ok=True)
        strangers = sorted(p.name for p in directory.iterdir() if p.name not in OURS and not p.name.startswith("."))
        exists, moved = (directory / FILE).exists(), (directory / MOVED).exists()
    except OSError as error:
        raise StorageError(f"{directory} cannot be used as a data directory: {error.strerror}") from error
    if strangers and not exists:
        raise StorageError(f"{directory} holds other things ({', '.join(strangers[:3])}): name an empty directory")
    if moved:
        raise StorageError(
            f"{directory} was moved to the distributed set, or a move has begun (`huiying migrate`): remove"
            f" {directory / MOVED} only if you give up the other one, nothing of what happens there comes back"
        )
    database = Database(directory / FILE)
    try:
        with database.write() as connection:
            _check_or_create(connection, directory / FILE, history)
    except StorageError:
        database.close()
        raise
    return SqliteStorage(database)


def _check_or_create(connection: Connection, path: Path, history: History) -> None:
    application = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
    tables = connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one()
    if application == 0 and tables == 0:
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
        migrate(connection, history)
    elif application != APPLICATION_ID:
        raise StorageError(f"{path} is another program's database: name another data directory")
    check_tables(connection, path, history)


def check_tables(connection: Connection, path: Path, history: History = HISTORY) -> None:
    """Raises `StorageError` when the tables are not of this release."""
    found = standing(connection, history.head)
    if found is not Standing.CURRENT:
        raise StorageError(f"{path} {_COMPLAINTS[found]} (its revision: {revision_name(connection)})")


_LATER = "was made or upgraded by a later release: use that release"
_COMPLAINTS = {
    Standing.EMPTY: "holds no tables: restore a backup, or name an empty directory",
    Standing.OLDER: "is of an earlier release: start `huiying serve` once, it upgrades it and keeps a copy",
    Standing.NEWER: _LATER,
    Standing.BREAKING: _LATER,
    Standing.FOREIGN: "was made before the first release: name an empty directory",
}
