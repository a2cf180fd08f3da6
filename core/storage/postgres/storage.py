"""The three ports of the distributed set, and the transaction over them.

The transaction is PostgreSQL's: it holds the changes, the offset, and what the log and the index are owed. See `owed`.
"""

from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection, select

from core.effects import Consumed, Effects, Message, RemoveJurisdiction
from core.partitions import partition_of
from core.ports import Index, Log
from core.storage import retention, writer
from core.storage import tables as t
from core.storage.postgres import owed
from core.storage.postgres.database import Database
from core.storage.postgres.relay import Relay
from core.storage.postgres.unlogged import unlogged
from core.storage.store import SqlStore


class IndexRetention(Protocol):
    """Deletes what the index holds from before a time, but for these incidents; how many pieces went."""

    def forget(self, before: datetime, keep: set[str]) -> int: ...


class PostgresStorage:
    """`core.ports.Storage` on PostgreSQL, with a log and an index beside it."""

    def __init__(self, database: Database, log: Log, index: Index, relay: Relay, retention: IndexRetention) -> None:
        self._database = database
        self._relay = relay
        self._retention = retention
        self.log = log
        self.index = index
        self.store = SqlStore(database.write, database.write)

    def commit(self, effects: Effects, consumed: Consumed | None = None) -> bool:
        removed = [c.jurisdiction for c in effects.changes if isinstance(c, RemoveJurisdiction)]
        with self._database.write() as connection:
            if consumed is not None and not writer.claim(connection, consumed):
                return False
            writer.apply(connection, effects.changes)
            work = owed.owe_index(connection, effects, removed)
            messages = [*effects.messages, *self._unlogged(connection, effects, work, removed)]
            parcels = owed.owe_messages(connection, messages, self.log.partitions)
        self._relay.settle(work, ((p.topic, p.partition) for p in parcels))
        return True

    def _unlogged(
        self, connection: Connection, effects: Effects, work: tuple[int, owed.IndexWork] | None, removed: list[str]
    ) -> list[Message]:
        """What only the index would know otherwise, as messages."""
        if work is None:
            return []
        until = {code: owed.given_out(connection, partition_of(code, self.log.partitions)) for code in removed}
        return unlogged(effects, work[0], until)

    def sweep(self) -> bool:
        """Send what other commits, or this one while a server was away, still owe; whether there was anything."""
        return self._relay.sweep()

    def sweep_stale(self) -> bool:
        """Send what was owed already at the last call: what is younger, its own process is about to send."""
        return self._relay.sweep_stale()

    def waiting(self) -> tuple[int, int]:
        """How many parcels the log, and how many pieces of work the index is owed."""
        with self._database.write() as connection:
            log, index = owed.debts(connection)
        return log.rows, index.rows

    def retain(self, log_after: datetime, posts_after: datetime, now: datetime) -> int:
        """The log's servers delete by age themselves (`log_after` is their setting); the rest goes here."""
        with self._database.write() as connection:
            owed.oldest_known(connection, posts_after)
            gone = retention.forget(connection, posts_after, now)
            keep = set(connection.execute(select(t.cases.c.incident)).scalars())
        return gone + self._retention.forget(posts_after, keep)

    def close(self) -> None:
        """Close the connections of the Store; log and index are closed by who opened them."""
        self._database.close()
