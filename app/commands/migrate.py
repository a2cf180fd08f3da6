"""`huiying migrate`: from one machine to the distributed set."""

from collections.abc import Sequence
from pathlib import Path

import click
from rich.progress import Progress

from app.engines import distributed_part, salt_of
from app.locking import sole_runner
from app.migration.before import check_salt, close_directory, owner_of
from app.migration.counted import Counted
from app.options import data_dir, distributed_settings
from app.progress import progress
from core.clock import random_id
from core.errors import StorageError
from core.settings import Settings
from core.storage.sqlite import upgrade_directory
from core.storage.sqlite.export import exported
from core.storage.sqlite.storage import FILE
from stream.topology import TOPOLOGY


@click.command()
@data_dir
def migrate(data_dir: Path | None) -> None:
    """Move everything of an embedded data directory to the empty distributed set that the settings name.

    Nothing else of ours may run on either side. If it stops halfway, run it again: it goes on where it was.
    """
    chosen = distributed_settings(data_dir=data_dir)
    directory = chosen.data_dir
    if not (directory / FILE).exists():
        raise StorageError(f"{directory} holds no data of Huiying: name the folder with --data-dir")
    with sole_runner(directory):
        if not check_salt(directory, salt_of(chosen)):
            click.echo(f"{directory} keeps no salt: HUIYING_SALT must be the one it was used with", err=True)
        upgrade_directory(directory)
        counted = move(chosen)
    if counted is None:
        click.echo(f"{directory} was moved before: nothing to do", err=True)
    else:
        show(counted)


def move(chosen: Settings) -> Sequence[Counted] | None:
    """Move, then count; None when a former run came to its end."""
    directory = chosen.data_dir
    owner = owner_of(directory) or random_id()
    with (
        distributed_part("app.distributed").connected(chosen) as target,
        exported(directory) as source,
        progress("migrate 迁移") as bar,
    ):
        moving = distributed_part("app.migration.move").Move(source, target, owner, PartBar(bar))
        if moving.done:
            return None
        distributed_part("app.distributed").refuse_while_working(target.brokers, f"{chosen.prefix}-", TOPOLOGY)
        moving.check_target()
        close_directory(directory, owner)
        counted: Sequence[Counted] = moving.run()
    return counted


class PartBar:
    """One bar, for one part after the other."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._task = bar.task_ids[0]

    def begin(self, part: str, total: int) -> None:
        """A new part of so many pieces."""
        self._bar.reset(self._task, total=total, description=part)

    def advance(self, number: int) -> None:
        """So many pieces more."""
        self._bar.advance(self._task, number)


def show(counted: Sequence[Counted]) -> None:
    """What there was and what has arrived; raises `StorageError` when something is missing."""
    for one in counted:
        click.echo(f"{'ok   ' if not one.missing else 'WRONG'} {one.part}: {one.here}, arrived {one.there}", err=True)
    missing = [one.part for one in counted if one.missing]
    if missing:
        raise StorageError(f"not everything has arrived ({', '.join(missing)}): see above and in the log, run it again")
