"""Backups: whole, for their owner only, and nothing half restored."""

import tarfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import cli
from core.errors import StorageError
from core.storage.sqlite import open_storage


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """A backup of an empty installation."""
    open_storage(tmp_path / "data").close()
    (tmp_path / "data" / "salt").write_bytes(b"0" * 64)
    run("backup", tmp_path / "b.tar.gz", tmp_path / "data")
    return tmp_path / "b.tar.gz"


def run(command: str, file: Path, data: Path) -> None:
    CliRunner().invoke(cli, [command, str(file), "--data-dir", str(data)], catch_exceptions=False)


def outcome(file: Path, data: Path) -> BaseException | None:
    return CliRunner().invoke(cli, ["restore", str(file), "--data-dir", str(data)]).exception


def test_a_backup_is_for_its_owner_only_and_comes_back(backup: Path, tmp_path: Path) -> None:
    assert backup.stat().st_mode & 0o777 == 0o600
    run("restore", backup, tmp_path / "again")
    assert sorted(p.name for p in (tmp_path / "again").iterdir()) == ["huiying.db", "salt"]
    assert (tmp_path / "again").stat().st_mode & 0o777 == 0o700


def test_a_backup_that_ends_early_is_said_so_and_leaves_nothing_behind(backup: Path, tmp_path: Path) -> None:
    whole = backup.read_bytes()
    for length in (0, 5, len(whole) // 2):
        backup.write_bytes(whole[:length])
        assert isinstance(outcome(backup, tmp_path / "again"), StorageError), length
        assert list((tmp_path / "again").iterdir()) == []


def test_another_archive_is_no_backup(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "other.tar", "w") as archive:
        archive.add(__file__, "../huiying.db")
    assert isinstance(outcome(tmp_path / "other.tar", tmp_path / "again"), StorageError)
