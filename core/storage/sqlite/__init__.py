"""Log, index and store in one SQLite file: a batch and the offset that caused it are one transaction.

`open_storage(directory)` is the only way in. One connection writes (behind a lock, and SQLite's own between processes),
a pool reads. WAL with synchronous=FULL: a commit that returned survives kill -9 and loss of power.
"""

from core.storage.sqlite.storage import SqliteStorage, open_storage
from core.storage.sqlite.upgrade import upgrade_directory

__all__ = ["SqliteStorage", "open_storage", "upgrade_directory"]
