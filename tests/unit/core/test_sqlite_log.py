"""What the embedded log promises beyond the contract: it looks ids up, trims itself and forgets a jurisdiction."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.effects import Consumed, Effects, Message, RemoveJurisdiction
from core.ports import lag
from core.storage.sqlite import SqliteStorage, open_storage
from core.topics import Topic


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[SqliteStorage]:
    opened = open_storage(tmp_path / "data")
    yield opened
    opened.close()


def said(id_: str, key: str = "990100") -> Message:
    return Message(topic=Topic.POSTS_RAW, key=key, id=id_, value=f'"{id_}"'.encode())


def test_a_message_appended_twice_is_there_once_and_the_second_has_no_position(storage: SqliteStorage) -> None:
    storage.log.append([said("a")])
    assert storage.log.append([said("a"), said("b")])[0] is None
    assert [m.id for m in storage.log.read(Topic.POSTS_RAW, 0, 10)] == ["a", "b"]


def test_a_message_that_comes_again_and_again_never_counts_as_waiting(storage: SqliteStorage) -> None:
    first, second = storage.log.append([said("a"), said("b")])
    storage.log.append([said("a")] * 50)
    (third,) = storage.log.append([said("c")])
    assert (first, second, third) == (1, 2, 3)
    assert lag(storage.log, "understand", Topic.POSTS_RAW) == 3


def test_nothing_waits_of_a_jurisdiction_that_was_removed(storage: SqliteStorage) -> None:
    positions = storage.log.append([said("a", "330106"), said("b", "330106"), said("c"), said("d")])
    assert positions[2] is not None
    storage.commit(Effects(), Consumed("understand", Topic.POSTS_RAW, positions[2]))
    storage.commit(Effects(changes=[RemoveJurisdiction("990100")]))
    assert lag(storage.log, "understand", Topic.POSTS_RAW) == 0
    storage.log.append([said("e")])
    assert lag(storage.log, "understand", Topic.POSTS_RAW) > 0
    assert [m.id for m in storage.log.read(Topic.POSTS_RAW, positions[2], 10)] == ["e"]


def test_removing_a_jurisdiction_empties_the_log_of_it(storage: SqliteStorage) -> None:
    storage.log.append([said("a"), said("b", "330106")])
    storage.commit(Effects(changes=[RemoveJurisdiction("990100")]))
    assert [m.id for m in storage.log.read(Topic.POSTS_RAW, 0, 10)] == ["b"]


def test_retention_trims_only_what_every_consumer_has_handled(storage: SqliteStorage) -> None:
    raw = [Message(topic=Topic.POSTS_RAW, key="99", id=str(n), value=b"{}") for n in range(3)]
    positions = [p for p in storage.log.append(raw) if p is not None]
    storage.commit(Effects(), Consumed("understand", Topic.POSTS_RAW, positions[1]))
    now = datetime.now(UTC)
    storage.retain(log_after=now + timedelta(minutes=1), posts_after=now - timedelta(days=3650), now=now)
    assert [m.id for m in storage.log.read(Topic.POSTS_RAW, 0, 10)] == ["2"]
    assert storage.log.end(Topic.POSTS_RAW) == positions[2]
