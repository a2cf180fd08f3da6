"""A database of its own for a test that changes the tables: those of the shared one have no prefix."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import make_url

from tests.servers.names import unique


@contextmanager
def own_database(url: str) -> Iterator[str]:
    """The address of an empty database on the same server, dropped at the end."""
    name = unique("db")
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
    yield make_url(url).set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
