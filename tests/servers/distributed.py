"""A distributed set over the test servers, composed as the product composes it, with names of its own."""

from contextlib import ExitStack

from app.distributed import connected
from core.settings import Settings
from core.storage import tables as t
from core.storage.postgres import Database, create_tables
from tests.servers.names import unique


def settings_of(kafka: str, postgres: str, elasticsearch: str, *, partitions: int, prefix: str) -> Settings:
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
    )


class Distributed:
    """Without a prefix everything is new and empty; with one it joins what another process of the same test made.

    The tables of PostgreSQL have no prefix: tests that run one after the other share them, emptied.
    """

    def __init__(self, kafka: str, postgres: str, elasticsearch: str, *, partitions: int, prefix: str = "") -> None:
        self.prefix = prefix or unique()
        self.settings = settings_of(kafka, postgres, elasticsearch, partitions=partitions, prefix=self.prefix)
        self._open = ExitStack()
        made = self._open.enter_context(connected(self.settings, fresh=True))
        self.storage, self.log, self.relay, self.producer = made.storage, made.storage.log, made.relay, made.producer
        self.brokers, self.database, self.cluster = made.brokers, made.database, made.cluster
        if not prefix:
            empty(postgres)

    def close(self) -> None:
        """Close all connections."""
        self._open.close()


def empty(postgres: str) -> None:
    """Make the tables, and forget what other tests left in them."""
    database = Database(postgres)
    create_tables(database)
    with database.write() as connection:
        for table in (*t.metadata.sorted_tables, *t.relayed.sorted_tables):
            connection.execute(table.delete())
    database.close()
