"""The distributed set: the Store and the commit on PostgreSQL, what a commit owes to the log and the index, and its relay."""

from core.storage.postgres.database import Database
from core.storage.postgres.owed import debts
from core.storage.postgres.realign import lanes_ahead, lanes_cut, realign
from core.storage.postgres.rebuild import Rebuilt, extent, rebuild
from core.storage.postgres.relay import Relay
from core.storage.postgres.storage import PostgresStorage
from core.storage.postgres.upgrade import prepare_tables, upgrade_tables

__all__ = [
    "Database",
    "PostgresStorage",
    "Rebuilt",
    "Relay",
    "debts",
    "extent",
    "lanes_ahead",
    "lanes_cut",
    "prepare_tables",
    "realign",
    "rebuild",
    "upgrade_tables",
]
