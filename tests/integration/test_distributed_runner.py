"""Faust agents over a real Kafka and a real PostgreSQL: every message has its effect once."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from time import monotonic

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition

from core.codec import decode
from core.effects import Consumed, Effects, Message
from core.errors import ConfigurationError
from core.partitions import partition_of
from core.records import Rejected
from core.storage import tables as t
from core.storage.postgres.owed import Letter, Parcel
from core.topics import Topic
from stream.distributed import Agent, Tools
from stream.topology import Step
from tests.integration.distributed import PARTITIONS, Collect, Forward, tools
from tests.servers.distributed import Distributed

LONG_S = 60


@pytest.fixture
def given(servers: Distributed, tmp_path: Path) -> Tools:
    return tools(servers, tmp_path)


@asynccontextmanager
async def running(*agents: Agent) -> AsyncIterator[None]:
    for agent in agents:
        await agent.start()
    try:
        yield
    finally:
        for agent in agents:
            await agent.stop()


async def until(condition: Callable[[], bool]) -> None:
    give_up = monotonic() + LONG_S
    while not condition():
        assert monotonic() < give_up, "it takes too long"
        await asyncio.sleep(0.1)


def said(number: int, value: bytes = b"{}") -> Message:
    return Message(topic=Topic.POSTS_RAW, key=str(330100 + number % 16), id=f"m{number}", value=value)


async def test_every_message_passes_two_agents_once_and_a_record_that_breaks_a_stage_is_rejected(
    servers: Distributed, given: Tools
) -> None:
    sink = Collect()
    servers.storage.log.append([said(n, b"poison" if n == 700 else b"{}") for n in range(1500)])
    agents = [
        Agent(Step("understand", Topic.POSTS_RAW, Forward()), given),
        Agent(Step("detect", Topic.POSTS_ANALYSED, sink), given),
    ]
    async with running(*agents):
        await until(lambda: len(sink.seen) >= 1499)
        servers.storage.log.append([said(n) for n in range(1500, 1600)])
        await until(lambda: len(sink.seen) >= 1599)
    assert sorted(sink.seen) == sorted(f"m{n}" for n in range(1600) if n != 700)
    log = servers.storage.log
    rejected = [m for part in range(PARTITIONS) for m in log.read(Topic.REJECTED, 0, 10, part)]
    assert [decode(m.value, Rejected).code for m in rejected] == ["stage_failed"]
    assert servers.storage.waiting() == (0, 0)


async def test_what_a_relay_sends_twice_is_handled_once(servers: Distributed, given: Tools) -> None:
    sink = Collect()
    parcels = [Parcel(Topic.POSTS_ANALYSED, 2, 1 + 10 * n, letters(n)) for n in range(3)]
    servers.producer.send(parcels)
    servers.producer.send(parcels[1:])  # another relay, or this one after a crash
    servers.producer.send([Parcel(Topic.POSTS_ANALYSED, 2, 31, letters(3))])
    async with running(Agent(Step("detect", Topic.POSTS_ANALYSED, sink), given)):
        await until(lambda: len(sink.seen) >= 40)
    assert sink.seen == [f"l{n}" for n in range(40)]


def letters(tens: int) -> list[Letter]:
    return [Letter(f"l{n}", "330106", b"{}") for n in range(10 * tens, 10 * tens + 10)]


async def test_a_second_worker_goes_on_where_the_first_one_stopped(servers: Distributed, given: Tools) -> None:
    first, second = Collect(), Collect()
    servers.storage.log.append([said(n) for n in range(300)])
    async with running(Agent(Step("understand", Topic.POSTS_RAW, first), given)):
        await until(lambda: len(first.seen) >= 300)
    servers.storage.log.append([said(n) for n in range(300, 400)])
    async with running(Agent(Step("understand", Topic.POSTS_RAW, second), given)):
        await until(lambda: len(second.seen) >= 100)
    assert sorted(second.seen) == sorted(f"m{n}" for n in range(300, 400))


async def test_kafka_is_told_of_all_that_was_handled(servers: Distributed, given: Tools) -> None:
    for round_ in range(3):  # the first one from the beginning, the others from what was told before
        servers.storage.log.append([said(n) for n in range(300 * round_, 300 * round_ + 300)])
        async with running(Agent(Step("understand", Topic.POSTS_RAW, Collect()), given)):
            await until(lambda: acknowledged(servers, given) == ends(servers))


def test_what_a_dead_worker_owed_is_sent_by_whoever_sweeps(servers: Distributed) -> None:
    send = servers.producer.send
    servers.producer.send = lambda parcels: None  # type: ignore[method-assign]  # it dies before anything leaves
    servers.relay.settle = lambda work, lanes: None  # type: ignore[method-assign]
    servers.storage.commit(Effects(messages=[said(1), said(2)]))
    servers.producer.send = send  # type: ignore[method-assign]
    log = servers.storage.log
    assert sum(log.end(Topic.POSTS_RAW, part) for part in range(PARTITIONS)) == 0
    assert servers.storage.sweep()
    assert sum(log.end(Topic.POSTS_RAW, part) for part in range(PARTITIONS)) == 2
    assert not servers.storage.sweep()


async def test_what_kafka_believes_to_be_read_is_read_again_by_a_store_that_was_restored(
    servers: Distributed, given: Tools
) -> None:
    first, second = Collect(), Collect()
    servers.storage.log.append([said(n) for n in range(300)])
    async with running(Agent(Step("understand", Topic.POSTS_RAW, first), given)):
        await until(lambda: len(first.seen) >= 300)
    forget_offsets(servers)
    impatient = replace(given, help_after_s=0.0)
    agent = Agent(Step("understand", Topic.POSTS_RAW, second), impatient)
    async with running(agent):
        await until(lambda: bool(agent.app.consumer.assignment()))
        await agent.look()
        await until(lambda: len(second.seen) >= 300)
        assert sorted(second.seen) == sorted(f"m{n}" for n in range(300))
        servers.storage.log.append([said(n) for n in range(300, 320)])
        await until(lambda: len(second.seen) >= 320)
    assert sorted(second.seen) == sorted(f"m{n}" for n in range(320))


async def test_a_message_that_comes_after_a_hole_brings_what_is_in_it(servers: Distributed, given: Tools) -> None:
    first, second = Collect(), Collect()
    servers.storage.log.append([said(n) for n in range(160)])
    async with running(Agent(Step("understand", Topic.POSTS_RAW, first), given)):
        await until(lambda: len(first.seen) >= 160)
    forget_offsets(servers)
    servers.storage.log.append([said(n) for n in range(160, 176)])
    async with running(Agent(Step("understand", Topic.POSTS_RAW, second), given)):
        await until(lambda: len(second.seen) >= 176)
    assert sorted(second.seen) == sorted(f"m{n}" for n in range(176))


async def test_messages_that_kafka_deleted_unread_are_told_of(servers: Distributed, given: Tools) -> None:
    first, second = Collect(), Collect()
    place = partition_of("330101", PARTITIONS)
    servers.storage.log.append([said(1) for _ in range(10)])
    async with running(Agent(Step("understand", Topic.POSTS_RAW, first), given)):
        await until(lambda: len(first.seen) >= 10)
    servers.storage.log.append([said(1) for _ in range(30)])
    delete_before(servers, place, 25)
    async with running(Agent(Step("understand", Topic.POSTS_RAW, second), given)):
        await until(lambda: len(second.seen) >= 15)
    told = [m for part in range(PARTITIONS) for m in servers.log.read(Topic.REJECTED, 0, 10, part)]
    assert [decode(m.value, Rejected).code for m in told] == ["deleted_unread"]
    assert "15 messages" in decode(told[0].value, Rejected).reason


async def test_a_log_that_was_replaced_stops_the_agent_with_what_to_do(servers: Distributed, given: Tools) -> None:
    gone = Consumed("understand", Topic.POSTS_RAW, 500, 0, partition_of("330101", PARTITIONS))
    servers.storage.commit(Effects(), gone)
    servers.storage.log.append([said(1)])
    sink = Collect()
    agent = Agent(Step("understand", Topic.POSTS_RAW, sink), given)
    async with running(agent):
        await until(lambda: agent.failure() is not None)
    assert isinstance(agent.failure(), ConfigurationError)
    assert "huiying realign" in str(agent.failure())
    assert not sink.seen


def forget_offsets(servers: Distributed) -> None:
    """As a backup from before the first message leaves the Store."""
    with servers.database.write() as connection:
        connection.execute(t.offsets.delete())


def acknowledged(servers: Distributed, given: Tools) -> list[int]:
    """Up to where Kafka believes the group to have read, by partition."""
    consumer = KafkaConsumer(**servers.brokers.options(), group_id=f"{given.group}understand")
    topic = servers.brokers.topic(Topic.POSTS_RAW)
    reached = [consumer.committed(TopicPartition(topic, part)) or 0 for part in range(PARTITIONS)]
    consumer.close()
    return reached


def ends(servers: Distributed) -> list[int]:
    return [servers.log.end(Topic.POSTS_RAW, part) for part in range(PARTITIONS)]


def delete_before(servers: Distributed, partition: int, offset: int) -> None:
    """As retention does."""
    admin = KafkaAdminClient(**servers.brokers.options())
    admin.delete_records({TopicPartition(servers.brokers.topic(Topic.POSTS_RAW), partition): offset})
    admin.close()


class Hang:
    """A stage whose thread hangs until it is let go."""

    def __init__(self) -> None:
        self.go = threading.Event()

    def __call__(self, batch: Sequence[Message], now: datetime) -> Effects:
        self.go.wait()
        return Effects()

    def forget(self) -> None:
        """Nothing is held."""


async def test_whoever_watches_an_agent_sees_that_its_thread_hangs_and_can_still_stop_it(
    servers: Distributed, given: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stream.distributed.STOP_S", 0.5)
    stage = Hang()
    servers.storage.log.append([said(n) for n in range(50)])
    agent = Agent(Step("understand", Topic.POSTS_RAW, stage), replace(given, help_after_s=0.0))
    await agent.start()
    await until(lambda: bool(agent.app.consumer.assignment()))
    await asyncio.sleep(1)
    before = agent.idle_s()
    for _ in range(3):
        await asyncio.wait_for(agent.look(), 5)
    assert agent.idle_s() > before
    stopping = asyncio.create_task(agent.stop())
    await asyncio.wait([stopping], timeout=30)
    assert stopping.done()
    stage.go.set()


async def test_an_agent_whose_consumer_does_not_stop_ends_all_the_same(
    servers: Distributed, given: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stream.distributed.STOP_S", 0.5)
    agent = Agent(Step("understand", Topic.POSTS_RAW, Collect()), given)
    async with running(agent):
        stop, never = agent.app.stop, asyncio.Event()
        monkeypatch.setattr(agent.app, "stop", never.wait)
        await asyncio.wait_for(agent.stop(), 30)
        monkeypatch.setattr(agent.app, "stop", stop)


async def test_an_agent_that_lives_on_its_own_reading_alone_counts_as_stalled_in_the_end(
    servers: Distributed, given: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stream.distributed.MOST_HELPS", 1)
    sink = Collect()
    agent = Agent(Step("understand", Topic.POSTS_RAW, sink), replace(given, help_after_s=0.0))
    async with running(agent):
        await until(lambda: bool(agent.app.consumer.assignment()))
        agent.app.consumer.pause_partitions(agent.app.consumer.assignment())  # as when Faust hands nothing on any more
        began = monotonic()
        for round_ in range(3):
            servers.storage.log.append([said(n) for n in range(10 * round_, 10 * round_ + 10)])
            await asyncio.sleep(0.3)
            await agent.look()
            await shown(sink, 10 * round_ + 10)
        assert agent.idle_s() > 0.3, "the third help is no sign of life"
        assert agent.idle_s() < monotonic() - began


async def shown(sink: Collect, number: int) -> None:
    await until(lambda: len(sink.seen) >= number)
