"""The event loop that Scrapy runs on: Twisted's reactor over asyncio, started once in the life of a process."""

import asyncio
import signal
import threading
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar, cast

from scrapy.utils.reactor import install_reactor
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError
from twisted.internet.interfaces import IResolverSimple
from twisted.internet.threads import deferToThread
from zope.interface import implementer  # type: ignore[import-untyped]  # ships no types

from core.addresses import resolve
from core.errors import Refused, RetryLater
from crawlers.settings import Network

T = TypeVar("T")

ASYNCIO_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"


@implementer(IResolverSimple)
class CheckingResolver:
    """Connects to no address that `core.addresses` refuses, whatever a name answered when it was first checked."""

    def __init__(self, allow: Sequence[Network]) -> None:
        self._allow = allow

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:  # noqa: N802  # Twisted's
        """Twisted's hook: one address of the name."""
        return deferToThread(self._address, name)

    def _address(self, name: str) -> str:
        try:
            return str(resolve(name, 0, self._allow)[0])
        except (Refused, RetryLater) as error:
            raise DNSLookupError(str(error)) from error


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

    reactor.installResolver(CheckingResolver(allow))
    reactor.callLater(0, start)  # once the loop turns: signals and tasks need it
    reactor.run(installSignalHandlers=False)
    return outcome[0].result()
