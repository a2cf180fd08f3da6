"""`huiying backup` and `huiying restore`: the whole data directory as one file, also while it is in use."""

import sqlite3
import tarfile
import tempfile
import zlib
from contextlib import closing
from gzip import BadGzipFile
from pathlib import Path

import click

from app.options import data_dir, settings
from core.errors import StorageError
from core.storage.sqlite.engine import snapshot
from core.storage.sqlite.storage import DIRECTORY_MODE, FILE

BESIDE = ("salt",)
"""Files of the data directory that belong to a backup besides the database."""


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@data_dir
def backup(file: Path, data_dir: Path | None) -> None:
    """Write FILE (.tar.gz, readable by its owner only) with everything; the server may go on meanwhile."""
    source = settings(data_dir=data_dir).data_dir
    if not (source / FILE).exists():
        raise StorageError(f"{source} holds no data of Huiying")
    if file.exists():
        raise StorageError(f"{file} exists already: name a new file")
    with tempfile.TemporaryDirectory(dir=file.absolute().parent) as folder:
        copy = Path(folder) / FILE
        snapshot(source / FILE, copy)
        # Under its name only when it is whole; the folder is its owner's, and so must the file be that leaves it.
        packed = Path(folder) / "backup.tar.gz"
        packed.touch(0o600)
        with tarfile.open(packed, "w:gz") as archive:
            archive.add(copy, FILE)
            for name in BESIDE:
                if (source / name).exists():
                    archive.add(source / name, name)
        packed.rename(file)
    click.echo(f"{file}: {file.stat().st_size / 1e6:.1f} MB", err=True)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@data_dir
def restore(file: Path, data_dir: Path | None) -> None:
    """Unpack a backup into a data directory that is empty or not there yet."""
    target = settings(data_dir=data_dir).data_dir
    if target.exists() and any(target.iterdir()):
        raise StorageError(f"{target} is not empty: move it away first, nothing is overwritten")
    try:
        _unpack(file, target)
    except (tarfile.TarError, EOFError, zlib.error, BadGzipFile) as error:
        raise StorageError(f"{file} is not a backup, or is damaged: {error}") from error
    with closing(sqlite3.connect(target / FILE)) as database:
        (answer,) = database.execute("PRAGMA quick_check").fetchone()
    if answer != "ok":
        raise StorageError(f"the database in {file} is damaged: {answer}")
    click.echo(f"{target}: restored", err=True)


def _unpack(file: Path, target: Path) -> None:
    """Everything or nothing: an archive that ends early leaves `target` as it was."""
    target.mkdir(DIRECTORY_MODE, parents=True, exist_ok=True)
    with tarfile.open(file) as archive, tempfile.TemporaryDirectory(dir=target) as folder:
        members = [m for m in archive.getmembers() if m.isfile() and m.name in (FILE, *BESIDE)]
        if FILE not in [m.name for m in members]:
            raise StorageError(f"{file} is not a backup of Huiying")
        archive.extractall(folder, members, filter="data")
        for member in members:
            (Path(folder) / member.name).rename(target / member.name)
