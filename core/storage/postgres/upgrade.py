"""Makes the tables in an empty database, checks those that are there, upgrades them when told to."""

from sqlalchemy import Connection, func, select, text

from core.errors import StorageError
from core.storage.migrations import HISTORY, History, Standing, migrate, revision_name, standing
from core.storage.postgres.database import Database

STARTING = 0x48554959
"""An advisory lock of ours: whoever makes or changes the tables holds it."""

LOCK_TIMEOUT = "10s"
"""A change of a table waits for those who work on it, and all who come after wait behind it: better give up and say so."""

_COMPLAINTS = {
    Standing.OLDER: "holds tables of an earlier release: run `huiying upgrade`",
    Standing.BREAKING: "was upgraded by a later release that took away what this one needs: start that release",
    Standing.FOREIGN: "holds tables that are not of any release: name an empty database in HUIYING_POSTGRES",
}


def prepare_tables(database: Database, history: History = HISTORY) -> None:
    """Make the tables in an empty database; several processes may start at once.

    Raises `StorageError` for a database of an earlier release, and for one of a later release that broke with this one.
    """
    with database.write() as connection:
        found = standing(connection, history.head)
        if found is Standing.EMPTY:
            _alone(connection)
            found = standing(connection, history.head)  # another process may have been faster
            if found is Standing.EMPTY:
                migrate(connection, history)
                found = Standing.CURRENT
        _refuse(connection, database, found)


def upgrade_tables(database: Database, history: History = HISTORY) -> tuple[str | None, str | None]:
    """Bring the tables to this program's revision, or leave them where they are newer; the revisions before and after.

    Raises `StorageError` as `prepare_tables` does, and when a table is in use for too long: nothing is changed then.
    """
    with database.write() as connection:
        _alone(connection)
        found, before = standing(connection, history.head), revision_name(connection)
        if found in (Standing.EMPTY, Standing.OLDER):
            connection.execute(text("SET LOCAL statement_timeout = 0"))  # a large table takes its time
            connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
            migrate(connection, history)
        else:
            _refuse(connection, database, found)
        return before, revision_name(connection)


def _alone(connection: Connection) -> None:
    """Until the end of the transaction."""
    connection.execute(select(func.pg_advisory_xact_lock(STARTING)))


def _refuse(connection: Connection, database: Database, found: Standing) -> None:
    if found in _COMPLAINTS:
        raise StorageError(
            f"PostgreSQL at {database.where} {_COMPLAINTS[found]} (its revision: {revision_name(connection)})"
        )
