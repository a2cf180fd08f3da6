"""The distributed set: the Store and the commit on PostgreSQL, what a commit owes to the log and the index, and its relay."""

from core.storage.postgres.database import Database
from core.storage.postgres.relay import Relay
from core.storage.postgres.storage import PostgresStorage
from core.storage.postgres.upgrade import prepare_tables, upgrade_tables

__all__ = ["Database", "PostgresStorage", "Relay", "prepare_tables", "upgrade_tables"]
