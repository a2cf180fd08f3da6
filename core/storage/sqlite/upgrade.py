"""Brings a data directory of an earlier release to this one, after a copy of it as it was."""

from pathlib import Path

import structlog

from core.storage.migrations import HISTORY, History, Standing, migrate, revision_name, standing
from core.storage.sqlite.engine import Database, snapshot
from core.storage.sqlite.storage import FILE

log = structlog.get_logger()

COPY_MODE = 0o600


def upgrade_directory(directory: Path, history: History = HISTORY) -> Path | None:
    """Upgrade an older directory; the copy that was made before, None when there was nothing to do.

    The caller owns the directory's runner. A directory that is missing, newer or not ours is left as it is: `open_storage`
    says what is wrong with it. A failure leaves the directory as it was.
    """
    path = directory / FILE
    if not path.exists():
        return None
    database = Database(path)
    try:
        with database.read() as connection:
            name = revision_name(connection)
            if standing(connection, history.head) is not Standing.OLDER:
                return None
        copy = _copy(path, directory / f"{path.stem}-{name}.db")
        with database.write() as connection:
            migrate(connection, history)
    finally:
        database.close()
    log.warning("directory_upgraded", was=name, now=str(history.head), copy_of_what_was=str(copy))
    return copy


def _copy(path: Path, copy: Path) -> Path:
    """Under its name only when it is whole."""
    half = copy.with_suffix(".half")
    half.unlink(missing_ok=True)
    half.touch(COPY_MODE)
    snapshot(path, half)
    half.rename(copy)
    return copy
