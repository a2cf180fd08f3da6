"""`huiying doctor`: checks what a working office needs, and says what to do where something is missing."""

import shutil
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import click

from api.app import BOARD
from app.judgement import build_analyser, build_gazetteer, load_policies
from app.locking import runner_lock
from app.options import data_dir, settings
from core.errors import HuiyingError
from core.settings import Settings
from core.storage.sqlite import open_storage
from core.storage.sqlite.storage import DIRECTORY_MODE, FILE

SCARCE_BYTES = 2 * 1024**3

Finding = tuple[bool, str]


@click.command()
@data_dir
def doctor(data_dir: Path | None) -> None:
    """Check settings, disk, database, models, policy, board and port; exit status 1 when something is wrong."""
    chosen = settings(data_dir=data_dir)
    wrong = 0
    for name, check in CHECKS.items():
        try:
            good, said = check(chosen)
        except HuiyingError as error:
            good, said = False, str(error)
        click.echo(f"{'ok   ' if good else 'WRONG'} {name}: {said}")
        wrong += not good
    raise SystemExit(1 if wrong else 0)


def _disk(chosen: Settings) -> Finding:
    chosen.data_dir.mkdir(DIRECTORY_MODE, parents=True, exist_ok=True)
    free = shutil.disk_usage(chosen.data_dir).free
    said = f"{free / 1024**3:.1f} GiB free in {chosen.data_dir}"
    return free >= SCARCE_BYTES, said if free >= SCARCE_BYTES else f"{said}: free some space"


def _rights(chosen: Settings) -> Finding:
    """What people wrote is for the service's user only."""
    if chosen.data_dir.stat().st_mode & 0o077:
        return False, f"other users may look into {chosen.data_dir}: chmod -R go= {chosen.data_dir}"
    return True, "closed to other users"


def _database(chosen: Settings) -> Finding:
    open_storage(chosen.data_dir).close()
    with closing(sqlite3.connect(chosen.data_dir / FILE)) as database:
        (answer,) = database.execute("PRAGMA quick_check").fetchone()
    return answer == "ok", "whole" if answer == "ok" else f"{answer}: restore a backup"


def _runner(chosen: Settings) -> Finding:
    with runner_lock(chosen.data_dir) as free:
        return True, "not running" if free else "running"


def _models(chosen: Settings) -> Finding:
    analyser = build_analyser(build_gazetteer(chosen))
    return True, f"loaded {analyser.labeller.version}"


def _policy(chosen: Settings) -> Finding:
    policy = load_policies(chosen)
    return bool(policy.rules), f"{len(policy.rules)} rules, {len(policy.units)} units, version {policy.version}"


def _board(_: Settings) -> Finding:
    built = (BOARD / "index.html").exists()
    return built, "built" if built else "not built: run `make web`"


def _port(chosen: Settings) -> Finding:
    with socket.socket() as probe:
        taken = probe.connect_ex((chosen.host, chosen.port)) == 0
    return True, f"{chosen.host}:{chosen.port} {'answers' if taken else 'is free'}"


CHECKS: dict[str, Callable[[Settings], Finding]] = {
    "disk": _disk,
    "rights": _rights,
    "database": _database,
    "runner": _runner,
    "models": _models,
    "policy": _policy,
    "board": _board,
    "port": _port,
}
