"""A distributed set over the test servers, composed as the product composes it, with names of its own."""

from contextlib import ExitStack, suppress
from typing import Any

from elasticsearch import ApiError, TransportError

from app.distributed import cluster_of, connected
from core.errors import StorageError
from core.settings import Settings
from core.storage import tables as t
from core.storage.elastic import Cluster
from core.storage.elastic.indices import metas
from core.storage.postgres import Database, prepare_tables
from core.telemetry import Metrics
from tests.servers.names import unique


def settings_of(
    kafka: str, postgres: str, elasticsearch: str, *, partitions: int, prefix: str, **more: Any
) -> Settings:
    """Settings of a deployment on these servers."""
    return Settings(
        runner="distributed",
        kafka=kafka,
        postgres=postgres,  # type: ignore[arg-type]  # pydantic makes a secret of it
        elasticsearch=elasticsearch,
        elasticsearch_replicas=0,
        kafka_partitions=partitions,
        prefix=prefix,
        salt="test",  # type: ignore[arg-type]
        **more,
    )


def cluster_of_tests(elasticsearch: str, prefix: str) -> Cluster:
    """Elasticsearch alone, whose searches see what was just written."""
    return cluster_of(settings_of("", "postgresql:///", elasticsearch, partitions=1, prefix=prefix), fresh=True)


def drop_indices(cluster: Cluster) -> None:
    """Delete those of the cluster's schema with their templates."""
    names = list(metas(cluster))
    if names:
        cluster.client.indices.delete(index=names)
    cluster.client.options(ignore_status=404).indices.delete_index_template(name=f"{cluster.prefix}*")


class Distributed:
    """Without a prefix everything is new and empty; with one it joins what another process of the same test made.

    `more` are further settings.

    The tables of PostgreSQL have no prefix: tests that run one after the other share them, emptied.
    """

    def __init__(
        self, kafka: str, postgres: str, elasticsearch: str, *, partitions: int, prefix: str = "", **more: Any
    ) -> None:
        self.prefix = prefix or unique()
        self.settings = settings_of(kafka, postgres, elasticsearch, partitions=partitions, prefix=self.prefix, **more)
        self.metrics = Metrics()
        self._open = ExitStack()
        made = self._open.enter_context(connected(self.settings, self.metrics, fresh=True))
        self.storage, self.log, self.relay, self.producer = made.storage, made.storage.log, made.relay, made.producer
        self.brokers, self.database, self.cluster = made.brokers, made.database, made.cluster
        self._alone = not prefix
        if self._alone:
            empty(postgres)

    def close(self) -> None:
        """Close all connections; the indices go, for a server holds only so many."""
        if self._alone:
            with suppress(StorageError, ApiError, TransportError):
                drop_indices(self.cluster)
        self._open.close()


def empty(postgres: str) -> None:
    """Make the tables, and forget what other tests left in them."""
    database = Database(postgres)
    prepare_tables(database)
    with database.write() as connection:
        for table in (*t.metadata.sorted_tables, *t.relayed.sorted_tables):
            connection.execute(table.delete())
    database.close()
