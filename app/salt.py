"""The secret that authors' names are hashed with. A lost or changed one makes every author a stranger."""

import os
import secrets
import tempfile
from pathlib import Path

from core.errors import StorageError

LENGTH = 64
"""Hexadecimal digits: 256 bits."""


def kept_salt(file: Path) -> str:
    """The salt in `file`, made when there is none: whole or not at all, by one process, for its owner only.

    Raises `StorageError` when the file is empty or cut short: going on would hash authors without a secret.
    """
    try:
        if not file.exists():
            _make(file)
        salt = file.read_text(encoding="ascii").strip()
    except (OSError, ValueError) as error:
        raise StorageError(f"{file} cannot be used: {error}") from error
    if len(salt) < LENGTH:
        raise StorageError(f"{file} is damaged: restore it from a backup; remove it only if there are no posts yet")
    return salt


def _make(file: Path) -> None:
    """Written under another name first, then linked: linking fails where another process was faster."""
    with tempfile.NamedTemporaryFile("w", dir=file.parent, prefix=".salt-", encoding="ascii") as fresh:
        fresh.write(secrets.token_hex(LENGTH // 2))
        fresh.flush()
        os.fsync(fresh.fileno())
        try:
            os.link(fresh.name, file)
        except FileExistsError:
            return
