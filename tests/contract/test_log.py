"""What every Log promises."""

import threading

from core.effects import Consumed, Effects, Message
from core.ports import Storage, lag
from core.topics import Topic


def said(id_: str, topic: Topic = Topic.POSTS_RAW, key: str = "990100") -> Message:
    return Message(topic=topic, key=key, id=id_, value=f'"{id_}"'.encode())


def test_messages_are_read_back_in_the_order_in_which_they_were_appended(storage: Storage) -> None:
    storage.log.append([said("b"), said("a"), said("c")])
    assert [m.id for m in storage.log.read(Topic.POSTS_RAW, 0, 10)] == ["b", "a", "c"]


def test_positions_grow_and_reading_continues_after_one(storage: Storage) -> None:
    first, second = storage.log.append([said("a"), said("b")])
    assert first is not None
    assert second is not None
    assert second > first
    assert [m.id for m in storage.log.read(Topic.POSTS_RAW, first, 10)] == ["b"]


def test_a_read_gives_no_more_than_was_asked_for(storage: Storage) -> None:
    storage.log.append([said(str(n)) for n in range(5)])
    assert len(storage.log.read(Topic.POSTS_RAW, 0, 3)) == 3


def test_topics_do_not_see_each_other(storage: Storage) -> None:
    storage.log.append([said("a"), said("a", Topic.CASES)])
    assert [m.topic for m in storage.log.read(Topic.CASES, 0, 10)] == [Topic.CASES]


def test_end_is_the_position_of_the_newest_message(storage: Storage) -> None:
    assert storage.log.end(Topic.POSTS_RAW) == 0
    positions = storage.log.append([said("a"), said("b")])
    assert storage.log.end(Topic.POSTS_RAW) == positions[-1]


def test_nothing_waits_for_who_has_handled_all_that_is_there_though_some_of_it_came_twice(storage: Storage) -> None:
    storage.log.append([said("a"), said("b"), said("a")])
    storage.commit(Effects(messages=[said("b")]))
    newest = storage.log.read(Topic.POSTS_RAW, 0, 10)[-1]
    assert storage.log.end(Topic.POSTS_RAW) == newest.position
    storage.commit(Effects(), Consumed("understand", Topic.POSTS_RAW, newest.position))
    assert lag(storage.log, "understand", Topic.POSTS_RAW) == 0


def test_key_and_value_come_back_as_they_were(storage: Storage) -> None:
    message = Message(topic=Topic.POSTS_RAW, key="330106", id="x", value="积水\x00".encode())
    storage.log.append([message])
    (read,) = storage.log.read(Topic.POSTS_RAW, 0, 1)
    assert (read.key, read.id, read.value) == ("330106", "x", "积水\x00".encode())


def test_an_offset_is_committed_per_consumer_and_topic(storage: Storage) -> None:
    storage.commit(Effects(), Consumed("detect", Topic.POSTS_ANALYSED, 7))
    assert storage.log.progress("detect", Topic.POSTS_ANALYSED).position == 7
    assert storage.log.progress("detect", Topic.POSTS_RAW).position == 0
    assert storage.log.progress("decide", Topic.POSTS_ANALYSED).position == 0


def test_appends_of_several_threads_lose_nothing(storage: Storage) -> None:
    def append(name: str) -> None:
        for n in range(20):
            storage.log.append([said(f"{name}{n}")])

    threads = [threading.Thread(target=append, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(storage.log.read(Topic.POSTS_RAW, 0, 1000)) == 80
