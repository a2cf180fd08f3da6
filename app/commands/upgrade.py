"""`huiying upgrade`: brings the tables of the distributed set to this release, once, before its processes start."""

import click

from app.engines import distributed_part
from app.options import distributed_settings


@click.command()
def upgrade() -> None:
    """Upgrade the tables in PostgreSQL; processes of the release before go on meanwhile."""
    before, after = distributed_part("app.distributed").upgrade(distributed_settings())
    click.echo(f"{before or 'empty'} -> {after}" if before != after else f"{after}: nothing to do", err=True)
