"""The embedded runner: order, retries, poison, and a clean stop. Stages here are a few lines each."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import monotonic

import pytest

from core.codec import decode
from core.effects import Effects, Message, StateRow
from core.errors import Conflict, RetryLater
from core.records import Rejected
from core.storage.sqlite import SqliteStorage, open_storage
from core.telemetry import Metrics
from core.topics import Topic
from stream.embedded import Chore, EmbeddedRunner
from stream.topology import Step
from tests.records import NOON


def said(*ids: str, topic: Topic = Topic.POSTS_RAW) -> list[Message]:
    return [Message(topic=topic, key="99", id=id_, value=b"{}") for id_ in ids]


def now() -> datetime:
    return NOON


@dataclass
class Passing:
    """Hands every message on to a topic; `trouble` may raise before."""

    to: Topic = Topic.POSTS_ANALYSED
    trouble: Callable[[Sequence[Message]], None] = lambda _: None
    forgot: int = 0
    batches: list[list[str]] = field(default_factory=list)
    threads: set[str] = field(default_factory=set)

    def __call__(self, batch: Sequence[Message], at: datetime) -> Effects:
        self.threads.add(threading.current_thread().name)
        self.batches.append([m.id for m in batch])
        self.trouble(batch)
        return Effects(messages=[Message(topic=self.to, key=m.key, id=m.id, value=m.value) for m in batch])

    def forget(self) -> None:
        self.forgot += 1


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[SqliteStorage]:
    opened = open_storage(tmp_path / "data")
    yield opened
    opened.close()


async def drain(storage: SqliteStorage, *steps: Step, chores: Sequence[Chore] = ()) -> EmbeddedRunner:
    """Run until nothing is left to read."""
    runner = EmbeddedRunner(storage, steps, chores, now, Metrics(), 10)
    task = asyncio.create_task(runner.run())
    await runner.drained()
    runner.stop()
    await task
    return runner


def ids(storage: SqliteStorage, topic: Topic) -> list[str]:
    return [m.id for m in storage.log.read(topic, 0, 1000)]


async def test_messages_pass_every_step_once_and_in_order(storage: SqliteStorage) -> None:
    wanted = [f"m{n:03d}" for n in range(55)]
    storage.log.append(said(*wanted))
    second = Passing(Topic.INCIDENTS)
    await drain(storage, Step("a", Topic.POSTS_RAW, Passing()), Step("b", Topic.POSTS_ANALYSED, second))
    assert ids(storage, Topic.INCIDENTS) == wanted
    assert storage.log.progress("b", Topic.POSTS_ANALYSED).position == storage.log.end(Topic.POSTS_ANALYSED)
    assert max(len(batch) for batch in second.batches) <= 10


async def test_who_waits_for_the_end_of_a_backlog_is_let_go_when_the_runner_stops_before(
    storage: SqliteStorage,
) -> None:
    storage.log.append(said(*(f"m{n:03d}" for n in range(55))))
    reading = threading.Event()
    runner = EmbeddedRunner(
        storage, [Step("s", Topic.POSTS_RAW, Passing(trouble=lambda _: reading.set()))], (), now, Metrics(), 10
    )
    task = asyncio.create_task(runner.run())
    await asyncio.to_thread(reading.wait)
    runner.stop()
    await task
    await runner.drained()
    assert len(ids(storage, Topic.POSTS_ANALYSED)) < 55


async def test_who_waits_for_the_end_of_a_backlog_is_let_go_when_the_runner_fails(storage: SqliteStorage) -> None:
    async def fail() -> bool:
        raise ZeroDivisionError("no such thing")

    storage.log.append(said("a"))

    def never(_: Sequence[Message]) -> None:
        raise RetryLater("not yet")

    runner = EmbeddedRunner(
        storage, [Step("s", Topic.POSTS_RAW, Passing(trouble=never))], [Chore("c", 0.1, fail)], now, Metrics(), 10
    )
    task = asyncio.create_task(runner.run())
    await runner.drained()
    with pytest.raises(ExceptionGroup):
        await task


async def test_a_second_run_goes_on_where_the_first_one_stopped(storage: SqliteStorage) -> None:
    storage.log.append(said("a", "b"))
    await drain(storage, Step("s", Topic.POSTS_RAW, Passing()))
    storage.log.append(said("c"))
    later = Passing()
    await drain(storage, Step("s", Topic.POSTS_RAW, later))
    assert later.batches == [["c"]]


async def test_a_record_that_breaks_a_stage_is_rejected_with_its_reason_and_its_neighbours_pass(
    storage: SqliteStorage,
) -> None:
    def break_on_poison(batch: Sequence[Message]) -> None:
        if any(m.id == "poison" for m in batch):
            raise ZeroDivisionError("no such thing")

    storage.log.append(said("a", "poison", "b"))
    stage = Passing(trouble=break_on_poison)
    await drain(storage, Step("s", Topic.POSTS_RAW, stage))
    assert ids(storage, Topic.POSTS_ANALYSED) == ["a", "b"]
    (message,) = storage.log.read(Topic.REJECTED, 0, 10)
    rejected = decode(message.value, Rejected)
    assert rejected.code == "stage_failed"
    assert "poison" in rejected.reason
    assert "no such thing" in rejected.reason
    assert stage.forgot >= 1


@pytest.mark.parametrize("error", [RetryLater("busy", after=0.01), Conflict("somebody was first")])
async def test_what_may_succeed_later_is_tried_again_from_the_state_of_the_last_commit(
    storage: SqliteStorage, error: Exception
) -> None:
    left = [error, error]

    def fail_twice(_: Sequence[Message]) -> None:
        if left:
            raise left.pop()

    storage.log.append(said("a"))
    stage = Passing(trouble=fail_twice)
    await drain(storage, Step("s", Topic.POSTS_RAW, stage))
    assert ids(storage, Topic.POSTS_ANALYSED) == ["a"]
    assert ids(storage, Topic.REJECTED) == []
    assert stage.forgot == 2


async def test_after_a_split_only_what_is_not_committed_is_tried_again(storage: SqliteStorage) -> None:
    """The batch a, b, c: b breaks it, so it is split; then c meets a passing trouble once. a must not be handled twice."""
    left = [RetryLater("busy", after=0.01)]

    def trouble(batch: Sequence[Message]) -> None:
        names = [m.id for m in batch]
        if "b" in names:
            raise ValueError("b is bad")
        if names == ["c"] and left:
            raise left.pop()

    storage.log.append(said("a", "b", "c"))
    stage = Passing(trouble=trouble)
    await drain(storage, Step("s", Topic.POSTS_RAW, stage))
    assert ids(storage, Topic.POSTS_ANALYSED) == ["a", "c"]
    assert stage.batches.count(["a"]) == 1


async def test_a_stage_runs_in_a_thread_of_its_own_and_never_on_the_event_loop(storage: SqliteStorage) -> None:
    storage.log.append(said("a"))
    stage = Passing()
    await drain(storage, Step("s", Topic.POSTS_RAW, stage))
    assert stage.threads == {"s_0"}


async def test_a_stop_lets_the_batch_in_hand_finish(storage: SqliteStorage) -> None:
    began, go_on = threading.Event(), threading.Event()

    def wait(_: Sequence[Message]) -> None:
        began.set()
        go_on.wait(5)

    storage.log.append(said("a"))
    runner = EmbeddedRunner(storage, [Step("s", Topic.POSTS_RAW, Passing(trouble=wait))], [], now, Metrics(), 10)
    task = asyncio.create_task(runner.run())
    await asyncio.to_thread(began.wait, 5)
    runner.stop()
    go_on.set()
    await asyncio.wait_for(task, 5)
    assert ids(storage, Topic.POSTS_ANALYSED) == ["a"]


async def test_a_change_between_batches_waits_for_the_batch_in_hand_and_what_was_held_is_forgotten(
    storage: SqliteStorage,
) -> None:
    began, go_on = threading.Event(), threading.Event()

    def wait(_: Sequence[Message]) -> None:
        began.set()
        go_on.wait(5)

    storage.log.append(said("a"))
    stage = Passing(trouble=wait)
    runner = EmbeddedRunner(storage, [Step("s", Topic.POSTS_RAW, stage)], [], now, Metrics(), 10)
    task = asyncio.create_task(runner.run())
    await asyncio.to_thread(began.wait, 5)
    seen: list[list[str]] = []
    change = asyncio.create_task(runner.between_batches(lambda: seen.append(ids(storage, Topic.POSTS_ANALYSED))))
    await asyncio.sleep(0.05)
    assert not change.done()
    go_on.set()
    await change
    assert seen == [["a"]]
    assert stage.forgot == 1
    runner.stop()
    await task


async def test_a_chore_that_cannot_work_now_is_called_again_and_stops_nothing(storage: SqliteStorage) -> None:
    calls: list[int] = []
    runner: EmbeddedRunner

    async def chore() -> bool:
        calls.append(1)
        if len(calls) < 3:
            raise RetryLater("not now")
        runner.stop()
        return False

    runner = EmbeddedRunner(storage, [], [Chore("chore", 0.01, chore)], now, Metrics(), 10)
    await asyncio.wait_for(runner.run(), 5)
    assert len(calls) == 3


async def test_a_bug_in_a_chore_ends_the_runner_loudly(storage: SqliteStorage) -> None:
    async def chore() -> bool:
        raise ZeroDivisionError

    runner = EmbeddedRunner(storage, [], [Chore("chore", 1, chore)], now, Metrics(), 10)
    with pytest.raises(ExceptionGroup):
        await asyncio.wait_for(runner.run(), 5)


async def test_what_another_process_writes_is_seen_too(storage: SqliteStorage, tmp_path: Path) -> None:
    runner = EmbeddedRunner(storage, [Step("s", Topic.POSTS_RAW, Passing())], [], now, Metrics(), 10)
    task = asyncio.create_task(runner.run())
    other = open_storage(tmp_path / "data")
    other.log.append(said("a"))
    other.commit(Effects(changes=[StateRow("x", "y", "z", b"1")]))
    other.close()
    async with asyncio.timeout(5):
        while not ids(storage, Topic.POSTS_ANALYSED):  # noqa: ASYNC110  # another process gives no event
            await asyncio.sleep(0.05)
    runner.stop()
    await task


async def test_lag_is_shown_while_a_step_is_stuck_and_every_step_is_shown_from_the_start(
    storage: SqliteStorage,
) -> None:
    def never(_: Sequence[Message]) -> None:
        raise RetryLater("the model is not there", after=60)

    storage.log.append(said("a", "b", "c"))
    metrics = Metrics()
    steps = (Step("stuck", Topic.POSTS_RAW, Passing(trouble=never)), Step("idle", Topic.POSTS_ANALYSED, Passing()))
    runner = EmbeddedRunner(storage, steps, (), now, metrics, 10)

    def shown(name: str, stage: str) -> float | None:
        return metrics.registry.get_sample_value(f"huiying_stage_{name}", {"stage": stage})

    assert shown("records_total", "stuck") == shown("retries_total", "idle") == 0
    task = asyncio.create_task(runner.run())
    give_up = monotonic() + 10
    while shown("retries_total", "stuck") == 0 or shown("lag_records", "stuck") == 0:
        assert monotonic() < give_up, "neither a retry nor a lag is shown"
        await asyncio.sleep(0.01)
    assert shown("lag_records", "stuck") == 3
    assert shown("lag_records", "idle") == shown("records_total", "stuck") == 0
    runner.stop()
    await task
