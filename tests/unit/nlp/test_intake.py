"""The edge over a log that knows ids: what is news of a post, and what is here already."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.codec import decode
from core.effects import Consumed, Effects, Message
from core.records import RawPost
from core.storage.sqlite import SqliteStorage, open_storage
from core.telemetry import Metrics
from core.topics import Topic
from nlp.admission import Admission
from nlp.intake import Intake
from nlp.prepare import Windows, prepare

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[SqliteStorage]:
    opened = open_storage(tmp_path / "data")
    yield opened
    opened.close()


def sent(storage: SqliteStorage, likes: int) -> str:
    """What the intake says of the one post when it has so many likes."""
    rules = Admission(jurisdiction="990100", salt="s", now=NOW, origin="push", source="forum")
    intake = Intake(storage.log, storage.store, rules, lambda: NOW, Metrics(), lambda: 0, 100)
    (receipt,) = intake.receive([{"id": "1", "text": "路灯坏了", "likes": likes}], "push")
    return receipt.status


def understand(storage: SqliteStorage) -> list[int]:
    """Prepare what waits, as the stage does; the likes that the index was told, in order."""
    done = storage.log.progress("understand", Topic.POSTS_RAW).position
    waiting: list[Message] = storage.log.read(Topic.POSTS_RAW, done, 100)
    prepared = prepare([decode(m.value, RawPost) for m in waiting], storage.store, Windows())
    consumed = Consumed("understand", Topic.POSTS_RAW, waiting[-1].position, done)
    storage.commit(Effects(changes=[*prepared.seen]), consumed)
    return [post.likes for post in (*prepared.posts, *prepared.revised)]


def test_a_post_that_goes_back_to_an_earlier_count_is_told_again(storage: SqliteStorage) -> None:
    for likes in (10, 11, 10, 11):
        assert sent(storage, likes) == "accepted"
        assert understand(storage) == [likes]
    assert sent(storage, 11) == "duplicate"


def test_a_change_that_is_sent_twice_before_it_is_understood_is_told_once(storage: SqliteStorage) -> None:
    assert [sent(storage, 10), sent(storage, 10)] == ["accepted", "duplicate"]
    assert understand(storage) == [10]
    assert [sent(storage, 11), sent(storage, 11)] == ["accepted", "duplicate"]
    assert understand(storage) == [11]
