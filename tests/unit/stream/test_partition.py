"""A partition of a worker: nothing skipped, nothing twice, whatever reaches it and in which pieces."""

from collections.abc import Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.codec import decode
from core.effects import Consumed, Effects, Message
from core.errors import ConfigurationError, Overtaken
from core.ports import Progress
from core.records import Rejected
from core.telemetry import Metrics
from core.topics import Topic
from stream.partition import Partition
from stream.topology import Step
from tests.records import NOON

LIMIT = 7
REASON = {"stage": "decide", "reason": "deleted_unread"}


class Shelf:
    """A log of one partition and the position in it; `first` is the oldest message that is still there."""

    def __init__(self, messages: Sequence[Message], first: int = 1) -> None:
        self.messages = list(messages)
        self.first = first
        self.done = Progress()
        self.rejected: list[Rejected] = []
        self.log = SimpleNamespace(read=self._read, end=lambda *_: len(self.messages), progress=lambda *_: self.done)

    def _read(self, topic: Topic, after: int, limit: int, partition: int = 0) -> list[Message]:
        return [m for m in self.messages if m.position > after and m.position >= self.first][:limit]

    def commit(self, effects: Effects, consumed: Consumed) -> bool:
        if self.done.position >= consumed.position:
            return False
        if self.done.position != consumed.after:
            raise Overtaken("somebody else was here")
        self.done = Progress(position=consumed.position, sequence=consumed.sequence)
        self.rejected += [decode(m.value, Rejected) for m in effects.messages if m.topic is Topic.REJECTED]
        return True


class Collect:
    """A stage that notes what it is shown and breaks at one value."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.forgotten = 0

    def __call__(self, batch: Sequence[Message], now: datetime) -> Effects:
        if any(m.value == b"poison" for m in batch):
            raise ValueError("poison")
        self.seen += [m.id for m in batch]
        return Effects()

    def forget(self) -> None:
        self.forgotten += 1


def said(position: int, sequence: int = 0, value: bytes = b"{}", id_: str = "") -> Message:
    id_ = id_ or f"m{position}"
    return Message(topic=Topic.INCIDENTS, key="33", id=id_, value=value, position=position, sequence=sequence)


def owned(shelf: Shelf, stage: Collect, metrics: Metrics | None = None) -> Partition:
    storage: Any = shelf
    return Partition(Step("decide", Topic.INCIDENTS, stage), 3, storage, lambda: NOON, metrics or Metrics())


def handle(partition: Partition, batch: Sequence[Message]) -> None:
    while not partition.advance(batch, LIMIT):
        continue


def read_on(partition: Partition) -> None:
    while partition.read_on(LIMIT):
        continue


@settings(deadline=None)
@given(st.lists(st.integers(1, 8), min_size=1, max_size=12), st.data())
def test_batches_that_overlap_repeat_jump_ahead_or_have_holes_are_handled_once_and_in_order(
    sizes: list[int], data: st.DataObject
) -> None:
    total = sum(sizes)
    shelf, stage = Shelf([said(n) for n in range(1, total + 1)]), Collect()
    partition = owned(shelf, stage)
    for _ in sizes:
        start = data.draw(st.integers(1, total))
        batch = shelf.messages[start - 1 : data.draw(st.integers(start, total))]
        holes = data.draw(st.sets(st.sampled_from(range(len(batch)))))
        handle(partition, [m for n, m in enumerate(batch) if n not in holes])
    read_on(partition)
    assert stage.seen == [f"m{n}" for n in range(1, total + 1)]
    assert shelf.done.position == total


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 20), st.integers(1, 5)), min_size=1, max_size=12))
def test_numbers_that_were_sent_again_are_passed_over_and_the_position_still_advances(
    runs: list[tuple[int, int]],
) -> None:
    numbers: list[int] = []
    for back, length in runs:  # a relay goes on after the last number, or a few before it
        start = max(1, max(numbers, default=0) + 1 - (back if numbers else 0))
        numbers += range(start, start + length)
    shelf = Shelf([said(n, sequence, id_=f"s{sequence}") for n, sequence in enumerate(numbers, 1)])
    stage = Collect()
    read_on(owned(shelf, stage))
    assert stage.seen == [f"s{n}" for n in range(1, max(numbers) + 1)]
    assert shelf.done == Progress(position=len(numbers), sequence=max(numbers))


def test_a_record_that_breaks_the_stage_is_rejected_and_the_others_are_handled() -> None:
    shelf, stage = Shelf([said(n, value=b"poison" if n == 5 else b"{}") for n in range(1, 10)]), Collect()
    handle(owned(shelf, stage), shelf.messages)
    assert stage.seen == [f"m{n}" for n in range(1, 10) if n != 5]
    assert [r.code for r in shelf.rejected] == ["stage_failed"]
    assert shelf.done.position == 9


def test_messages_deleted_before_they_were_read_are_told_of_and_not_waited_for() -> None:
    shelf, stage, metrics = Shelf([said(n) for n in range(1, 31)], first=21), Collect(), Metrics()
    shelf.done = Progress(position=10)
    handle(owned(shelf, stage, metrics), shelf.messages[24:26])
    assert stage.seen == [f"m{n}" for n in range(21, 27)]
    (told,) = shelf.rejected
    assert told.code == "deleted_unread"
    assert "10 messages of incidents/3 after 10" in told.reason
    assert metrics.registry.get_sample_value("huiying_rejected_total", REASON) == 10


def test_numbers_that_are_missing_are_told_of_once() -> None:
    numbers = [1, 2, 5, 6, 7, 9]
    shelf, stage = Shelf([said(n, sequence) for n, sequence in enumerate(numbers, 1)]), Collect()
    partition = owned(shelf, stage)
    handle(partition, shelf.messages[:2])
    handle(partition, shelf.messages[2:])
    assert len(stage.seen) == 6
    (told,) = shelf.rejected
    assert told.code == "lost_by_log"
    assert told.reason.startswith("3 messages of incidents/3 after 2 ")


def test_a_new_step_begins_with_the_oldest_message_and_has_lost_nothing() -> None:
    shelf, stage = Shelf([said(n) for n in range(1, 31)], first=21), Collect()
    read_on(owned(shelf, stage))
    assert stage.seen == [f"m{n}" for n in range(21, 31)]
    assert not shelf.rejected


def test_a_log_that_ends_before_what_was_handled_is_refused_with_what_to_do() -> None:
    shelf = Shelf([said(n) for n in range(1, 6)])
    shelf.done = Progress(position=9)
    with pytest.raises(ConfigurationError, match=r"incidents/3 ends at 5.*huiying realign"):
        owned(shelf, Collect())


def test_whoever_was_overtaken_writes_nothing() -> None:
    shelf, stage = Shelf([said(n) for n in range(1, 11)]), Collect()
    slow = owned(shelf, stage)
    handle(owned(shelf, Collect()), shelf.messages[:3])
    with pytest.raises(Overtaken):
        handle(slow, shelf.messages[:5])
    assert shelf.done.position == 3


def test_a_stage_forgets_what_it_made_of_a_batch_that_was_committed_before() -> None:
    shelf, stage = Shelf([said(n) for n in range(1, 6)]), Collect()
    late = owned(shelf, stage)
    handle(owned(shelf, Collect()), shelf.messages)
    handle(late, shelf.messages)
    assert stage.forgotten == 1
    assert shelf.done.position == 5
