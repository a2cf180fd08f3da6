"""Where a reader stands in a topic: a position in each of its partitions, as text `12` or `12.7.0`."""

import heapq
from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import islice

from core.cursors import number
from core.effects import Message
from core.ports import Log
from core.topics import Topic

Positions = tuple[int, ...]


def show(positions: Positions) -> str:
    """As a part of a cursor or an event's id."""
    return ".".join(map(str, positions))


def parse(text: str, partitions: int) -> Positions | None:
    """The positions that `show` wrote, None when it was not us or there were other partitions then."""
    numbers = [n for part in text.split(".") if (n := number(part)) is not None]
    return tuple(numbers) if len(numbers) == partitions and text == show(tuple(numbers)) else None


def start(log: Log) -> Positions:
    """Before the first message."""
    return (0,) * log.partitions


def end(log: Log, topic: Topic) -> Positions:
    """After the newest message."""
    return tuple(log.end(topic, part) for part in range(log.partitions))


def read(log: Log, topic: Topic, after: Positions, limit: int) -> list[Message]:
    """Of every partition at most `limit` messages after its position, in its order."""
    return [m for part, position in enumerate(after) for m in log.read(topic, position, limit, part)]


def merged(log: Log, topic: Topic, after: Positions, limit: int, at: Callable[[Message], datetime]) -> list[Message]:
    """At most `limit` messages of all partitions by time, but each partition in its own order."""
    lanes = [log.read(topic, position, limit, part) for part, position in enumerate(after)]
    return list(islice(heapq.merge(*lanes, key=at), limit))


def advanced(after: Positions, messages: Iterable[Message]) -> Positions:
    """Where a reader stands who has taken these."""
    to = list(after)
    for m in messages:
        to[m.partition] = max(to[m.partition], m.position)
    return tuple(to)
