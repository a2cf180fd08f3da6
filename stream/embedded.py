"""The embedded runner: every step in one process, over one storage.

The queue between two steps is the log itself, so memory holds one batch per step and no more; what waits is on disk and
bounded by the push API's answer 429. Each step has a worker thread of its own: its state is touched by one thread, and
no model ever runs on the event loop.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from time import perf_counter
from typing import Protocol, TypeVar

import structlog

from core.clock import Now
from core.effects import Consumed, Effects, Message
from core.errors import Conflict, RetryLater, StorageError
from core.ports import Storage, lag
from core.telemetry import Metrics
from core.topics import Topic
from stream.batches import handle
from stream.chores import Chore, pause, repeat
from stream.topology import Step

T = TypeVar("T")
log = structlog.get_logger()

IDLE_S = 0.25
"""How long a step sleeps when nobody of this process wrote: other processes (an import) write the same log."""
LONGEST_WAIT_S = 30.0
LOOK_EVERY_S = 5.0


class Listened(Storage, Protocol):
    """A storage of this process that tells which topics a commit wrote."""

    def listen(self, listener: Callable[[set[Topic]], None]) -> None: ...


class EmbeddedRunner:
    """Drives the steps and chores until `stop`; `run` returns within seconds of it, after the batches in hand."""

    def __init__(
        self, storage: Listened, steps: Sequence[Step], chores: Sequence[Chore], now: Now, metrics: Metrics, batch: int
    ) -> None:
        self._storage = storage
        self._steps = tuple(steps)
        self._chores = tuple(chores)
        self._now = now
        self._metrics = metrics
        self._batch = batch
        self._stopping = asyncio.Event()
        self._written = {topic: asyncio.Event() for topic in Topic}
        metrics.expect(step.name for step in self._steps)
        self._turns = {step.name: asyncio.Lock() for step in self._steps}
        self._pools = {step.name: ThreadPoolExecutor(1, thread_name_prefix=step.name) for step in self._steps}

    async def run(self) -> None:
        """Run until `stop`. A bug in a step or chore stops all of them and is raised here."""
        loop = asyncio.get_running_loop()

        def wrote(topics: set[Topic]) -> None:
            loop.call_soon_threadsafe(self._wake, topics)

        self._storage.listen(wrote)
        try:
            async with asyncio.TaskGroup() as group:
                for step in self._steps:
                    group.create_task(self._drive(step), name=step.name)
                for chore in (*self._chores, Chore("lag", LOOK_EVERY_S, self._look)):
                    group.create_task(repeat(chore, self._stopping), name=chore.name)
        finally:
            self._stopping.set()
            for pool in self._pools.values():
                pool.shutdown(wait=True, cancel_futures=True)

    def stop(self) -> None:
        """Ask `run` to end after the batches in hand."""
        self._stopping.set()
        self._wake(set(Topic))

    def backlog(self) -> int:
        """How many records wait before the first step."""
        return self._lag(self._steps[0])

    async def drained(self) -> None:
        """Return once no step has anything left to read, or none reads any more."""
        while not self._stopping.is_set() and any([await asyncio.to_thread(self._lag, step) for step in self._steps]):
            await pause(self._stopping, IDLE_S / 2)

    async def between_batches(self, change: Callable[[], object]) -> None:
        """Make a change (in a worker thread) while no step has a batch in hand, then let all forget what they hold.

        For removals: a step that had read a batch before would write it again after.
        """
        async with AsyncExitStack() as turns:
            for turn in self._turns.values():
                await turns.enter_async_context(turn)
            await asyncio.to_thread(change)
            for step in self._steps:
                await self._in_thread(step, step.stage.forget)

    def _wake(self, topics: set[Topic]) -> None:
        for topic in topics:
            self._written[topic].set()

    async def _look(self) -> bool:
        """Show how far each step is behind, whether it moves or not."""
        for step in self._steps:
            self._metrics.lag.labels(step.name).set(await asyncio.to_thread(self._lag, step))
        return False

    def _lag(self, step: Step) -> int:
        return lag(self._storage.log, step.name, step.reads)

    async def _in_thread(self, step: Step, call: Callable[..., T], *args: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pools[step.name], call, *args)

    async def _drive(self, step: Step) -> None:
        position = await self._in_thread(step, self._position, step)
        while not self._stopping.is_set():
            self._written[step.reads].clear()
            async with self._turns[step.name]:
                batch = await self._in_thread(step, self._storage.log.read, step.reads, position, self._batch)
                if batch and await self._handle(step, batch, position):
                    position = batch[-1].position
            if not batch:
                await pause(self._written[step.reads], IDLE_S)

    async def _handle(self, step: Step, batch: Sequence[Message], after: int) -> bool:
        """Handle a batch, again and again if need be; False only when asked to stop while it still fails."""
        attempt = 0
        while batch and not self._stopping.is_set():
            began = perf_counter()
            try:
                await self._in_thread(step, self._commit, step, batch, after)
            except (RetryLater, Conflict, StorageError) as error:
                attempt += 1
                self._metrics.retries.labels(step.name).inc()
                wait = error.after if isinstance(error, RetryLater) else min(0.1 * 2**attempt, LONGEST_WAIT_S)
                log.warning("batch_retried", stage=step.name, attempt=attempt, wait_s=wait, reason=str(error))
                await self._in_thread(step, step.stage.forget)
                await pause(self._stopping, wait)
                after = await self._in_thread(step, self._position, step)
                batch = [m for m in batch if m.position > after]  # a batch that was split may be half committed
            else:
                self._metrics.batch_seconds.labels(step.name).observe(perf_counter() - began)
                self._metrics.records.labels(step.name).inc(len(batch))
                return True
        return not batch

    def _position(self, step: Step) -> int:
        return self._storage.log.progress(step.name, step.reads).position

    def _commit(self, step: Step, batch: Sequence[Message], after: int) -> None:
        def commit(part: Sequence[Message], effects: Effects) -> None:
            nonlocal after
            if not self._storage.commit(effects, Consumed(step.name, step.reads, part[-1].position, after)):
                step.stage.forget()  # it was committed before: what the stage has just made of it counts twice
            after = part[-1].position

        handle(step, batch, commit, self._now, self._metrics)
