"""The push API: one receipt per item, idempotent, and no body that breaks it."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.parts import Parts
from core.effects import Message
from core.records import Role
from core.storage.sqlite import SqliteStorage
from core.topics import Topic
from tests.unit.api.conftest import ClientOf

POST = {
    "id": "1",
    "source": "forum.test",
    "text": "滨江路的路灯坏了",
    "author": "网友",
    "at": "2026-06-01T10:00:00+08:00",
}
"""Published two hours before the tests' noon."""


def push(client_of: ClientOf, items: Any) -> dict[str, Any]:
    answer = client_of(Role.RESPONDER).post("/api/v1/posts", json=items)
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()
    return result


def test_each_item_gets_its_own_answer_in_order(client_of: ClientOf) -> None:
    got = push(client_of, [POST, POST, {"id": "2", "text": ""}, 7, {**POST, "id": "3", "mood": "x"}])
    assert [item["status"] for item in got["items"]] == ["accepted", "duplicate", *["rejected"] * 3]
    assert (got["accepted"], got["duplicate"], got["rejected"]) == (1, 1, 3)
    assert all(item["code"] and item["reason"] for item in got["items"][2:])


def test_what_is_rejected_can_be_read_with_its_reason(client_of: ClientOf) -> None:
    push(client_of, [{**POST, "at": "0001-01-01T00:00:00Z"}, {**POST, "at": "9999-12-31T00:00:00Z"}])
    items = client_of(Role.RESPONDER).get("/api/v1/rejected").json()["items"]
    assert [item["code"] for item in items] == ["time_out_of_range"] * 2


def test_a_batch_sent_again_is_all_duplicates(client_of: ClientOf) -> None:
    push(client_of, [POST])
    assert push(client_of, [POST])["duplicate"] == 1


def test_a_changed_count_is_taken_as_news_of_the_same_post(client_of: ClientOf) -> None:
    first = push(client_of, [POST])["items"][0]
    second = push(client_of, [{**POST, "likes": 9}])["items"][0]
    assert (second["status"], second["id"]) == ("accepted", first["id"])


def test_personal_data_is_masked_before_it_reaches_the_log(parts: Parts, client_of: ClientOf) -> None:
    push(client_of, [{**POST, "author": "王小明", "text": "有事打13800138000找我，王小明"}])
    (message,) = parts.storage.log.read(Topic.POSTS_RAW, 0, 10)
    assert b"13800138000" not in message.value
    assert json.loads(message.value)["author"] != "王小明"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[", 400),
        (b"{}", 422),
        (b'"text"', 422),
        (b"\xff\xfe[\x00", 400),
        ("[" * 100_000, 400),
        (json.dumps([POST] * 1001), 422),
        (b"[" + b" " * 17_000_000 + b"]", 413),
    ],
)
def test_a_body_that_is_no_batch_is_a_problem(client_of: ClientOf, body: bytes | str, status: int) -> None:
    answer = client_of(Role.RESPONDER).post("/api/v1/posts", content=body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["detail"]


def test_a_lone_surrogate_in_one_item_does_not_refuse_its_neighbours(client_of: ClientOf) -> None:
    body = json.dumps([POST, {**POST, "id": "2", "text": "坏\ud800了的路灯"}])
    items = client_of(Role.RESPONDER).post("/api/v1/posts", content=body).json()["items"]
    assert [item["status"] for item in items] == ["accepted", "accepted"]


def test_a_text_of_ten_megabytes_is_rejected_with_a_reason(client_of: ClientOf) -> None:
    got = push(client_of, [{**POST, "text": "水" * 3_300_000}, {**POST, "id": "2"}])
    assert [item["status"] for item in got["items"]] == ["rejected", "accepted"]


def test_emoji_alone_are_a_post(client_of: ClientOf) -> None:
    assert push(client_of, [{**POST, "text": "😡😡😡"}])["accepted"] == 1


def test_a_full_backlog_answers_429_with_a_time_to_wait(parts: Parts, client_of: ClientOf) -> None:
    object.__setattr__(parts.intake, "backlog", lambda: 100)
    answer = client_of(Role.RESPONDER).post("/api/v1/posts", json=[POST])
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1
    assert parts.storage.log.end(Topic.POSTS_RAW) == 0


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(anything | st.fixed_dictionaries({"text": anything, "id": anything, "at": anything}), max_size=5))
def test_any_json_gets_one_answer_per_item(client_of: ClientOf, items: list[Any]) -> None:
    answer = client_of(Role.RESPONDER).post("/api/v1/posts", content=json.dumps(items))
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["items"]) == len(items)


def test_a_record_of_rejected_that_is_none_of_ours_is_listed_as_that(
    client_of: ClientOf, storage: SqliteStorage
) -> None:
    storage.log.append([Message(topic=Topic.REJECTED, key="99", id="x", value=b"{")])
    (item,) = client_of(Role.RESPONDER).get("/api/v1/rejected").json()["items"]
    assert item["code"] == "unreadable"
