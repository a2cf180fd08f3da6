"""The servers as fixtures of the whole session: each is started by the first test that asks for it.

A test that hurts one leaves it running for the others.
"""

from collections.abc import Iterator

import pytest

from tests.servers.elasticsearch import Elasticsearch
from tests.servers.kafka import Kafka
from tests.servers.postgres import Postgres


@pytest.fixture(scope="session")
def kafka_server() -> Iterator[Kafka]:
    """Apache Kafka."""
    with Kafka() as server:
        yield server


@pytest.fixture(scope="session")
def elasticsearch_server() -> Iterator[Elasticsearch]:
    """Elasticsearch."""
    with Elasticsearch() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """PostgreSQL."""
    with Postgres() as server:
        yield server
