"""The live stream: where it begins, and that it ends with the right to hear it."""

import asyncio

import pytest

from api import live
from api.live import Position, begin, follow
from core.codec import encode
from core.effects import Effects, Message
from core.storage.sqlite import SqliteStorage
from core.topics import Topic
from tests.records import incident


@pytest.fixture
def storage_with_posts(storage: SqliteStorage) -> SqliteStorage:
    messages = [Message(topic=Topic.POSTS_ANALYSED, key="99", id=str(n), value=b"{}") for n in range(3)]
    storage.commit(Effects(messages=messages))
    return storage


@pytest.mark.parametrize(
    ("at", "expected"),
    [(None, "3-0-0"), ("1-0-0", "1-0-0"), (f"{10**17}-7-7", "3-0-0")],
)
def test_a_screen_begins_where_it_was_and_never_beyond_the_end(
    storage_with_posts: SqliteStorage, at: str | None, expected: str
) -> None:
    assert str(begin(storage_with_posts.log, Position.parse(at, 1))) == expected


def test_a_stream_ends_when_its_listener_has_logged_out(
    storage_with_posts: SqliteStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "POLL_S", 0)
    answers = iter([True, False])

    async def listen() -> list[str | None]:
        stream = follow(storage_with_posts.log, None, live.Audience(lambda: next(answers)))
        return [event.event async for event in stream]

    assert asyncio.run(asyncio.wait_for(listen(), 5)) == ["hello"]


def test_what_is_no_record_is_passed_over_and_the_rest_is_told(storage: SqliteStorage) -> None:
    poison = [Message(topic=topic, key="99", id="x", value=b"\xff no record") for topic in live.TOPICS]
    good = Message(topic=Topic.INCIDENTS, key="99", id="i1:1", value=encode(incident()))
    storage.commit(Effects(messages=[*poison, good]))
    position, events = live.read(storage.log, Position((0,), (0,), (0,)), live.Audience(lambda: True))
    assert str(position) == "1-2-1"
    assert [event.event for event in events] == ["posts", "incident"]
