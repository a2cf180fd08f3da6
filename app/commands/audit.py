"""`huiying audit verify`: whether anybody changed what the audit says."""

import sys
from pathlib import Path

import click

from app.engines import opened
from app.options import data_dir, settings
from core.audit import Chains, walked
from core.errors import StorageError
from core.storage.sqlite.storage import FILE


@click.group()
def audit() -> None:
    """The record of who changed what, when and why."""


@audit.command()
@data_dir
@click.option("--expect", multiple=True, metavar="CHAIN:NUMBER:HASH", help="A head that was noted before, as printed.")
def verify(data_dir: Path | None, expect: tuple[str, ...]) -> None:
    """Walk every chain; exit status 1 when one is broken or does not hold a head that was noted before.

    Prints a line per chain, `CHAIN:NUMBER:HASH` first: note it elsewhere, so that later nobody can take the newest rows away
    or make a whole chain anew without it showing.
    """
    chosen = settings(data_dir=data_dir)
    if chosen.runner == "embedded" and not (chosen.data_dir / FILE).exists():
        raise StorageError(f"{chosen.data_dir} holds no data of Huiying: name the folder with --data-dir")
    with opened(chosen) as storage:
        found = list(walked(storage.store))
        lost = [noted for noted in expect if not _holds(storage.store, noted)]
        loose = storage.store.unchained_audit()
    for one in found:
        click.echo(f"{one.chain or '-'}:{one.rows}:{one.head}  {f'BROKEN: {one.why}' if one.why else 'holds'}")
    for noted in lost:
        click.echo(f"{noted}  BROKEN: the audit does not hold what was noted")
    if loose:
        click.echo(f"{loose} rows were written by an earlier release and stand in no chain", err=True)
    if lost or any(one.why for one in found):
        sys.exit(1)


def _holds(store: Chains, noted: str) -> bool:
    """Whether a chain has a row of that number with that hash."""
    chain, _, rest = noted.partition(":")
    number, _, digest = rest.partition(":")
    if not number.isdecimal():
        raise click.UsageError(f"{noted!r} is no CHAIN:NUMBER:HASH")
    name = "" if chain == "-" else chain
    return [link.hash for link in store.audit_links(name, int(number) - 1, 1)] == [digest]
