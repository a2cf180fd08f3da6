"""Writing to a Kafka that breaks: an error that says so, and on it goes when the broker is back."""

import psutil
import pytest

from core.effects import Message
from core.errors import StorageError
from core.storage.kafka import Brokers, Producer, prepare_topics, producer
from core.topics import Topic
from tests.servers.kafka import Kafka


def messages(number: int) -> list[Message]:
    return [Message(topic=Topic.POSTS_RAW, key=str(n), id=f"m{n}", value=b"{}") for n in range(number)]


def until_it_fails(writer: Producer) -> None:
    for _ in range(5):
        writer.append(messages(50))


def test_a_broker_whose_disk_fills_up_in_a_write_hangs_nobody_who_writes_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(producer, "DELIVERY_MS", 4_000)
    monkeypatch.setattr(producer, "REQUEST_MS", 3_000)
    kafka = Kafka()
    kafka.given = None  # it will be hurt: our own, whatever the environment names
    with kafka:
        brokers = Brokers(kafka.servers, partitions=2, prefix="full.")
        prepare_topics(brokers)
        writer = Producer(brokers)
        first = writer.append(messages(20))
        psutil.Process(kafka.pid).rlimit(psutil.RLIMIT_FSIZE, (600, 600))  # no file may grow beyond it
        with pytest.raises(StorageError, match="Kafka at"):
            until_it_fails(writer)
        if kafka.running:
            kafka.kill()
        kafka.start()
        after = writer.append(messages(20))
        writer.close()
    assert len(after) == len(first) == 20
    assert all(position is not None for position in after)
