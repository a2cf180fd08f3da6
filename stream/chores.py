"""What is done again and again beside the steps: deliveries, clock checks, retention."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from core.errors import Conflict, RetryLater, StorageError

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Chore:
    """`run` returns whether there was work: then it is called again at once, else after `every_s`."""

    name: str
    every_s: float
    run: Callable[[], Awaitable[bool]]


async def repeat(chore: Chore, stopping: asyncio.Event) -> None:
    """Do the chore until asked to stop; what may succeed later is tried again later."""
    while not stopping.is_set():
        try:
            busy = await chore.run()
        except (RetryLater, Conflict, StorageError) as error:
            log.warning("chore_retried", chore=chore.name, reason=str(error))
            busy = False
        if not busy:
            await pause(stopping, chore.every_s)


async def pause(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event, at most so long."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
