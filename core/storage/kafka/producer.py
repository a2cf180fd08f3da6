"""Writes to Kafka: acknowledged by all in-sync replicas, in order, each record once."""

import threading
from collections import Counter
from collections.abc import Sequence
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError

from core.effects import Message
from core.errors import RetryLater, StorageError
from core.partitions import partition_of
from core.storage.kafka.topics import MAX_RECORD, Brokers, said_plainly
from core.storage.postgres.owed import Parcel

ID, SEQUENCE = "id", "sequence"
"""Headers of a record."""
DELIVERY_MS = 20_000
REQUEST_MS = 8_000
CLOSE_S = 2.0
IN_FLIGHT = 20_000
"""Records of this process that may wait for their acknowledgement; kafka-python itself knows no bound."""


class Producer:
    """One per process; safe to use from several threads. Connects on first use."""

    def __init__(self, brokers: Brokers) -> None:
        self._brokers = brokers
        self._client: Any = None
        self._guard = threading.Lock()
        self._in_order = threading.Lock()
        """Of two threads that send numbered messages the later one waits: behind a write that fails, nothing may follow."""
        self._waiting = 0
        self.written: Counter[str] = Counter()
        """How often this process wrote to each topic of Kafka: who remembers where one ends looks again."""

    def send(self, parcels: Sequence[Parcel]) -> None:
        """`core.storage.postgres.relay.Sender`."""
        records = [
            (self._brokers.topic(p.topic), p.partition, letter.key, letter.value, _headers(letter.id, p.first + n))
            for p in parcels
            for n, letter in enumerate(p.letters)
        ]
        with self._in_order:
            self._write(records)

    def append(self, messages: Sequence[Message]) -> list[int | None]:
        """Write messages that no commit owes (what comes in at the edge); their positions."""
        records = [
            (
                self._brokers.topic(m.topic),
                partition_of(m.key, self._brokers.partitions),
                m.key,
                m.value,
                _headers(m.id, 0),
            )
            for m in messages
        ]
        return [offset + 1 for offset in self._write(records)]

    def close(self) -> None:
        """Wait for what is on its way, then close."""
        with self._guard:
            client, self._client = self._client, None
        if client is not None:
            _close(client)

    def _write(self, records: Sequence[tuple[str, int, str, bytes, list[tuple[str, bytes]]]]) -> list[int]:
        """The offset of each record; all of them are on the log when this returns."""
        if not records:
            return []
        self._enter(len(records))
        client = None
        try:
            with said_plainly(self._brokers):
                client = self._connected()
                futures = [
                    client.send(topic, value, key.encode(), headers, partition)
                    for topic, partition, key, value, headers in records
                ]
                return [future.get(timeout=DELIVERY_MS / 1000 + 5).offset for future in futures]
        except StorageError:
            self._begin_anew(client)
            raise
        finally:
            with self._guard:
                self._waiting -= len(records)
                self.written.update({topic for topic, *_ in records})

    def _enter(self, number: int) -> None:
        with self._guard:
            if self._waiting and self._waiting + number > IN_FLIGHT:
                raise RetryLater("too many records wait for Kafka's acknowledgement", after=1.0)
            self._waiting += number

    def _begin_anew(self, client: Any) -> None:
        """Part with a client that failed. One whose broker broke in the middle of a write may wait for that answer for
        ever, and all that comes after with it; what it has not delivered is sent again by others, under the same numbers.
        """
        with self._guard:
            if client is not self._client:
                return  # another thread has done so
            self._client = None
        if client is not None:
            # Not flushed: what it still holds came after what it could not deliver, and must not arrive before that.
            client._sender.force_close()

    def _connected(self) -> Any:
        with self._guard:
            if self._client is None:
                # Idempotent with one request in flight: a repeat after a lost answer is told by the broker, and no
                # later batch overtakes one that failed.
                self._client = KafkaProducer(
                    **self._brokers.options(),
                    acks="all",
                    enable_idempotence=True,
                    max_in_flight_requests_per_connection=1,
                    delivery_timeout_ms=DELIVERY_MS,
                    request_timeout_ms=REQUEST_MS,
                    max_block_ms=REQUEST_MS,
                    batch_size=MAX_RECORD // 2,
                    max_request_size=MAX_RECORD,
                    allow_auto_create_topics=False,
                )
            return self._client


def _close(client: Any) -> None:
    """Deliver what it holds, then close it; one that cannot deliver gives that up."""
    try:
        client.close(timeout=CLOSE_S)
    except KafkaError:
        client._sender.force_close()  # `close` itself gives up before it comes to this


def _headers(id_: str, sequence: int) -> list[tuple[str, bytes]]:
    return [(ID, id_.encode()), (SEQUENCE, str(sequence).encode())] if sequence else [(ID, id_.encode())]
