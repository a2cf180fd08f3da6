"""The end of a process that was told to stop: soon, whatever hangs."""

import asyncio
import faulthandler
import signal

LATEST_S = 12.0
"""Less than the time after which whoever told it kills it (`stop_grace_period` in docker-compose.yml)."""


def stop_on_signal(stopping: asyncio.Event, latest_s: float = LATEST_S) -> None:
    """Set `stopping` on SIGINT or SIGTERM. A process that has not ended `latest_s` seconds later writes where each of its
    threads is and ends with status 1: a call to a server may hang, and what was not committed is done by others."""

    def told() -> None:
        stopping.set()
        faulthandler.dump_traceback_later(latest_s, exit=True)

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told)
