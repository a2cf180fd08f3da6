"""The salt: made once, whole, for its owner only; never silently empty."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.salt import LENGTH, kept_salt
from core.errors import StorageError


def test_it_is_made_once_and_kept_for_its_owner_only(tmp_path: Path) -> None:
    made = kept_salt(tmp_path / "salt")
    assert len(made) == LENGTH
    assert kept_salt(tmp_path / "salt") == made
    assert (tmp_path / "salt").stat().st_mode & 0o777 == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["salt"]


def test_all_who_start_at_once_get_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(kept_salt, [tmp_path / "salt"] * 16))) == 1


@pytest.mark.parametrize("content", [b"", b"\n", b"abc", b"\xff" * 64])
def test_a_damaged_one_is_an_error_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "salt").write_bytes(content)
    with pytest.raises(StorageError):
        kept_salt(tmp_path / "salt")
    assert (tmp_path / "salt").read_bytes() == content
