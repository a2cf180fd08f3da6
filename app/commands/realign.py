"""`huiying realign`: after a restore, brings the Store and the log together again."""

import click

from app.engines import distributed_part
from app.options import distributed_settings
from stream.topology import TOPOLOGY


@click.command()
def realign() -> None:
    """Bring positions and numbers together with a log of another age (after a restore); all workers must be stopped."""
    chosen = distributed_settings()
    part = distributed_part("app.distributed")
    with part.connected(chosen) as connected:
        part.refuse_while_working(connected.brokers, f"{chosen.prefix}-", TOPOLOGY)
        for sentence in part.realign(connected.database, connected.storage.log, TOPOLOGY):
            click.echo(sentence)
    click.echo("Store and log agree. Start the workers.", err=True)
