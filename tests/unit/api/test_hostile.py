"""What a careless or hostile caller sends: an answer that says what is wrong, never a failure of the server."""

import pytest

from api.live import Position
from api.parts import Parts
from core.records import Role
from core.storage.store import SqlStore
from tests import seeded
from tests.unit.api.conftest import ClientOf

CURSORS = ["²", "٣", "-1", "nan.x", "9" * 19, "9" * 200, "1.²", f"{'9' * 30}.{'9' * 30}.x"]
LISTS = ["/api/v1/posts", "/api/v1/incidents", "/api/v1/cases", "/api/v1/rejected"]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("cursor", CURSORS)
def test_a_cursor_that_is_not_ours_finds_nothing_or_begins_anew(client_of: ClientOf, path: str, cursor: str) -> None:
    answer = client_of(Role.ADMIN).get(path, params={"cursor": cursor})
    assert answer.status_code == 200, answer.text
    assert answer.json()["items"] == []


@pytest.mark.parametrize("path", ["/api/v1/session", "/api/v1/setup", "/api/v1/sources", "/api/v1/cases/x/ack"])
def test_a_body_nested_too_deeply_is_refused(client_of: ClientOf, path: str) -> None:
    deep = b'{"name":"a","password":"b","code":"c","url":"d","more":' + b"[" * 5_000 + b"]" * 5_000 + b"}"
    assert client_of(Role.ADMIN).post(path, content=deep).status_code == 422


def test_one_record_may_not_be_as_large_as_a_batch(client_of: ClientOf) -> None:
    large = {"name": "a", "password": "b" * 300_000}
    assert client_of(None).post("/api/v1/session", json=large).status_code == 413


@pytest.mark.parametrize("text", [None, "", "x", "1-2", "1-2-3-4", "²-1-1", "٣-1-1", "-1-1-1", "1-1-" + "9" * 19])
def test_an_event_id_that_is_not_ours_is_no_position(text: str | None) -> None:
    assert Position.parse(text, 1) is None


@pytest.mark.parametrize("text", ["1-2-3", "1.2-3-4.5", "1.2.3-1.2.3-1.2.3"])
def test_an_event_id_of_other_partitions_is_no_position(text: str) -> None:
    assert Position.parse(text, 2) is None
    assert str(Position.parse("1.2-3.4-5.6", 2)) == "1.2-3.4-5.6"


@pytest.mark.parametrize("kind", ["sources", "webhooks"])
@pytest.mark.parametrize("url", ["http://[::1", "http://a\x00", "http://", "https://u:p@host.example/", "file:///etc"])
def test_an_address_that_cannot_be_visited_is_refused_when_it_is_given(
    client_of: ClientOf, kind: str, url: str
) -> None:
    assert client_of(Role.ADMIN).post(f"/api/v1/{kind}", json={"url": url}).status_code == 422


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00"])
def test_a_time_at_the_ends_of_the_calendar_is_refused(parts: Parts, client_of: ClientOf, at: str) -> None:
    seeded.fill(parts)
    client = client_of(Role.ADMIN)
    asked = [client.get("/api/v1/duty", params={"at": at}), client.get("/api/v1/posts", params={"until": at})]
    asked += [
        client.get(f"/api/v1/rosters/{seeded.UNIT}{rest}", params={"since": at}) for rest in ("", "/calendar.ics")
    ]
    asked.append(client.post("/api/v1/silences", json={"until": at, "why": "x", "levels": [4]}))
    asked.append(client.post("/api/v1/cases/c-hand/level", json={"level": 2, "until": at, "why": "x"}))
    assert [(answer.status_code, answer.json()["code"]) for answer in asked] == [(422, "bad_time")] * len(asked)


@pytest.mark.parametrize("wrong", [{"jurisdiction": "../x"}, {"interval_s": 10**26}, {"interval_s": -1}])
def test_a_source_with_an_impossible_figure_is_refused(client_of: ClientOf, wrong: dict[str, object]) -> None:
    given = {"url": "https://news.example/rss.xml", **wrong}
    assert client_of(Role.ADMIN).post("/api/v1/sources", json=given).status_code == 422


def test_a_webhook_for_an_event_that_does_not_exist_is_refused_with_the_list(client_of: ClientOf) -> None:
    wanted = {"url": "https://93.184.216.34/hook", "events": ["case.opened", "case.exploded"]}
    answer = client_of(Role.ADMIN).post("/api/v1/webhooks", json=wanted)
    assert answer.status_code == 422
    assert "case.exploded" in answer.json()["detail"]
    assert "case.opened" in answer.json()["detail"]


def test_a_channel_that_is_told_of_nothing_is_refused(client_of: ClientOf) -> None:
    wanted = {"name": "值班群", "url": "json://example.org", "levels": []}
    answer = client_of(Role.ADMIN).post("/api/v1/channels", json=wanted)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_level")


def test_a_bug_is_a_problem_with_the_security_headers(client_of: ClientOf, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(SqlStore, "webhooks", broken)
    answer = client_of(Role.ADMIN).get("/api/v1/webhooks")
    assert answer.status_code == 500
    assert answer.json()["title"] == "Internal"
    assert "secret detail" not in answer.text
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/api/v1/incidents", "/api/v1/meta", "/healthz"])
def test_head_is_answered_as_get(client_of: ClientOf, path: str) -> None:
    client = client_of(Role.VIEWER)
    assert client.head(path).status_code == client.get(path).status_code == 200


def test_head_of_the_endless_stream_ends(client_of: ClientOf) -> None:
    assert client_of(Role.VIEWER).head("/api/v1/events").status_code in (404, 405)
