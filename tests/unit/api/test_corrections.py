"""Correcting labels over HTTP: who may, what comes back, how it fails."""

import pytest
from fastapi.testclient import TestClient

from api.parts import Parts
from core.effects import Effects
from core.records import Role
from tests.records import post
from tests.unit.api.conftest import ClientOf

URL = "/api/v1/posts/p1/labels"


@pytest.fixture
def responder(parts: Parts, client_of: ClientOf) -> TestClient:
    parts.storage.commit(Effects(posts=[post("p1")]))
    return client_of(Role.RESPONDER)


def test_a_responder_corrects_looks_it_up_and_withdraws(responder: TestClient) -> None:
    answer = responder.post(URL, json={"sentiment": "neutral", "note": "只是询问"})
    assert answer.status_code == 200, answer.text
    told = answer.json()["post"]["post"]["labels"]
    assert told["sentiment"]["label"] == "neutral"
    assert (told["told"]["sentiment"]["by"], told["told"]["sentiment"]["who"]) == ("person", "responder token")
    assert told["told"]["sentiment"]["model"]["label"] == "negative"
    assert responder.get("/api/v1/posts/p1").json() == answer.json()["post"]

    (one,) = responder.get("/api/v1/corrections", params={"post": "p1"}).json()["items"]
    assert (one["head"], one["label"], one["given"]["label"], one["note"]) == (
        "sentiment",
        "neutral",
        "negative",
        "只是询问",
    )
    for _ in range(2):
        gone = responder.delete(f"/api/v1/corrections/{one['id']}")
        assert gone.json()["post"]["post"]["labels"]["sentiment"]["label"] == "negative"
    assert responder.get("/api/v1/corrections", params={"active": True}).json()["items"] == []
    assert responder.get("/api/v1/corrections").json()["items"][0]["withdrawn_by"] == "responder token"


def test_a_viewer_may_look_and_not_correct(responder: TestClient, client_of: ClientOf) -> None:
    responder.post(URL, json={"sentiment": "neutral"})
    viewer = client_of(Role.VIEWER)
    (one,) = viewer.get("/api/v1/corrections").json()["items"]
    assert viewer.post(URL, json={"sentiment": "neutral"}).status_code == 403
    assert viewer.delete(f"/api/v1/corrections/{one['id']}").status_code == 403


@pytest.mark.parametrize(
    ("url", "body", "status", "kind"),
    [
        (URL, {"sentiment": "angry"}, 422, "refused"),
        (URL, {}, 422, "refused"),
        (URL, {"mood": "bad"}, 422, "invalid-body"),
        (URL, {"sentiment": 3}, 422, "invalid-body"),
        ("/api/v1/posts/none/labels", {"sentiment": "neutral"}, 404, "not-found"),
    ],
)
def test_what_does_not_fit_is_a_problem_and_changes_nothing(
    responder: TestClient, url: str, body: object, status: int, kind: str
) -> None:
    answer = responder.post(url, json=body)
    assert (answer.status_code, answer.json()["type"].partition("#")[2]) == (status, kind)
    assert responder.get("/api/v1/corrections").json()["items"] == []


def test_an_unknown_correction_cannot_be_withdrawn(responder: TestClient) -> None:
    assert responder.delete("/api/v1/corrections/none").status_code == 404


def test_corrections_come_in_pages(responder: TestClient) -> None:
    for label in ("neutral", "positive", "neutral", "negative", "positive"):
        responder.post(URL, json={"sentiment": label})
    seen: list[str] = []
    cursor = ""
    while True:
        page = responder.get("/api/v1/corrections", params={"limit": 2, "cursor": cursor}).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 5
