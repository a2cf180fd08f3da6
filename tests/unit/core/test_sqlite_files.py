"""Data directories that are not what they should be: a clear error, and nothing lost."""

import os
import sqlite3
from pathlib import Path

import pytest

from core.effects import Effects, Message
from core.errors import StorageError
from core.storage.sqlite import open_storage
from core.storage.sqlite.engine import explain
from core.topics import Topic


def some(number: int, size: int = 10) -> list[Message]:
    return [Message(topic=Topic.POSTS_RAW, key="99", id=str(n), value=os.urandom(size)) for n in range(number)]


def test_a_directory_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("x")
    with pytest.raises(StorageError, match=r"thesis\.docx"):
        open_storage(tmp_path)


def test_the_database_of_another_program_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "huiying.db")
    db.execute("CREATE TABLE theirs (x)")
    db.close()
    with pytest.raises(StorageError, match="another program"):
        open_storage(tmp_path)
    tables = sqlite3.connect(tmp_path / "huiying.db").execute("SELECT name FROM sqlite_master").fetchall()
    assert tables == [("theirs",)]


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "huiying.db").write_bytes(b"this is not a database, not at all" * 100)
    with pytest.raises(StorageError, match="not a Huiying database"):
        open_storage(tmp_path)


def test_tables_of_a_later_release_are_refused(tmp_path: Path) -> None:
    storage = open_storage(tmp_path)
    storage.close()
    db = sqlite3.connect(tmp_path / "huiying.db")
    db.execute("UPDATE alembic_version SET version_num = '9999_since_0001'")
    db.commit()
    db.close()
    with pytest.raises(StorageError, match="later release"):
        open_storage(tmp_path)


def test_a_file_where_a_directory_should_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("x")
    with pytest.raises(StorageError, match="cannot be used"):
        open_storage(tmp_path / "data")


def test_a_full_disk_is_said_plainly_and_what_was_committed_stays(tmp_path: Path) -> None:
    storage = open_storage(tmp_path)
    storage.log.append(some(3))
    with storage._database.write() as connection:  # SQLite's own page limit stands for the full disk
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StorageError, match="disk is full"):
        storage.commit(Effects(messages=some(500, 5000)[3:]))
    assert len(storage.log.read(Topic.POSTS_RAW, 0, 1000)) == 3
    storage.close()
    again = open_storage(tmp_path)
    assert len(again.log.read(Topic.POSTS_RAW, 0, 1000)) == 3
    again.log.append([Message(topic=Topic.POSTS_RAW, key="99", id="new", value=b"1")])
    again.close()


def test_a_damaged_page_is_said_plainly(tmp_path: Path) -> None:
    storage = open_storage(tmp_path)
    storage.log.append(some(2000, 500))
    storage.close()
    file = tmp_path / "huiying.db"
    data = bytearray(file.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 200_000] = b"\xff" * 200_000
    file.write_bytes(data)
    damaged = open_storage(tmp_path)
    with pytest.raises(StorageError, match="damaged"):
        damaged.log.read(Topic.POSTS_RAW, 0, 5000)
    damaged.close()


def test_a_writer_that_never_lets_go_is_said_plainly() -> None:
    assert "locked by another program" in explain(Path("/d/huiying.db"), "database is locked")
