"""What the tests of the distributed runner share: real servers, and a stage that hands messages on."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from core.clock import utc_now
from core.effects import Effects, Message
from core.ports import Progress
from core.storage import tables as t
from core.storage.kafka import Brokers, KafkaLog, Producer, prepare_topics
from core.storage.postgres import Database, PostgresStorage, Relay, create_tables
from core.storage.sqlite import open_storage
from core.storage.store import progress
from core.telemetry import Metrics
from core.topics import Topic
from stream.distributed import Tools
from tests.contract.conftest import IndexOf
from tests.servers.kafka import unique

PARTITIONS = 4


class Forward:
    """A stage that hands every message on; one that says so breaks it."""

    def __call__(self, batch: Sequence[Message], now: datetime) -> Effects:
        if any(m.value == b"poison" for m in batch):
            raise ValueError("this record breaks the stage")
        return Effects(messages=[Message(topic=Topic.POSTS_ANALYSED, key=m.key, id=m.id, value=m.value) for m in batch])

    def forget(self) -> None:
        """Nothing is held."""


class Set:
    """The servers, a storage over them, and what agents need."""

    def __init__(self, servers: str, url: str, home: Path, *, prefix: str = "", fresh: bool = True) -> None:
        self.brokers = Brokers(servers, partitions=PARTITIONS, prefix=prefix or unique())
        self.database = Database(url)
        if fresh:
            prepare_topics(self.brokers)
            create_tables(self.database)
            with self.database.write() as connection:
                for table in (*t.metadata.sorted_tables, *t.relayed.sorted_tables):
                    connection.execute(table.delete())
        self.producer = Producer(self.brokers)
        self.index = open_storage(home / "index")
        log = KafkaLog(self.brokers, self.producer, self.reached, freshness_s=0)
        to = IndexOf(self.index)
        self.relay = Relay(self.database, self.producer, to)
        self.storage = PostgresStorage(self.database, log, self.index.index, self.relay, to)
        self.tools = Tools(self.storage, self.brokers, utc_now, Metrics(), 200, home / "scratch", unique("g"))

    def reached(self, consumer: str, topic: Topic, partition: int) -> Progress:
        with self.database.write() as connection:
            return progress(connection, consumer, topic, partition)

    def close(self) -> None:
        log = self.storage.log
        assert isinstance(log, KafkaLog)
        log.close()
        self.storage.close()
        self.index.close()
