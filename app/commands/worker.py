"""`huiying worker` and `huiying api`: the distributed runner, process by process."""

import asyncio
import tempfile
from functools import partial
from pathlib import Path

import click

from app.commands.serve import greet
from app.compose import Workshop, build_parts, spare_the_collector
from app.engines import distributed_part
from app.options import distributed_settings
from app.server import run_api
from core.clock import utc_now
from core.errors import Refused
from core.telemetry import Metrics
from stream.topology import TOPOLOGY

STAGES = (*TOPOLOGY, "deliver")


@click.command()
@click.argument("stages", nargs=-1, type=click.Choice(STAGES))
@click.option("--port", type=int, help="Where health and metrics are shown (default: 8400).")
@click.option("--host", help="The address to listen on (default: 127.0.0.1).")
def worker(stages: tuple[str, ...], port: int | None, host: str | None) -> None:
    """Run STAGES (default: all) of the distributed runner; start as many of each as the load asks for."""
    chosen = distributed_settings(port=port, host=host)
    names, metrics = stages or STAGES, Metrics()
    with (
        distributed_part("app.distributed").connected(chosen, metrics) as connected,
        tempfile.TemporaryDirectory(prefix="huiying-worker-") as scratch,
    ):
        status = distributed_part("app.worker").run(names, connected, chosen, metrics, Path(scratch))
    raise SystemExit(status)


@click.command()
@click.option("--port", type=int, help="Where to listen (default: 8400).")
@click.option("--host", help="The address to listen on (default: 127.0.0.1).")
def api(port: int | None, host: str | None) -> None:
    """The board and the API of the distributed set; start as many as there are screens for."""
    chosen = distributed_settings(port=port, host=host)
    metrics = Metrics()
    with distributed_part("app.distributed").connected(chosen, metrics) as connected:
        storage = connected.storage
        parts = build_parts(chosen, storage, Workshop(chosen, storage, metrics), metrics, utc_now, _not_here)
        spare_the_collector()
        asyncio.run(run_api(parts, chosen, greet=partial(greet, storage, chosen)))


async def _not_here(jurisdiction: str) -> None:
    """Workers elsewhere hold what is to be removed; the sample, which asks for it, is played by `serve` only."""
    raise Refused("embedded_only", f"{jurisdiction} cannot be removed: the distributed set does not do that yet.")
