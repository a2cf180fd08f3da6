"""`huiying reindex`: the index for a new version of the program, or anew from the log."""

import click

from app.engines import distributed_part
from app.options import distributed_settings


@click.command()
@click.option("--from-log", is_flag=True, help="The index was lost: write it anew from what Kafka still holds.")
@click.option("--drop-old", is_flag=True, help="Copy once more, then delete the indices of older versions.")
def reindex(*, from_log: bool, drop_old: bool) -> None:
    """Fill the indices of this version from those of the one before; workers may run. Run it again to copy the rest."""
    if from_log and drop_old:
        raise click.UsageError("--from-log and --drop-old are for different cases: give one of them")
    chosen = distributed_settings()
    part = distributed_part("app.reindexing")
    if from_log:
        click.echo(part.from_log(chosen), err=True)
        return
    click.echo(part.from_older(chosen, drop_old=drop_old), err=True)
