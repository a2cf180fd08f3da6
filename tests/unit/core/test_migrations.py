"""The history of the tables on SQLite: what `open_storage` makes, refuses and upgrades."""

import sqlite3
from importlib import import_module
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from core.effects import Effects
from core.errors import StorageError
from core.records import Place, User
from core.storage.migrations import HISTORY, Revision
from core.storage.sqlite import open_storage, upgrade_directory
from tests.history import EXPANDS, FAILS, OURS, later
from tests.records import NOON, labels, post

WANG = User(id="u1", name="wang", role="viewer", created_at=NOON)


def scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(OURS))
    return ScriptDirectory.from_config(config)


def test_the_history_is_one_line_in_which_every_name_says_its_number_and_whom_it_works_with():
    line = [Revision.named(script.revision) for script in scripts().walk_revisions()][::-1]
    assert [r.number for r in line] == list(range(1, len(line) + 1))
    assert all(r.since <= r.number for r in line)
    assert [r.since for r in line] == sorted(r.since for r in line), "what was taken away does not come back"


def test_the_program_knows_the_newest_revision_and_its_names_fit_into_alembics_column():
    assert scripts().get_heads() == [str(HISTORY.head)]
    assert len(str(HISTORY.head)) <= 32


@pytest.fixture
def office(tmp_path: Path) -> Path:
    storage = open_storage(tmp_path / "data")
    storage.commit(Effects(changes=[WANG]))
    storage.close()
    return tmp_path / "data"


def test_an_older_directory_is_refused_by_other_commands_and_upgraded_after_a_copy(office: Path, tmp_path: Path):
    history = later(tmp_path, EXPANDS, since=1)
    with pytest.raises(StorageError, match="start `huiying serve`"):
        open_storage(office, history)
    copy = upgrade_directory(office, history)
    assert copy == office / f"huiying-{HISTORY.head}.db"
    assert copy.stat().st_mode & 0o077 == 0
    upgraded = open_storage(office, history)
    assert upgraded.store.user("wang") == WANG
    upgraded.close()
    assert upgrade_directory(office, history) is None


def test_the_copy_is_the_directory_as_it_was(office: Path, tmp_path: Path):
    copy = upgrade_directory(office, later(tmp_path, EXPANDS, since=1))
    (tmp_path / "back").mkdir()
    copy.rename(tmp_path / "back" / "huiying.db")
    before = open_storage(tmp_path / "back")
    assert before.store.user("wang") == WANG
    before.close()


def test_an_upgrade_that_fails_leaves_the_directory_as_it_was(office: Path, tmp_path: Path):
    with pytest.raises(StorageError, match=r"huiying\.db"):
        upgrade_directory(office, later(tmp_path, FAILS, since=1))
    same = open_storage(office)
    assert same.store.user("wang") == WANG
    same.close()
    columns = sqlite3.connect(office / "huiying.db").execute("SELECT name FROM pragma_table_info('cases')").fetchall()
    assert ("mood",) not in columns


def test_a_directory_of_a_later_release_is_refused_even_if_it_only_added(office: Path, tmp_path: Path):
    upgrade_directory(office, later(tmp_path, EXPANDS, since=1))
    with pytest.raises(StorageError, match=f"later release.*{HISTORY.head.number + 1:04}_since_0001"):
        open_storage(office)
    assert upgrade_directory(office) is None


def test_a_directory_that_is_not_there_has_nothing_to_upgrade(tmp_path: Path):
    assert upgrade_directory(tmp_path / "none") is None
    assert not (tmp_path / "none").exists()


def test_what_was_stored_before_is_counted_by_division_as_what_comes_after(tmp_path: Path):
    places = (Place(code="990100001101", name="x", text="x"), Place(code="990100001102", name="y", text="y"))
    storage = open_storage(tmp_path / "data")
    storage.commit(Effects(posts=[post("a", labels=labels("negative", places=places)), post("b", minutes=70)]))
    storage.close()
    counts = import_module("core.storage.migrations.versions.r0003").COUNTS
    with sqlite3.connect(tmp_path / "data" / "huiying.db") as file:
        within = "SELECT * FROM rollups WHERE dimension = 4 ORDER BY value"
        as_written = file.execute(within).fetchall()
        file.execute("DELETE FROM rollups WHERE dimension = 4")
        file.execute(counts)
        assert file.execute(within).fetchall() == as_written
    assert [row[3] for row in as_written] == ["99", "9901", "990100", "990100001", "990100001101", "990100001102"]


def test_what_people_did_with_posts_stored_before_is_counted_as_with_those_that_come_after(tmp_path: Path):
    storage = open_storage(tmp_path / "data")
    storage.commit(Effects(posts=[post("a", likes=3, comments=4), post("b", minutes=1, group="a", shares=5)]))
    storage.close()
    counts = import_module("core.storage.migrations.versions.r0007").COUNTS
    with sqlite3.connect(tmp_path / "data" / "huiying.db") as file:
        file.execute("UPDATE posts SET interactions = 0")
        file.execute(counts)
        assert file.execute("SELECT id, interactions FROM posts ORDER BY id").fetchall() == [("a", 7), ("b", 5)]
