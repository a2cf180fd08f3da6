"""Reads from Kafka what screens and people ask for. Faust hands stages their batches; here they read what it did not."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from core.effects import Message
from core.errors import StorageError
from core.ports import Progress
from core.storage.kafka.producer import ID, SEQUENCE, Producer
from core.storage.kafka.topics import Brokers, said_plainly
from core.topics import Topic

REMEMBERED = 1_000
"""Newest messages kept for each partition that is read: many screens follow the same end."""
PATIENCE_S = 5.0
POLL_MS = 200

ReadProgress = Callable[[str, Topic, int], Progress]


@dataclass(slots=True)
class _Tail:
    """The newest messages of a partition, without a hole."""

    messages: deque[Message] = field(default_factory=lambda: deque(maxlen=REMEMBERED))

    def after(self, position: int) -> list[Message]:
        """What is known after a position; nothing when something before it may be missing here."""
        if not self.messages or self.messages[0].position > position + 1:
            return []
        return [m for m in self.messages if m.position > position]

    def extend(self, position: int, read: Sequence[Message]) -> None:
        """Add what was read after `position`."""
        if self.messages and self.messages[-1].position != position:
            if read and read[-1].position < self.messages[-1].position:
                return  # somebody looks at the past
            self.messages.clear()
        self.messages.extend(read)


class KafkaLog:
    """`core.ports.Log`. `progress` is kept by the Store.

    Where a topic ends is asked again after a write of this process, else every `freshness_s`.
    """

    def __init__(self, brokers: Brokers, producer: Producer, progress: ReadProgress, freshness_s: float = 0.2) -> None:
        self.partitions = brokers.partitions
        self._brokers = brokers
        self._producer = producer
        self._progress = progress
        self._freshness_s = freshness_s
        self._guard = threading.Lock()
        self._consumer: Any = None
        self._ends: dict[Topic, tuple[float, int, dict[int, int]]] = {}
        self._tails: dict[TopicPartition, _Tail] = {}

    def append(self, messages: Sequence[Message]) -> list[int | None]:
        return self._producer.append(messages)

    def read(self, topic: Topic, after: int, limit: int, partition: int = 0) -> list[Message]:
        with self._guard, said_plainly(self._brokers):
            end = self._end(topic, partition)
            if end <= after or partition >= self.partitions:
                return []
            place = TopicPartition(self._brokers.topic(topic), partition)
            tail = self._tails.setdefault(place, _Tail())
            known = tail.after(after)
            reached = known[-1].position if known else after
            if reached < min(end, after + limit):
                more = self._fetch(topic, place, reached, end, limit - len(known))
                tail.extend(reached, more)
                known.extend(more)
        return known[:limit]

    def end(self, topic: Topic, partition: int = 0) -> int:
        with self._guard, said_plainly(self._brokers):
            return self._end(topic, partition)

    def progress(self, consumer: str, topic: Topic, partition: int = 0) -> Progress:
        return self._progress(consumer, topic, partition)

    def close(self) -> None:
        """Close the connections, the producer's too."""
        with self._guard:
            if self._consumer is not None:
                self._consumer.close()
                self._consumer = None
        self._producer.close()

    def _end(self, topic: Topic, partition: int) -> int:
        """Kafka counts from 0 and tells the next offset: the position of the newest message."""
        asked_at, written_then, ends = self._ends.get(topic, (0.0, 0, {}))
        written = self._producer.written[self._brokers.topic(topic)]
        if monotonic() - asked_at > self._freshness_s or written != written_then or not ends:
            places = [TopicPartition(self._brokers.topic(topic), part) for part in range(self.partitions)]
            ends = {place.partition: int(end) for place, end in self._reader().end_offsets(places).items()}
            self._ends[topic] = monotonic(), written, ends
        return ends.get(partition, 0)

    def _fetch(self, topic: Topic, place: TopicPartition, after: int, end: int, limit: int) -> list[Message]:
        """At most `limit` messages at positions above `after`, or from the oldest that is still there, up to `end`."""
        reader = self._reader()
        reader.assign([place])
        first = max(after, int(reader.beginning_offsets([place])[place]))
        until = min(end, first + limit)
        reader.seek(place, first)
        found: list[Message] = []
        give_up = monotonic() + PATIENCE_S
        while first < until and (not found or found[-1].position < until) and monotonic() < give_up:
            found.extend(message_of(topic, record) for record in reader.poll(timeout_ms=POLL_MS).get(place, []))
        if first < until and not found:  # whoever gets nothing believes that there is nothing
            raise StorageError(f"Kafka at {self._brokers.servers} hands out nothing of {place.topic}/{place.partition}")
        return [m for m in found if m.position <= until]

    def _reader(self) -> Any:
        if self._consumer is None:
            self._consumer = KafkaConsumer(
                **self._brokers.options(),
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                fetch_max_wait_ms=POLL_MS,
                allow_auto_create_topics=False,
            )
        return self._consumer


def message_of(topic: Topic, record: Any) -> Message:
    """The message in a record of Kafka (of kafka-python or aiokafka: `headers` are pairs)."""
    headers = dict(record.headers or ())
    return Message(
        topic=topic,
        key=(record.key or b"").decode(errors="replace"),
        id=headers.get(ID, b"").decode(errors="replace"),
        value=record.value or b"",
        position=record.offset + 1,
        partition=record.partition,
        sequence=int(headers.get(SEQUENCE, b"0")),
    )
