"""One runner per data directory, and a directory that cannot be one."""

from pathlib import Path

import pytest

from app.locking import runner_lock, sole_runner
from core.errors import StorageError


def test_a_second_runner_is_told_of_the_first(tmp_path: Path) -> None:
    with sole_runner(tmp_path / "data"), pytest.raises(StorageError, match="in use"), sole_runner(tmp_path / "data"):
        pytest.fail("two own it")


def test_a_directory_that_cannot_be_made_is_an_error_for_a_person(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="cannot be used"), runner_lock(tmp_path / "file" / "data"):
        pytest.fail("it was made")


def test_a_new_directory_is_for_its_owner_only(tmp_path: Path) -> None:
    with runner_lock(tmp_path / "data"):
        assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
