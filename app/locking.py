"""One runner per data directory: a lock that a killed process cannot leave behind."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from core.errors import StorageError
from core.storage.sqlite.storage import DIRECTORY_MODE

FILE = "serve.lock"


@contextmanager
def runner_lock(directory: Path) -> Iterator[bool]:
    """Whether this process now owns the directory's runner; another one may own it already."""
    with _open(directory) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _open(directory: Path) -> TextIO:
    try:
        directory.mkdir(DIRECTORY_MODE, parents=True, exist_ok=True)
        return (directory / FILE).open("a")
    except OSError as error:
        raise StorageError(f"{directory} cannot be used as a data directory: {error.strerror}") from error


@contextmanager
def sole_runner(directory: Path) -> Iterator[None]:
    """Own the directory's runner, or say who does."""
    with runner_lock(directory) as owned:
        if not owned:
            raise StorageError(f"{directory} is in use by another `huiying serve` or `huiying import`: stop it first")
        yield
