"""The life of `huiying worker`: agents and chores of one process until a signal, a crash or a stall."""

import asyncio
import os
from collections.abc import Collection, Sequence
from pathlib import Path

import structlog
import uvloop

from api.probe import create_probe
from app.chores import office_chores
from app.compose import Workshop, spare_the_collector
from app.distributed import Connected, refuse_if_ahead
from app.ending import stop_on_signal
from app.server import Beside, address_of, config_of, listen
from core.clock import utc_now
from core.settings import Settings
from core.telemetry import INDEX, LOG, Metrics
from stream.chores import Chore, pause, repeat
from stream.distributed import Agent, Tools
from stream.topology import TOPOLOGY, topology

log = structlog.get_logger()

OFFICE = "deliver"
"""The worker without a topic: deliveries, clocks and retention."""
WORKERS = (*TOPOLOGY, OFFICE)
LOOK_EVERY_S = 5.0
SWEEP_EVERY_S = 2.0
STALLED_S = 120.0
"""A worker with something to read that handles nothing for so long ends itself; who started it starts it again."""
CRASHED, STALLED = 1, 70
"""Exit statuses."""


def run(names: Collection[str], connected: Connected, settings: Settings, metrics: Metrics, scratch: Path) -> int:
    """Work until SIGINT or SIGTERM; the exit status. Faust's consumer makes a loop of its own, by the same policy."""
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    return asyncio.run(run_worker(names, connected, settings, metrics, scratch))


async def run_worker(
    names: Collection[str], connected: Connected, settings: Settings, metrics: Metrics, scratch: Path
) -> int:
    """Work until SIGINT or SIGTERM; the exit status."""
    refuse_if_ahead(connected)
    workshop = Workshop(settings, connected.storage, metrics)
    tools = Tools(
        connected.storage, connected.brokers, utc_now, metrics, settings.batch, scratch, f"{settings.prefix}-"
    )
    agents = [Agent(step, tools) for step in topology(workshop, names)]
    metrics.expect(agent.step.name for agent in agents)
    chores = [_sweep(connected, metrics)]
    if OFFICE in names:
        chores += office_chores(settings, connected.storage, workshop.decide, lambda: workshop.maker, metrics, utc_now)
    spare_the_collector()
    stopping = asyncio.Event()
    stop_on_signal(stopping)
    return await _work(agents, chores, settings, metrics, stopping)


async def _work(
    agents: Sequence[Agent], chores: Sequence[Chore], settings: Settings, metrics: Metrics, stopping: asyncio.Event
) -> int:
    listener = listen(settings.host, settings.port)
    server = Beside(config_of(create_probe(metrics, lambda: _trouble(agents))))
    serving = asyncio.create_task(server.serve(sockets=[listener]), name="probe")
    async with asyncio.TaskGroup() as group:
        for agent in agents:
            await agent.start()
        for chore in chores:
            group.create_task(repeat(chore, stopping), name=chore.name)
        log.info("worker_ready", address=address_of(listener), stages=[a.step.name for a in agents])
        status = await _watch(agents, stopping)
        stopping.set()
        await asyncio.gather(*(agent.stop() for agent in agents), return_exceptions=True)
    server.should_exit = True
    await serving
    log.info("stopped")
    return status


async def _watch(agents: Sequence[Agent], stopping: asyncio.Event) -> int:
    """Return when asked to stop, or when an agent has crashed; end the process when one has stalled."""
    while not stopping.is_set():
        await pause(stopping, LOOK_EVERY_S)
        for agent in agents:
            failure = agent.failure()
            if failure is not None:
                log.error("worker_crashed", stage=agent.step.name, exc_info=failure)
                return CRASHED
            await agent.look()
            if agent.idle_s() > STALLED_S:
                log.error("worker_stalled", stage=agent.step.name, idle_s=round(agent.idle_s()))
                os._exit(STALLED)  # its thread may hang: there is nothing to wait for
    return 0


def _trouble(agents: Sequence[Agent]) -> str:
    crashed = [a.step.name for a in agents if a.failure() is not None]
    stalled = [a.step.name for a in agents if a.idle_s() > STALLED_S / 2]
    return ", ".join([*(f"{name} crashed" for name in crashed), *(f"{name} is stalled" for name in stalled)])


def _sweep(connected: Connected, metrics: Metrics) -> Chore:
    """Sends what dead processes owed, and says how much waits."""

    def sweep() -> bool:
        log_waits, index_waits = connected.storage.waiting()
        metrics.owed.labels(LOG).set(log_waits)
        metrics.owed.labels(INDEX).set(index_waits)
        return connected.storage.sweep_stale()

    async def run() -> bool:
        await asyncio.to_thread(sweep)
        return False

    return Chore("sweep", SWEEP_EVERY_S, run)
