"""An office on one machine: its disk, its database, its port."""

import shutil
import socket
import sqlite3
from contextlib import closing
from functools import partial

from app.doctor import program
from app.doctor.examine import Check, Finding
from app.locking import runner_lock
from core.settings import Settings
from core.storage.sqlite import open_storage
from core.storage.sqlite.storage import DIRECTORY_MODE, FILE

SCARCE_BYTES = 2 * 1024**3


def checks(settings: Settings) -> list[Check]:
    """In the order in which a person would look."""
    return [
        Check("disk", partial(_disk, settings)),
        Check("rights", partial(_rights, settings)),
        Check("database", partial(_database, settings)),
        Check("runner", partial(_runner, settings)),
        *program.checks(settings),
        Check("port", partial(_port, settings)),
    ]


def _disk(settings: Settings) -> Finding:
    settings.data_dir.mkdir(DIRECTORY_MODE, parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.data_dir).free
    said = f"{free / 1024**3:.1f} GiB free in {settings.data_dir}"
    return Finding(free >= SCARCE_BYTES, said if free >= SCARCE_BYTES else f"{said}: free some space")


def _rights(settings: Settings) -> Finding:
    """What people wrote is for the service's user only."""
    if settings.data_dir.stat().st_mode & 0o077:
        return Finding(False, f"other users may look into {settings.data_dir}: chmod -R go= {settings.data_dir}")
    return Finding(True, "closed to other users")


def _database(settings: Settings) -> Finding:
    open_storage(settings.data_dir).close()
    with closing(sqlite3.connect(settings.data_dir / FILE)) as database:
        (answer,) = database.execute("PRAGMA quick_check").fetchone()
    return Finding(answer == "ok", "whole" if answer == "ok" else f"{answer}: restore a backup")


def _runner(settings: Settings) -> Finding:
    with runner_lock(settings.data_dir) as free:
        return Finding(True, "not running" if free else "running")


def _port(settings: Settings) -> Finding:
    with socket.socket() as probe:
        taken = probe.connect_ex((settings.host, settings.port)) == 0
    return Finding(True, f"{settings.host}:{settings.port} {'answers' if taken else 'is free'}")
