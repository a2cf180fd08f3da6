"""A Kafka, an Elasticsearch and a PostgreSQL to be hurt: always our own, whatever servers the environment names."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from tests.servers.elasticsearch import Elasticsearch
from tests.servers.kafka import Kafka
from tests.servers.postgres import Postgres
from tests.servers.process import Server


@dataclass(frozen=True, slots=True)
class Servers:
    """All three, running."""

    kafka: Kafka
    postgres: Postgres
    elasticsearch: Elasticsearch

    @property
    def addresses(self) -> list[str]:
        """As `tests.servers.distributed.Distributed` takes them."""
        return [self.kafka.servers, self.postgres.uri, self.elasticsearch.url]


@contextmanager
def started() -> Iterator[Servers]:
    """Start all, and end them with their data."""
    with ExitStack() as stack:
        made: list[Server] = [Kafka(), Postgres(), Elasticsearch()]
        for server in made:
            server.given = None
            stack.enter_context(server)
        yield Servers(*made)  # type: ignore[arg-type]  # in this order
