"""`huiying serve`: everything, in one process, over one data directory."""

import asyncio
from functools import partial
from pathlib import Path

import click

from api.people import setup_link
from app.compose import build_product, first_invite
from app.locking import sole_runner
from app.options import data_dir, settings
from app.server import run_server
from core.clock import utc_now
from core.errors import ConfigurationError
from core.ports import Storage
from core.settings import Settings
from core.storage.sqlite import upgrade_directory
from core.telemetry import configure_logging


@click.command()
@data_dir
@click.option("--port", type=int, help="Where to listen (default: 8400).")
@click.option("--host", help="The address to listen on (default: 127.0.0.1).")
@click.option("--sample", is_flag=True, help="Play the bundled sample on the first start.")
def serve(data_dir: Path | None, port: int | None, host: str | None, *, sample: bool) -> None:
    """Start everything: the board, the API, the pipeline and the deliveries."""
    chosen = settings(data_dir=data_dir, port=port, host=host)
    configure_logging(chosen.log_level, chosen.log_format)
    if chosen.runner == "distributed":
        raise ConfigurationError("HUIYING_RUNNER=distributed: start `huiying api` and `huiying worker` instead")
    with sole_runner(chosen.data_dir):
        upgrade_directory(chosen.data_dir)
        product = build_product(chosen)
        try:
            greet_ = partial(greet, product.storage, chosen)
            asyncio.run(run_server(product, chosen, sample=sample, greet=greet_))
        finally:
            product.storage.close()


def greet(storage: Storage, chosen: Settings, url: str) -> None:
    """Say where the board is; on the first start, how the administrator gets in."""
    address = chosen.public_url or url
    click.echo(f"\n  Huiying 回应: {address}", err=True)
    code = first_invite(storage, utc_now)
    if code is not None:
        click.echo("\n  第一次启动：打开下面的一次性链接，设置管理员（3 天内有效）", err=True)
        click.echo("  First start: make the administrator with this one-time link (valid 3 days)", err=True)
        click.echo(f"\n  {setup_link(address, code)}\n", err=True)
