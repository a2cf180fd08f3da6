"""One of each server for a whole test session, started when the first test asks for it.

Each is the one that its variable names (HUIYING_TEST_KAFKA, _ELASTICSEARCH, _POSTGRES), or our own. Where several processes
share the tests (pytest-xdist), each has its own: tests empty tables and stop workers. With the variables set, run them in one.
"""

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session")
def kafka_servers() -> Iterator[str]:
    """`host:port` of a real Kafka."""
    from tests.servers.kafka import Kafka  # pulls in a Java runtime

    with Kafka() as kafka:
        yield kafka.servers


@pytest.fixture(scope="session")
def elasticsearch_url() -> Iterator[str]:
    """Address of a real Elasticsearch."""
    from tests.servers.elasticsearch import Elasticsearch

    with Elasticsearch() as elasticsearch:
        yield elasticsearch.url


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Address of a database on a real PostgreSQL."""
    from tests.servers.postgres import Postgres

    with Postgres() as postgres:
        yield postgres.uri


@pytest.fixture(scope="session")
def addresses(kafka_servers: str, postgres_url: str, elasticsearch_url: str) -> list[str]:
    """Of all three, as `tests.servers.distributed.Distributed` takes them."""
    return [kafka_servers, postgres_url, elasticsearch_url]
