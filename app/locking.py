"""One runner per data directory: a lock that a killed process cannot leave behind."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import StorageError

FILE = "serve.lock"


@contextmanager
def runner_lock(directory: Path) -> Iterator[bool]:
    """Whether this process now owns the directory's runner; another one may own it already."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / FILE).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


@contextmanager
def sole_runner(directory: Path) -> Iterator[None]:
    """Own the directory's runner, or say who does."""
    with runner_lock(directory) as owned:
        if not owned:
            raise StorageError(f"{directory} is in use by another `huiying serve` or `huiying import`: stop it first")
        yield
