"""The migrated tables are the declared ones, on both engines; and what processes do on a database of another release."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from core.effects import SaveCase
from core.errors import StorageError
from core.storage import tables as t
from core.storage import writer
from core.storage.migrations import HISTORY
from core.storage.postgres import Database, prepare_tables, upgrade_tables
from core.storage.sqlite import open_storage
from core.storage.sqlite.engine import Database as File
from tests.history import CONTRACTS, EXPANDS, FAILS, later
from tests.records import case
from tests.servers.databases import own_database


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    """An empty database."""
    with own_database(postgres_url) as url, closing(Database(url)) as made:
        yield made


def differences(connection: Connection, **options: Any) -> list[Any]:
    """What Alembic would write into the next revision."""
    context = MigrationContext.configure(connection, opts={"compare_type": True, **options})
    found: list[Any] = compare_metadata(context, options["target_metadata"])
    return found


def test_on_postgres_the_migrated_tables_are_the_declared_ones(database: Database) -> None:
    prepare_tables(database)
    with database.write() as connection:
        assert differences(connection, target_metadata=[t.metadata, t.relayed]) == []


def test_on_sqlite_the_migrated_tables_are_the_declared_ones(tmp_path: Path) -> None:
    open_storage(tmp_path).close()
    with closing(File(tmp_path / "huiying.db")) as file, file.read() as connection:
        ours = set(t.metadata.tables)

        def declared(name: str | None, kind: str, _: Any) -> bool:
            return kind != "table" or name in ours  # log and index are SQLite's own and declared nowhere else

        assert differences(connection, target_metadata=t.metadata, include_name=declared) == []
        names = set(connection.exec_driver_sql("SELECT name FROM sqlite_master").scalars())
        assert not names & set(t.relayed.tables)


COLUMNS = """SELECT table_name, column_name, data_type, collation_name, is_nullable, column_default, is_identity
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
    ORDER BY table_name, column_name"""
"""Alembic compares neither collations, which order ids by their bytes, nor what numbers rows."""


def test_on_postgres_collations_and_defaults_are_the_declared_ones_too(database: Database, postgres_url: str) -> None:
    prepare_tables(database)
    with database.write() as connection:
        migrated = connection.exec_driver_sql(COLUMNS).all()
    with own_database(postgres_url) as url, closing(Database(url)) as declared, declared.write() as connection:
        t.metadata.create_all(connection)
        t.relayed.create_all(connection)
        assert migrated == connection.exec_driver_sql(COLUMNS).all()


def test_processes_that_start_at_once_on_an_empty_database_make_it_once(database: Database) -> None:
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: prepare_tables(database), range(6)))
    assert upgrade_tables(database) == (str(HISTORY.head), str(HISTORY.head))


def test_an_older_database_is_refused_until_it_is_upgraded(database: Database, tmp_path: Path) -> None:
    prepare_tables(database)
    history = later(tmp_path, EXPANDS, since=1)
    with pytest.raises(StorageError, match="run `huiying upgrade`"):
        prepare_tables(database, history)
    assert upgrade_tables(database, history) == (str(HISTORY.head), str(history.head))
    prepare_tables(database, history)


def test_a_process_works_on_tables_that_a_later_release_only_added_to(database: Database, tmp_path: Path) -> None:
    history = later(tmp_path, EXPANDS, since=1)
    upgrade_tables(database, history)
    prepare_tables(database)
    assert upgrade_tables(database) == (str(history.head), str(history.head))


def test_a_process_refuses_tables_of_which_a_later_release_took_something_away(
    database: Database, tmp_path: Path
) -> None:
    expanded = later(tmp_path, EXPANDS, since=1)
    contracted = later(tmp_path, CONTRACTS, since=expanded.head.number, base=expanded)
    upgrade_tables(database, contracted)
    prepare_tables(database, expanded)
    with pytest.raises(StorageError, match="took away what this one needs"):
        prepare_tables(database)


def test_an_upgrade_that_fails_leaves_the_tables_as_they_were(database: Database, tmp_path: Path) -> None:
    prepare_tables(database)
    with pytest.raises(StorageError):
        upgrade_tables(database, later(tmp_path, FAILS, since=1))
    assert upgrade_tables(database) == (str(HISTORY.head), str(HISTORY.head))


def test_tables_of_nobody_we_know_are_refused_and_left_as_they_are(database: Database) -> None:
    with database.write() as connection:
        t.metadata.create_all(connection)
    for prepare in (prepare_tables, upgrade_tables):
        with pytest.raises(StorageError, match="name an empty database"):
            prepare(database)
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num varchar(32))")
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('1975ea83b712')")
    with pytest.raises(StorageError, match="1975ea83b712"):
        prepare_tables(database)


def test_an_upgrade_goes_on_under_a_process_that_writes(database: Database, tmp_path: Path) -> None:
    prepare_tables(database)
    upgrade_tables(database, later(tmp_path, EXPANDS, since=1))
    with database.write() as connection:
        writer.apply(connection, [SaveCase(case(), 0)])
        assert connection.exec_driver_sql("SELECT id, mood FROM cases").all() == [("c1", None)]
