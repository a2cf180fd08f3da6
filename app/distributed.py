"""The distributed set as the settings describe it."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass

from core.errors import ConfigurationError
from core.ports import Progress
from core.settings import Settings
from core.storage.elastic import Cluster, ElasticIndex, ElasticWriter, prepare_indices
from core.storage.kafka import Brokers, KafkaLog, Producer, Security, prepare_topics, working
from core.storage.postgres import Database, PostgresStorage, Relay, lanes_ahead, prepare_tables, realign, upgrade_tables
from core.storage.store import progress
from core.telemetry import Metrics
from core.topics import Topic

__all__ = [
    "Connected",
    "brokers_of",
    "cluster_of",
    "connected",
    "log_of",
    "realign",
    "refuse_if_ahead",
    "refuse_while_working",
    "upgrade",
]

DAY_MS = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Connected:
    """One process's connections; the parts beneath the storage are for its agents and for tests that hurt them."""

    storage: PostgresStorage
    brokers: Brokers
    cluster: Cluster
    database: Database
    producer: Producer
    relay: Relay


def brokers_of(settings: Settings) -> Brokers:
    """Kafka as the settings describe it."""
    return Brokers(
        settings.kafka,
        partitions=settings.kafka_partitions,
        replication=settings.kafka_replication,
        keep_ms=settings.log_days * DAY_MS,
        prefix=f"{settings.prefix}.",
        security=Security(
            protocol=settings.kafka_protocol,
            mechanism=settings.kafka_mechanism,
            user=settings.kafka_user,
            password=settings.kafka_password.get_secret_value(),
            ca=settings.kafka_ca,
        ),
    )


def cluster_of(settings: Settings, *, fresh: bool = False) -> Cluster:
    """Elasticsearch as the settings describe it."""
    return Cluster(
        settings.elasticsearch,
        api_key=settings.elasticsearch_key.get_secret_value(),
        ca=settings.elasticsearch_ca,
        replicas=settings.elasticsearch_replicas,
        prefix=f"{settings.prefix}-",
        fresh=fresh,
    )


def upgrade(settings: Settings) -> tuple[str | None, str | None]:
    """Bring the tables to this release; their revisions before and after."""
    with closing(Database(settings.postgres.get_secret_value())) as database:
        return upgrade_tables(database)


@contextmanager
def connected(settings: Settings, metrics: Metrics | None = None, *, fresh: bool = False) -> Iterator[Connected]:
    """Connect, make what is missing, and close at the end. `fresh`: searches see what was just written.

    `metrics` counts what the relay could not send; without, nobody looks.
    """
    with ExitStack() as stack:
        brokers = brokers_of(settings)
        database = Database(settings.postgres.get_secret_value())
        stack.callback(database.close)
        prepare_tables(database)
        prepare_topics(brokers)
        cluster = stack.enter_context(closing(cluster_of(settings, fresh=fresh)))
        prepare_indices(cluster)

        producer = Producer(brokers)
        log = stack.enter_context(closing(log_of(brokers, producer, database)))
        writer = ElasticWriter(cluster)
        relay = Relay(database, producer, writer, metrics or Metrics())
        storage = PostgresStorage(database, log, ElasticIndex(cluster), relay, writer)
        yield Connected(storage, brokers, cluster, database, producer, relay)


def log_of(brokers: Brokers, producer: Producer, database: Database) -> KafkaLog:
    """The log whose readers' progress is kept in this database."""

    def reached(consumer: str, topic: Topic, partition: int) -> Progress:
        with database.write() as connection:
            return progress(connection, consumer, topic, partition)

    return KafkaLog(brokers, producer, reached)


def refuse_if_ahead(connected: Connected) -> None:
    """Raise `ConfigurationError` when the log holds what this Store has not written: one of them was restored."""
    ahead = lanes_ahead(connected.database, connected.storage.log)
    if ahead:
        where = ", ".join(f"{topic.value}/{part}" for topic, part in ahead[:3])
        raise ConfigurationError(
            f"the log ({where}) is of a later time than PostgreSQL, which was restored: run `huiying realign`"
        )


def refuse_while_working(brokers: Brokers, group: str, steps: Iterable[str]) -> None:
    """Raise `ConfigurationError` while a worker is a member of its group."""
    busy = working(brokers, [group + step for step in steps])
    if busy:
        raise ConfigurationError(f"workers are running ({', '.join(busy)}): stop all, then try again")
