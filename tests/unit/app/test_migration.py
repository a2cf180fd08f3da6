"""What must be true before a directory moves."""

from pathlib import Path

import pytest

from app.migration.before import check_salt, close_directory, owner_of
from app.salt import kept_salt
from core.errors import ConfigurationError, StorageError
from core.storage.sqlite import open_storage


def test_the_salt_must_be_the_one_that_the_directory_keeps(tmp_path: Path):
    salt = kept_salt(tmp_path / "salt")
    assert check_salt(tmp_path, salt)
    with pytest.raises(ConfigurationError, match="every author would become a stranger") as raised:
        check_salt(tmp_path, "another")
    assert salt not in str(raised.value)


def test_a_directory_that_was_used_with_a_salt_of_the_settings_keeps_none(tmp_path: Path):
    assert not check_salt(tmp_path, "of the settings")


def test_a_directory_that_moves_is_closed_until_its_owner_opens_it_again(tmp_path: Path):
    open_storage(tmp_path).close()
    assert owner_of(tmp_path) is None
    close_directory(tmp_path, "m1")
    assert owner_of(tmp_path) == "m1"
    with pytest.raises(StorageError, match=str(tmp_path / "moved")):
        open_storage(tmp_path)
    (tmp_path / "moved").unlink()
    open_storage(tmp_path).close()
