"""The event loop that Scrapy runs on: Twisted's reactor over asyncio, started once in the life of a process."""

import asyncio
import signal
import threading
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar, cast

import structlog
from scrapy.utils.reactor import install_reactor
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IHostnameResolver, IHostResolution
from zope.interface import implementer  # type: ignore[import-untyped]  # ships no types

from core.addresses import resolve
from core.errors import Refused, RetryLater
from crawlers.settings import Network

T = TypeVar("T")

log = structlog.get_logger()

ASYNCIO_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"


@implementer(IHostResolution)
class _Resolution:
    """A name that is being resolved."""

    def __init__(self, name: str) -> None:
        self.name = name

    def cancel(self) -> None:
        """Twisted's hook: nothing to undo."""


@implementer(IHostnameResolver)
class CheckingResolver:
    """Connects to no address that `core.addresses` refuses, whatever a name answered when it was first checked."""

    def __init__(self, allow: Sequence[Network]) -> None:
        self._allow = allow
        self._looking: set[asyncio.Task[None]] = set()

    def resolveHostName(  # noqa: N802  # Twisted's
        self,
        resolutionReceiver: Any,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[type] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> _Resolution:
        """Twisted's hook: the addresses go to the receiver, none of them when one is refused."""
        resolution = _Resolution(hostName)
        resolutionReceiver.resolutionBegan(resolution)
        task = asyncio.ensure_future(self._look_up(resolutionReceiver, hostName, portNumber))
        self._looking.add(task)
        task.add_done_callback(self._looking.discard)
        return resolution

    async def _look_up(self, receiver: Any, name: str, port: int) -> None:
        try:
            for address in await resolve(name, port, self._allow):
                kind = IPv4Address if address.version == 4 else IPv6Address
                receiver.addressResolved(kind("TCP", str(address), port))
        except (Refused, RetryLater) as error:
            log.warning("address_refused", host=name, reason=str(error))
        finally:
            receiver.resolutionComplete()


def run(main: Callable[[asyncio.Event], Coroutine[object, object, T]], allow: Sequence[Network] = ()) -> T:
    """Run `main(stop)` to its end on a fresh reactor and return what it returns; once per process, blocking.

    `stop` is set by SIGINT and SIGTERM (when called in the main thread). Raises what `main` raises.
    """
    install_reactor(ASYNCIO_REACTOR)
    from twisted.internet import reactor as installed  # importing it earlier would install another reactor

    reactor = cast(Any, installed)  # the module stands for the reactor, which Twisted's types do not say
    outcome: list[asyncio.Task[T]] = []

    def start() -> None:
        stop = asyncio.Event()
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, stop.set)
        task = asyncio.ensure_future(main(stop))
        outcome.append(task)
        task.add_done_callback(lambda _: reactor.stop())

    reactor.installNameResolver(CheckingResolver(allow))
    reactor.callLater(0, start)  # once the loop turns: signals and tasks need it
    reactor.run(installSignalHandlers=False)
    return outcome[0].result()
