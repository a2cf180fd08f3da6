"""What the tests of the distributed runner share: a stage that hands messages on, and what agents need."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from core.clock import utc_now
from core.effects import Effects, Message
from core.telemetry import Metrics
from core.topics import Topic
from stream.distributed import Tools
from tests.servers.distributed import Distributed
from tests.servers.names import unique

PARTITIONS = 4


class Forward:
    """A stage that hands every message on; one that says so breaks it."""

    def __call__(self, batch: Sequence[Message], now: datetime) -> Effects:
        if any(m.value == b"poison" for m in batch):
            raise ValueError("this record breaks the stage")
        return Effects(messages=[Message(topic=Topic.POSTS_ANALYSED, key=m.key, id=m.id, value=m.value) for m in batch])

    def forget(self) -> None:
        """Nothing is held."""


class Collect:
    """A stage that remembers what it was shown."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __call__(self, batch: Sequence[Message], now: datetime) -> Effects:
        self.seen.extend(m.id for m in batch)
        return Effects()

    def forget(self) -> None:
        """Nothing is held but what the test counts."""


def tools(made: Distributed, home: Path, group: str = "", batch: int = 200) -> Tools:
    """What agents over these servers work with."""
    return Tools(made.storage, made.brokers, utc_now, Metrics(), batch, home, group or unique("g"))
