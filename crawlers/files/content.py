"""The bytes of a file: opened, unpacked if gzipped, and stopped when they swell beyond belief."""

import gzip
import hashlib
import io
import os
import zlib
from pathlib import Path
from typing import BinaryIO, cast

from core.errors import Refused

GZIP_MAGIC = b"\x1f\x8b"
LARGEST_UNPACKED = 16 * 1024**3
SUSPICIOUS_RATIO = 200
"""Text packs 3 to 20 times; a thousand times is what a bomb reaches (DEFLATE's own limit is 1 032)."""
SUSPICIOUS_FROM = 32 * 1024**2
EDGE = 65_536

DAMAGED = (gzip.BadGzipFile, zlib.error, EOFError)
"""What a broken gzip file raises while it is read."""


class _Watched(io.RawIOBase):
    """Counts what comes out of a gzip file and refuses a bomb before it fills anything."""

    def __init__(self, packed: Path) -> None:
        self._file = gzip.open(packed, "rb")  # noqa: SIM115  # closed by close()
        self._packed_size = max(packed.stat().st_size, 1)
        self._read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]  # typeshed's Buffer is newer than 3.11
        data = self._file.read(len(view))
        view[: len(data)] = data
        self._read += len(data)
        swollen = self._read > SUSPICIOUS_FROM and self._read > SUSPICIOUS_RATIO * self._packed_size
        if swollen or self._read > LARGEST_UNPACKED:
            raise Refused("compression_bomb", "The gzip file unpacks to far more than a table would.")
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()


def open_content(path: Path) -> BinaryIO:
    """The (unpacked) bytes of a file, for reading once from the start. Raises `Refused` (`unreadable`)."""
    try:
        if is_gzip(path):
            return cast(BinaryIO, io.BufferedReader(_Watched(path), EDGE))
        return path.open("rb")
    except OSError as error:
        raise Refused("unreadable", f"{path.name} cannot be opened: {error.strerror}.") from error


def is_gzip(path: Path) -> bool:
    """Whether the file begins like gzip, whatever its name says."""
    with path.open("rb") as file:
        return file.read(2) == GZIP_MAGIC


def head(path: Path, size: int) -> bytes:
    """The first `size` unpacked bytes. Raises `Refused` (`damaged_file`, `unreadable`)."""
    try:
        with open_content(path) as content:
            return content.read(size)
    except DAMAGED as error:
        raise Refused("damaged_file", f"{path.name} is a damaged gzip file.") from error


def fingerprint(path: Path) -> str:
    """SHA-256 over the size and the first and last 64 KiB as stored: the same file, for the purpose of going on with it."""
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        digest.update(file.read(EDGE))
        file.seek(max(size - EDGE, 0), os.SEEK_SET)
        digest.update(file.read(EDGE))
    return digest.hexdigest()
