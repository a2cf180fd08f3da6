"""One of each server for a whole test session, started when the first test asks for it.

Each is the one that its variable names (HUIYING_TEST_KAFKA, _ELASTICSEARCH, _POSTGRES), or our own. Where several processes
share the tests (pytest-xdist), one of them gets all that need a server: they empty tables and stop workers, in turn.
"""

from collections.abc import Iterator

import pytest

SERVED = frozenset({"kafka_servers", "elasticsearch_url", "postgres_url", "addresses"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need a server as one group."""
    for item in items:
        if _served(item):
            item.add_marker(pytest.mark.xdist_group("servers"))


def _served(item: pytest.Item) -> bool:
    if not isinstance(item, pytest.Function):
        return False
    chosen = getattr(item, "callspec", None)
    return bool(SERVED.intersection(item.fixturenames)) or (
        chosen is not None and "distributed" in chosen.params.values()
    )


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
