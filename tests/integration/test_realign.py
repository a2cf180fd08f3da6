"""A Store restored from a backup and a log that went on, or a log that was lost: nothing known is skipped or doubled."""

from collections.abc import Sequence
from time import monotonic
from typing import Any

import pytest
from kafka.admin import KafkaAdminClient
from sqlalchemy import Connection

from app.distributed import refuse_if_ahead, refuse_while_working
from core.clock import utc_now
from core.effects import Effects, Message
from core.errors import ConfigurationError, StorageError
from core.storage import tables as t
from core.storage.postgres.realign import realign
from core.telemetry import Metrics
from core.topics import Topic
from stream.distributed import Agent
from stream.partition import Partition
from stream.topology import TOPOLOGY, Step
from tests.integration.distributed import Collect, tools
from tests.integration.test_distributed_runner import running, until
from tests.servers.distributed import Distributed

TABLES = (t.offsets, t.heads, t.outgoing)


def commit(servers: Distributed, *numbers: int) -> None:
    """What a stage hands on."""
    told = [Message(topic=Topic.INCIDENTS, key="33", id=f"i{n}", value=b"{}") for n in numbers]
    servers.storage.commit(Effects(messages=told))


def backup(servers: Distributed) -> dict[Any, list[Any]]:
    with servers.database.write() as connection:
        return {table: [row._asdict() for row in connection.execute(table.select())] for table in TABLES}


def restore(servers: Distributed, saved: dict[Any, list[Any]]) -> None:
    with servers.database.write() as connection:
        for table, rows in saved.items():
            _refill(connection, table, rows)


def _refill(connection: Connection, table: Any, rows: list[Any]) -> None:
    connection.execute(table.delete())
    if rows:
        connection.execute(table.insert(), rows)


def reader(servers: Distributed, stage: Collect) -> Partition:
    return Partition(Step("decide", Topic.INCIDENTS, stage), 0, servers.storage, utc_now, Metrics())


def handle(partition: Partition, batch: Sequence[Message]) -> None:
    while not partition.advance(batch, 100):
        continue


def read_on(partition: Partition) -> None:
    while partition.read_on(100):
        continue


def parts(servers: Distributed) -> Any:
    """What `app.distributed` works on."""
    return servers


def test_a_restored_store_hands_on_what_it_knows_and_passes_over_the_rest(servers: Distributed) -> None:
    before, after = Collect(), Collect()
    commit(servers, 1, 2, 3, 4, 5)
    handle(reader(servers, before), servers.log.read(Topic.INCIDENTS, 0, 2))
    saved = backup(servers)
    commit(servers, 6, 7, 8)  # of a time that the backup does not know
    servers.storage.commit(Effects(messages=[Message(topic=Topic.REJECTED, key="33", id="r", value=b"{}")]))
    read_on(reader(servers, before))
    restore(servers, saved)

    with pytest.raises(ConfigurationError, match="huiying realign"):
        refuse_if_ahead(parts(servers))
    decides, refused = realign(servers.database, servers.log, TOPOLOGY)
    assert "decide passes over" in decides
    assert "3 messages are sent again" in decides
    assert refused == "rejected/0: numbers go on after 1"
    refuse_if_ahead(parts(servers))
    servers.storage.sweep()
    commit(servers, 106, 107)
    read_on(reader(servers, after))

    assert before.seen == [f"i{n}" for n in range(1, 9)]
    assert after.seen == ["i3", "i4", "i5", "i106", "i107"]
    assert realign(servers.database, servers.log, TOPOLOGY) == []
    refuse_if_ahead(parts(servers))
    assert servers.log.end(Topic.REJECTED) == 1  # nothing is missed but what was lost on purpose


def test_a_restored_store_with_nothing_unread_goes_on_too(servers: Distributed) -> None:
    after = Collect()
    commit(servers, 1, 2)
    read_on(reader(servers, after))
    saved = backup(servers)
    commit(servers, 3)
    restore(servers, saved)
    realign(servers.database, servers.log, TOPOLOGY)
    refuse_if_ahead(parts(servers))
    commit(servers, 103)
    read_on(reader(servers, after))
    assert after.seen == ["i1", "i2", "i103"]
    assert not servers.log.end(Topic.REJECTED)


def test_what_kafka_never_got_before_the_backup_is_sent_after_it(servers: Distributed) -> None:
    after = Collect()
    commit(servers, 1)
    send = servers.producer.send
    servers.producer.send = no_kafka  # type: ignore[assignment, method-assign]
    commit(servers, 2, 3)
    saved = backup(servers)
    servers.producer.send = send  # type: ignore[method-assign]
    commit(servers, 4)
    restore(servers, saved)
    realign(servers.database, servers.log, TOPOLOGY)
    servers.storage.sweep()
    commit(servers, 104)
    read_on(reader(servers, after))
    assert after.seen == ["i1", "i2", "i3", "i104"]


def no_kafka(_: object) -> None:
    raise StorageError("Kafka is away")


def test_after_the_log_was_lost_what_comes_new_is_read_and_what_is_missing_is_told(
    servers: Distributed, addresses: list[str]
) -> None:
    before, after = Collect(), Collect()
    commit(servers, 1, 2, 3, 4, 5)
    handle(reader(servers, before), servers.log.read(Topic.INCIDENTS, 0, 3))
    lose(servers)
    again = Distributed(*addresses, partitions=1, prefix=servers.prefix)
    with pytest.raises(ConfigurationError, match="huiying realign"):
        reader(again, after)
    (sentence,) = realign(again.database, again.log, TOPOLOGY)
    assert "the log ends at 0, decide had handled 3" in sentence
    commit(again, 6, 7)
    read_on(reader(again, after))
    assert after.seen == ["i6", "i7"]
    (told,) = again.log.read(Topic.REJECTED, 0, 10)
    assert b"lost_by_log" in told.value
    assert b"2 messages" in told.value
    again.close()


def lose(servers: Distributed) -> None:
    """As when the broker's disk is gone; Kafka deletes in its own time."""
    names = {servers.brokers.topic(topic) for topic in Topic}
    admin = KafkaAdminClient(**servers.brokers.options())
    admin.delete_topics(sorted(names))
    give_up = monotonic() + 30
    while names & set(admin.list_topics()):
        assert monotonic() < give_up
    admin.close()


async def test_nobody_realigns_while_a_worker_runs(servers: Distributed, tmp_path: Any) -> None:
    given = tools(servers, tmp_path)
    agent = Agent(Step("decide", Topic.INCIDENTS, Collect()), given)
    async with running(agent):
        await until(lambda: bool(agent.app.consumer.assignment()))
        with pytest.raises(ConfigurationError, match=r"workers are running .*decide"):
            refuse_while_working(servers.brokers, given.group, TOPOLOGY)
    refuse_while_working(servers.brokers, given.group, TOPOLOGY)
