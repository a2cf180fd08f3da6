"""A distributed storage over the test servers, with names of its own, as `app` composes it."""

from core.ports import Progress
from core.storage import tables as t
from core.storage.elastic import Cluster, ElasticIndex, ElasticWriter, prepare_indices
from core.storage.kafka import Brokers, KafkaLog, Producer, prepare_topics
from core.storage.postgres import Database, PostgresStorage, Relay, create_tables
from core.storage.store import progress
from core.topics import Topic
from tests.servers.kafka import unique


class Distributed:
    """The three adapters and what they stand on. Topics and indices are named by `prefix`; the tables are shared.

    Without a prefix everything is new and empty; with one (another process of the same test) nothing is made.
    """

    def __init__(self, kafka: str, postgres: str, elasticsearch: str, *, partitions: int, prefix: str = "") -> None:
        self.prefix = prefix or unique()
        self.brokers = Brokers(kafka, partitions=partitions, prefix=self.prefix)
        self.database = Database(postgres)
        self.cluster = Cluster(elasticsearch, replicas=0, prefix=self.prefix.replace(".", "-"), fresh=True)
        if not prefix:
            prepare_topics(self.brokers)
            prepare_indices(self.cluster)
            create_tables(self.database)
            self._empty()
        self.producer = Producer(self.brokers)
        self.writer = ElasticWriter(self.cluster)
        self.log = KafkaLog(self.brokers, self.producer, self._progress, freshness_s=0)
        self.relay = Relay(self.database, self.producer, self.writer)
        self.storage = PostgresStorage(self.database, self.log, ElasticIndex(self.cluster), self.relay, self.writer)

    def close(self) -> None:
        """Close all connections."""
        self.log.close()
        self.storage.close()
        self.cluster.close()

    def _empty(self) -> None:
        with self.database.write() as connection:
            for table in (*t.metadata.sorted_tables, *t.relayed.sorted_tables):
                connection.execute(table.delete())

    def _progress(self, consumer: str, topic: Topic, partition: int) -> Progress:
        with self.database.write() as connection:
            return progress(connection, consumer, topic, partition)
