"""Connections to one SQLite file: one writer, many readers, and errors that say what to do."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import QueuePool, StaticPool

from core.errors import StorageError

APPLICATION_ID = 0x48594731  # "HYG1": SQLite keeps it in the file's header
BUSY_TIMEOUT_MS = 10_000
WRITER_CACHE_KB = 65_536
READER_CACHE_KB = 8_192
READERS = 8


class Database:
    """The file and its connections."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._writer = self._engine(read_only=False)
        self._readers = self._engine(read_only=True)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A write transaction: committed at the end, rolled back by any exception; one at a time."""
        with self._lock, self._said_plainly(), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A snapshot of the last commit."""
        with self._said_plainly(), self._readers.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close all connections; the last one folds the WAL into the file."""
        self._readers.dispose()
        with self._lock:
            self._writer.dispose()

    def _engine(self, *, read_only: bool) -> Engine:
        url = f"sqlite:///{self.path}"
        if read_only:
            engine = create_engine(
                url, hide_parameters=True, poolclass=QueuePool, pool_size=READERS, max_overflow=READERS, pool_timeout=30
            )
        else:
            engine = create_engine(
                url, hide_parameters=True, poolclass=StaticPool, connect_args={"check_same_thread": False}
            )
        event.listen(engine, "connect", lambda dbapi, _: _prepare(dbapi, read_only=read_only))
        begin = "BEGIN" if read_only else "BEGIN IMMEDIATE"
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
        return engine

    @contextmanager
    def _said_plainly(self) -> Iterator[None]:
        try:
            yield
        except (DatabaseError, sqlite3.DatabaseError) as error:  # SQLAlchemy's, or of a bare cursor
            # The cause only: SQLAlchemy's own text holds the statement's values, which are what people wrote.
            raise StorageError(explain(self.path, str(getattr(error, "orig", error)))) from error


def _prepare(connection: Any, *, read_only: bool) -> None:
    """Set a fresh connection up; `isolation_level` None leaves transactions to the engine's own BEGIN."""
    connection.isolation_level = None
    pragmas = [
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        "synchronous = FULL",
        f"cache_size = -{READER_CACHE_KB if read_only else WRITER_CACHE_KB}",
        "temp_store = MEMORY",
    ]
    if read_only:
        pragmas.append("query_only = ON")
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}")


_SAYINGS = (
    (
        "is full",
        "the disk is full: free some space in {folder}; nothing of the last batch was written, nothing is lost",
    ),
    ("disk i/o", "the disk of {folder} fails to read or write: check it, then start again"),
    ("is locked", "{path} is locked by another program: stop it, or wait until it is done"),
    ("readonly", "{path} cannot be written: check the owner and the rights of {folder}"),
    ("unable to open", "{path} cannot be opened: check the owner and the rights of {folder}"),
    (
        "not a database",
        "{path} is not a Huiying database, or its header is damaged: restore a backup or name another folder",
    ),
    ("malformed", "{path} is damaged: restore a backup, or recover it with `sqlite3 FILE .recover`"),
)


def snapshot(path: Path, copy: Path) -> None:
    """Write a whole and consistent copy of a database, also while it is in use."""
    try:
        with closing(sqlite3.connect(path)) as live, closing(sqlite3.connect(copy)) as target:
            live.backup(target)
    except sqlite3.DatabaseError as error:
        raise StorageError(explain(path, str(error))) from error


def explain(path: Path, what: str) -> str:
    """What SQLite's message means for a person."""
    for sign, saying in _SAYINGS:
        if sign in what.lower():
            return saying.format(path=path, folder=path.parent)
    return f"{path}: {what}"
