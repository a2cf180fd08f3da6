"""The distributed runner: each step is a Faust agent in a consumer group of its own.

An agent is thin: it takes a batch without acknowledging, drops what was handled before, runs the stage and commits in a
worker thread, and only then acknowledges to Kafka. Who owns a partition is decided by the offset in the Store, which a
commit moves only from where the batch began (`Consumed.after`): a worker that was paused and came back cannot write.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, perf_counter
from typing import Any

import faust
import structlog

from core.clock import Now
from core.effects import Consumed, Effects, Message
from core.errors import Conflict, Overtaken, RetryLater, StorageError
from core.ports import Progress, Storage, lag
from core.storage.kafka import Brokers, Security, message_of
from core.telemetry import Metrics
from stream.batches import handle
from stream.chores import pause
from stream.topology import Step

log = structlog.get_logger()

WITHIN_S = 0.05
"""How long an agent waits for a batch to fill."""
SESSION_S = 10.0
HEARTBEAT_S = 1.0
LONGEST_WAIT_S = 15.0


@dataclass(frozen=True, slots=True)
class Tools:
    """What every agent works with; `group` begins the name of each step's consumer group."""

    storage: Storage
    brokers: Brokers
    now: Now
    metrics: Metrics
    batch: int
    scratch: Path
    group: str = "huiying-"


class Agent:
    """One step: its Faust app, its worker thread, and how far each partition that it owns has come."""

    def __init__(self, step: Step, tools: Tools) -> None:
        self.step = step
        self._tools = tools
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=step.name)
        self._progress: dict[int, Progress] = {}
        self._generation = 0
        self._touched = monotonic()
        self._stopping = asyncio.Event()
        self.app = _faust_app(step, tools)
        self.app.on_partitions_assigned.connect(self._on_change)
        self.app.on_partitions_revoked.connect(self._on_change)
        topic = self.app.topic(
            tools.brokers.topic(step.reads),
            key_type=bytes,
            value_type=bytes,
            key_serializer="raw",
            value_serializer="raw",
            partitions=tools.brokers.partitions,
        )
        self.app.agent(topic, name=f"huiying.{step.name}")(self._consume)

    async def start(self) -> None:
        """Join the group and begin."""
        await self.app.start()
        log.info("worker_started", stage=self.step.name)

    async def stop(self) -> None:
        """Finish the batch in hand, leave the group."""
        self._stopping.set()
        await self.app.stop()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def failure(self) -> BaseException | None:
        """Why the app crashed, None while it is well."""
        reason: BaseException | None = self.app.crash_reason
        return reason

    def idle_s(self) -> float:
        """For how long this agent, though there was something to read, has not begun or ended a batch."""
        return monotonic() - self._touched

    async def look(self) -> None:
        """See how far it is behind; one that has nothing to read, or whose servers are away, is not idle."""
        mine = [place.partition for place in self.app.consumer.assignment()]
        try:
            waiting = await asyncio.to_thread(lag, self._tools.storage.log, self.step.name, self.step.reads, mine)
        except (StorageError, RetryLater):
            waiting = 0
        else:
            self._tools.metrics.lag.labels(self.step.name).set(waiting)
        if not waiting:
            self._touched = monotonic()

    async def _on_change(self, *_: Any, **__: Any) -> None:
        """Partitions came or went: what is held of them may be somebody else's now."""
        self._generation += 1
        self._progress.clear()
        await self._in_thread(self.step.stage.forget)

    async def _consume(self, stream: Any) -> None:
        async for events in stream.noack_take(self._tools.batch, within=WITHIN_S):
            shares: dict[int, list[Any]] = defaultdict(list)
            for event in events:
                shares[event.message.partition].append(event)
            for partition, share in shares.items():
                if await self._take(partition, [message_of(self.step.reads, event.message) for event in share]):
                    for event in share:
                        event.ack()

    async def _take(self, partition: int, batch: Sequence[Message]) -> bool:
        """Handle a batch of one partition, again and again if need be; False when it is no longer ours to handle."""
        generation, attempt = self._generation, 0
        while not self._stopping.is_set() and generation == self._generation:
            began = perf_counter()
            self._touched = monotonic()
            try:
                handled = await self._in_thread(self._handle, partition, batch)
            except (RetryLater, Conflict, StorageError) as error:
                attempt += 1
                await self._in_thread(self._read_anew, partition)
                wait = error.after if isinstance(error, RetryLater) else min(0.1 * 2**attempt, LONGEST_WAIT_S)
                self._tools.metrics.retries.labels(self.step.name).inc()
                log.warning(
                    "batch_retried", stage=self.step.name, partition=partition, attempt=attempt, wait_s=wait,
                    overtaken=isinstance(error, Overtaken), reason=str(error),
                )  # fmt: skip
                await pause(self._stopping, wait)
            else:
                self._touched = monotonic()
                self._tools.metrics.batch_seconds.labels(self.step.name).observe(perf_counter() - began)
                self._tools.metrics.records.labels(self.step.name).inc(handled)
                return True
        return False

    def _handle(self, partition: int, batch: Sequence[Message]) -> int:
        """Handle what of a batch was not handled before; how many those were."""
        done = self._progress.get(partition)
        if done is None:
            done = self._tools.storage.log.progress(self.step.name, self.step.reads, partition)
            self._progress[partition] = done
        fresh = _unhandled(batch, done)

        def commit(part: Sequence[Message], effects: Effects) -> None:
            before = self._progress[partition]
            last = part[-1].position if part is not fresh else batch[-1].position
            reached = Progress(position=last, sequence=max(before.sequence, *(m.sequence for m in part)))
            self._tools.storage.commit(
                effects,
                Consumed(
                    self.step.name, self.step.reads, reached.position, before.position, partition, reached.sequence
                ),
            )
            self._progress[partition] = reached

        if fresh:
            handle(self.step, fresh, commit, self._tools.now, self._tools.metrics)
        return len(fresh)

    def _read_anew(self, partition: int) -> None:
        self._progress.pop(partition, None)
        self.step.stage.forget()

    async def _in_thread(self, call: Any, *args: object) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._pool, call, *args)


def _unhandled(batch: Sequence[Message], done: Progress) -> list[Message]:
    """What is above the committed position, and was not sent twice (its number is above the last one handled)."""
    fresh: list[Message] = []
    last = done.sequence
    for message in batch:
        if message.position <= done.position or (message.sequence and message.sequence <= last):
            continue
        last = max(last, message.sequence)
        fresh.append(message)
    return fresh


def _faust_app(step: Step, tools: Tools) -> Any:
    """A Faust app without tables, web server or topics of its own; acknowledgements are ours to give."""
    tools.scratch.mkdir(parents=True, exist_ok=True)
    servers = ";".join(f"kafka://{server}" for server in tools.brokers.servers.split(","))
    return faust.App(
        f"{tools.group}{step.name}",
        broker=servers,
        broker_credentials=_credentials(tools.brokers.security),
        store="memory://",
        datadir=str(tools.scratch / step.name),
        autodiscover=False,
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
        broker_session_timeout=SESSION_S,
        broker_heartbeat_interval=HEARTBEAT_S,
        broker_commit_interval=1.0,
        broker_max_poll_records=tools.batch,
        stream_buffer_maxsize=2 * tools.batch,
        stream_wait_empty=False,
        producer_acks=-1,
    )


def _credentials(security: Security) -> Any:
    """What aiokafka is told of the brokers' security."""
    context = security.context()
    if not security.named:
        return faust.SSLCredentials(context) if context else None
    return faust.SASLCredentials(
        username=security.user, password=security.password, ssl_context=context, mechanism=security.mechanism
    )
