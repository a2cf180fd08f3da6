"""The life of `serve`: one event loop for the HTTP server, the runner and the sample; a clean stop within five seconds."""

import asyncio
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog
import uvicorn

from api.app import create_app
from api.parts import Parts
from app.compose import Product
from app.sample.player import Player
from core.errors import ConfigurationError
from core.records import JURISDICTION_SAMPLE
from core.settings import Settings

log = structlog.get_logger()
GRACE_S = 2
"""How long open connections (event streams never end by themselves) may finish after a signal."""


class Server(uvicorn.Server):
    """uvicorn's server, which after a signal ends like any other command: uvicorn itself would raise the signal again."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGINT and SIGTERM ask for a clean stop; a second one insists."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


class Beside(uvicorn.Server):
    """A server that leaves the signals to whoever runs it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """None."""
        yield


async def run_server(product: Product, settings: Settings, *, sample: bool, greet: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; a failure of any part stops the others and is raised."""
    listener = listen(settings.host, settings.port)
    server = Server(config_of(create_app(product.parts)))
    runner = product.runner
    async with asyncio.TaskGroup() as group:
        runs = group.create_task(runner.run(), name="runner")
        runs.add_done_callback(lambda _: setattr(server, "should_exit", True))
        if sample:
            player = Player(
                storage=product.storage,
                intake=product.intake,
                policy=product.parts.policy,
                now=product.now,
                stopped=lambda: server.should_exit or JURISDICTION_SAMPLE in product.removed,
                pushing=product.pushing,
                drained=runner.drained,
            )
            group.create_task(player.play(), name="sample")
        greet(address_of(listener))
        await server.serve(sockets=[listener])
        runner.stop()
    log.info("stopped")


async def run_api(parts: Parts, settings: Settings, greet: Callable[[str], None]) -> None:
    """The API and the board alone, until SIGINT or SIGTERM: workers elsewhere do the rest."""
    listener = listen(settings.host, settings.port)
    greet(address_of(listener))
    await Server(config_of(create_app(parts))).serve(sockets=[listener])
    log.info("stopped")


@contextmanager
def serving(app: Any, settings: Settings) -> Iterator[None]:
    """Serve an app from a thread of its own, beside work that has an event loop to itself."""
    listener = listen(settings.host, settings.port)
    server = Beside(config_of(app))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="probe", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


def config_of(app: Any) -> uvicorn.Config:
    """Logs are ours, and nothing is told of the server."""
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=GRACE_S,
        server_header=False,
        proxy_headers=False,
    )


def address_of(listener: socket.socket) -> str:
    """Where a browser on this machine finds it."""
    host, port = listener.getsockname()[:2]
    return f"http://{host}:{port}"


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes any free one."""
    try:
        return socket.create_server((host, port), backlog=256, reuse_port=False)
    except OSError as error:
        raise ConfigurationError(
            f"cannot listen on {host}:{port}: {error.strerror}; name another with --port or HUIYING_PORT"
        ) from error
