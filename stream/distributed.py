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
from core.effects import Message
from core.errors import Conflict, Overtaken, RetryLater, StorageError
from core.ports import Storage, lag
from core.storage.kafka import Brokers, Security, message_of
from core.telemetry import Metrics
from stream.chores import pause
from stream.partition import Partition
from stream.runs import AsItIs, Runs
from stream.topology import Step

log = structlog.get_logger()

WITHIN_S = 0.05
"""How long an agent waits for a batch to fill."""
SESSION_S = 10.0
"""After so long without a sign of life Kafka gives a worker's partitions to others; one that stops hands them over itself."""
HEARTBEAT_S = 1.0
LONGEST_WAIT_S = 15.0
STOP_S = 10.0
MOST_HELPS = 8
"""An agent that lives on what it reads for itself so often in a row is stalled all the same: let it be started again."""
MOST_RUNS = 16
"""So many runs of records, none longer than a batch, are taken at once: of one partition they become one commit, which costs
nearly the same for one record as for many. As many again wait."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What every agent works with; `group` begins the name of each step's consumer group.

    An agent to which nothing was handed for `help_after_s`, though something waits, reads for itself.
    """

    storage: Storage
    brokers: Brokers
    now: Now
    metrics: Metrics
    batch: int
    scratch: Path
    group: str = "huiying-"
    help_after_s: float = 15.0
    session_s: float = SESSION_S


class Agent:
    """One step: its Faust app, its worker thread, and how far each partition that it owns has come."""

    def __init__(self, step: Step, tools: Tools) -> None:
        self.step = step
        self._tools = tools
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=step.name)
        self._partitions: dict[int, Partition] = {}
        self._generation = 0
        self._touched = monotonic()
        self._broken: BaseException | None = None
        self._helping: asyncio.Task[None] | None = None
        self._helps = 0
        self._stopping = asyncio.Event()
        self.app = _faust_app(step, tools)
        self.app.on_partitions_assigned.connect(self._on_change)
        self.app.on_partitions_revoked.connect(self._on_change)
        topic = self.app.topic(
            tools.brokers.topic(step.reads),
            schema=AsItIs(),
            partitions=tools.brokers.partitions,
        )
        self.app.agent(topic, name=f"huiying.{step.name}")(self._consume)

    async def start(self) -> None:
        """Join the group and begin."""
        await self.app.start()
        log.info("worker_started", stage=self.step.name)

    async def stop(self) -> None:
        """Finish the piece in hand, leave the group; what hangs is not waited for longer than `STOP_S`: a thread that asks a
        server, or Faust's own consumer, which after its broker had been away was seen to wait for nothing."""
        self._stopping.set()
        await asyncio.wait([asyncio.create_task(self._leave())], timeout=STOP_S)
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _leave(self) -> None:
        await self.app.stop()
        await asyncio.to_thread(self._pool.shutdown, cancel_futures=True)

    def failure(self) -> BaseException | None:
        """Why it cannot go on, None while it is well."""
        reason: BaseException | None = self._broken or self.app.crash_reason
        return reason

    def idle_s(self) -> float:
        """For how long this agent, though there was something to read, has not begun or ended a batch."""
        return monotonic() - self._touched

    async def look(self) -> None:
        """See how far it is behind; one that has nothing to read, or whose servers are away, is not idle.

        What waits though nothing has come for a while is read from the log itself: Kafka may hold that the group has read
        it (a Store that was restored is behind), or Faust may have stopped to hand things on.
        """
        mine = [place.partition for place in self.app.consumer.assignment()]
        try:
            waiting = await asyncio.to_thread(lag, self._tools.storage.log, self.step.name, self.step.reads, mine)
            self._tools.metrics.lag.labels(self.step.name).set(waiting)
        except (StorageError, RetryLater):
            waiting = 0
        if not waiting:
            self._touched = monotonic()
        elif self.idle_s() > self._tools.help_after_s and (self._helping is None or self._helping.done()):
            # Not awaited: its thread may hang, and whoever looks has to see that.
            self._helps += 1
            self._helping = asyncio.create_task(self._help(), name=f"help {self.step.name}")

    async def _on_change(self, *_: Any, **__: Any) -> None:
        """Partitions came or went: what is held of them may be somebody else's now."""
        self._generation += 1
        await self._in_thread(self._forget)

    async def _consume(self, stream: Any) -> None:
        """Take batches until something happens that no repeat will mend: that is kept for `failure`.

        Raised, it would make Faust start the agent anew behind what it has not handled.
        """
        try:
            await self._take_batches(stream)
        except Exception as error:  # noqa: BLE001  # whoever runs the agent asks for it
            self._broken = error

    async def _take_batches(self, stream: Any) -> None:
        async for events in stream.noack_take(MOST_RUNS, within=WITHIN_S):
            shares: dict[int, list[Any]] = defaultdict(list)
            for event in events:
                shares[event.message.partition].append(event)
            for partition, share in shares.items():
                batch = [message_of(self.step.reads, record) for event in share for record in event.value]
                if await self._take(partition, batch):
                    for event in share:
                        event.ack()

    async def _take(self, partition: int, batch: Sequence[Message]) -> bool:
        """Handle a batch of one partition, again and again if need be; False when it is no longer ours to handle."""
        generation, attempt = self._generation, 0
        while not self._stopping.is_set() and generation == self._generation:
            began = perf_counter()
            self._touched = monotonic()
            try:
                done = await self._in_thread(self._advance, partition, batch)
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
                if done:
                    self._helps = 0
                    return True
        return False

    def _advance(self, number: int, batch: Sequence[Message]) -> bool:
        return self._owned(number).advance(batch, self._tools.batch)

    async def _help(self) -> None:
        """Read on in all partitions that are ours, a piece at a time, until their ends."""
        generation = self._generation
        for number in [place.partition for place in self.app.consumer.assignment()]:
            while not self._stopping.is_set() and generation == self._generation:
                if not await self._in_thread(self._read_on, number):
                    break

    def _read_on(self, number: int) -> int:
        try:
            handled = self._owned(number).read_on(self._tools.batch)
        except (StorageError, RetryLater, Conflict) as error:
            self._read_anew(number)
            log.warning("read_on_postponed", stage=self.step.name, partition=number, reason=str(error))
        except Exception as error:  # noqa: BLE001  # as in `_consume`
            self._broken = error
        else:
            if handled:
                if self._helps <= MOST_HELPS:
                    self._touched = monotonic()
                log.warning("read_from_the_log", stage=self.step.name, partition=number, records=handled)
            return handled
        return 0

    def _owned(self, number: int) -> Partition:
        if number not in self._partitions:
            tools = self._tools
            self._partitions[number] = Partition(self.step, number, tools.storage, tools.now, tools.metrics)
        return self._partitions[number]

    def _read_anew(self, number: int) -> None:
        self._partitions.pop(number, None)
        self.step.stage.forget()

    def _forget(self) -> None:
        """Positions and state go together, in the thread that uses them: a fresh position over a stage's old state would
        let a worker write what another one's commits have overtaken."""
        self._partitions.clear()
        self.step.stage.forget()

    async def _in_thread(self, call: Any, *args: object) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._pool, call, *args)


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
        broker_session_timeout=tools.session_s,
        broker_heartbeat_interval=HEARTBEAT_S,
        broker_commit_interval=1.0,
        broker_max_poll_records=tools.batch,
        stream_buffer_maxsize=MOST_RUNS,
        ConsumerScheduler=Runs,
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
