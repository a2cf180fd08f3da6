"""What must be true before a directory moves."""

from pathlib import Path

from app.engines import SALT_FILE
from app.salt import kept_salt
from core.errors import ConfigurationError, StorageError
from core.storage.sqlite.storage import MOVED


def check_salt(directory: Path, salt: str) -> bool:
    """Whether the directory keeps a salt of its own; raises `ConfigurationError` when it is another one than `salt`."""
    file = directory / SALT_FILE
    if not file.exists():
        return False
    if kept_salt(file) != salt:
        raise ConfigurationError(
            f"HUIYING_SALT is not the salt of {directory}: every author would become a stranger. Set it to what stands in"
            f" {file}, for all processes, then run this again"
        )
    return True


def owner_of(directory: Path) -> str | None:
    """The name under which a directory began to move; None when it has not."""
    file = directory / MOVED
    try:
        return file.read_text(encoding="ascii") if file.exists() else None
    except (OSError, ValueError) as error:
        raise StorageError(f"{file} cannot be used: {error}") from error


def close_directory(directory: Path, owner: str) -> None:
    """From now on no other command opens it."""
    try:
        (directory / MOVED).write_text(owner, encoding="ascii")
    except OSError as error:
        raise StorageError(f"{directory / MOVED} cannot be written: {error}") from error
