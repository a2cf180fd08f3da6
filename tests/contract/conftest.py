"""The adapters that every contract runs on. A new engine adds itself here and nowhere else."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import pytest

from core.effects import Effects, RemoveJurisdiction
from core.ports import Progress, Storage
from core.records import AnalysedPost, Assignment, Incident
from core.storage import tables as t
from core.storage.kafka import Brokers, KafkaLog, Producer, prepare_topics
from core.storage.postgres import Database, PostgresStorage, Relay, create_tables
from core.storage.sqlite import SqliteStorage, open_storage
from core.storage.store import progress
from core.topics import Topic
from tests.servers.kafka import unique


@pytest.fixture(params=["sqlite", "postgres and kafka"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    """An empty storage of each engine set."""
    embedded = open_storage(tmp_path / "data")
    if request.param == "sqlite":
        yield embedded
    else:
        servers, url = request.getfixturevalue("kafka_servers"), request.getfixturevalue("postgres_url")
        yield from distributed(servers, url, embedded)
    embedded.close()


class IndexOf:
    """Writes what the relay carries into the index of an embedded storage: Elasticsearch is not there yet."""

    def __init__(self, storage: SqliteStorage) -> None:
        self._storage = storage

    def write(
        self,
        posts: Sequence[AnalysedPost],
        incidents: Sequence[Incident],
        assigned: Sequence[Assignment],
        version: int,
    ) -> None:
        self._storage.commit(Effects(posts=list(posts), incidents=list(incidents), assigned=list(assigned)))

    def remove(self, jurisdiction: str) -> None:
        self._storage.commit(Effects(changes=[RemoveJurisdiction(jurisdiction)]))

    def forget(self, before: datetime, keep: set[str]) -> int:
        return self._storage.retain(before, before)


def distributed(servers: str, url: str, index: SqliteStorage) -> Iterator[PostgresStorage]:
    """Empty topics and tables on real servers."""
    brokers = Brokers(servers, partitions=1, prefix=unique())
    prepare_topics(brokers)
    database = Database(url)
    create_tables(database)
    with database.write() as connection:
        for table in (*t.metadata.sorted_tables, *t.relayed.sorted_tables):
            connection.execute(table.delete())
    producer = Producer(brokers)

    def reached(consumer: str, topic: Topic, partition: int) -> Progress:
        with database.write() as connection:
            return progress(connection, consumer, topic, partition)

    log = KafkaLog(brokers, producer, reached, freshness_s=0)
    to = IndexOf(index)
    storage = PostgresStorage(database, log, index.index, Relay(database, producer, to), to)
    yield storage
    log.close()
    storage.close()
