"""Connections to PostgreSQL, and errors that say what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, create_engine, make_url
from sqlalchemy.exc import ArgumentError, DataError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from core.errors import ConfigurationError, StorageError

CONNECTIONS = 8
CONNECT_TIMEOUT_S = 5
STATEMENT_TIMEOUT_MS = 60_000
IDLE_IN_TRANSACTION_MS = 60_000
"""A worker that is stopped inside a transaction must not hold its locks for ever."""


class Database:
    """The connections of one process. Safe to use from several threads."""

    def __init__(self, url: str) -> None:
        try:
            parsed = make_url(url).set(drivername="postgresql+psycopg")
        except (ArgumentError, ValueError):  # its text may hold the password
            raise ConfigurationError("HUIYING_POSTGRES: give postgresql://user:password@host:5432/database") from None
        self.where = f"{parsed.host or parsed.query.get('host', '')}/{parsed.database}"
        self._engine = create_engine(
            parsed,
            hide_parameters=True,
            pool_size=CONNECTIONS,
            max_overflow=CONNECTIONS,
            pool_timeout=30,
            pool_pre_ping=True,
            connect_args={
                "connect_timeout": CONNECT_TIMEOUT_S,
                "options": f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c timezone=UTC"
                f" -c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_MS}",
            },
        )

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction: committed at the end, rolled back by any exception."""
        with self._said_plainly(), self._engine.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def _said_plainly(self) -> Iterator[None]:
        try:
            yield
        except DataError:
            raise  # a value that PostgreSQL cannot hold: the record's fault, not the server's
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            raise StorageError(f"PostgreSQL at {self.where} does not answer: {_cause(error)}") from error
        except SQLAlchemyError as error:
            raise StorageError(f"PostgreSQL at {self.where}: {_cause(error)}") from error


def _cause(error: SQLAlchemyError) -> str:
    """The cause only, on one line: SQLAlchemy's own text holds the statement's values, which are what people wrote."""
    return str(getattr(error, "orig", None) or error).partition("\n")[0]
