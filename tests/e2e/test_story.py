"""The product's main job, end to end, as its three users see it."""

import json
from datetime import UTC, datetime
from typing import Any

import httpx
from pytest_httpserver import HTTPServer
from standardwebhooks import Webhook
from werkzeug import Request, Response

from tests.e2e.outage import posts
from tests.e2e.product import Serving, until


class Receiver:
    """An integrator's webhook: verifies every request with the standardwebhooks library and keeps the events."""

    def __init__(self, server: HTTPServer) -> None:
        self.secret = ""
        self.events: list[tuple[str, dict[str, Any]]] = []
        server.expect_request("/hook", method="POST").respond_with_handler(self._receive)
        self.url = server.url_for("/hook")

    def _receive(self, request: Request) -> Response:
        verified = Webhook(self.secret).verify(request.get_data(), dict(request.headers))
        self.events.append((request.headers["webhook-id"], verified))
        return Response(status=204)

    def ids_of(self, kind: str) -> list[str]:
        """The webhook-ids of the events of a type."""
        return [id_ for id_, event in self.events if event["type"] == kind]


def test_a_post_becomes_a_delivered_alert_a_cited_draft_and_a_line_on_the_board(
    serving: Serving, httpserver: HTTPServer
) -> None:
    receiver = Receiver(httpserver)
    with serving.client("admin") as http:
        made = http.post("/api/v1/webhooks", json={"url": receiver.url})
        assert made.status_code == 201, made.text
        receiver.secret = made.json()["secret"]

        pushed = http.post("/api/v1/posts", json=posts(datetime.now(UTC)))
        assert pushed.json()["accepted"] == 32, pushed.text

        opened = until(lambda: receiver.ids_of("case.opened"), 60, f"no alert came:\n{serving.log_text()}")
        assert len(opened) == 1
        _, event = next(e for e in receiver.events if e[1]["type"] == "case.opened")
        case_id = event["data"]["case"]["id"]

        file = until(lambda: _with_draft(http, case_id), 60, "no draft came").json()
        assert "湖畔雅苑" in file["incident"]["title"]
        assert file["incident"]["posts"] >= 10
        assert file["incident"]["reasons"]
        assert file["case"]["clocks"]
        assert all(clock["due_at"] and clock["source"] for clock in file["case"]["clocks"])
        _check_draft(file["drafts"][0])

        board = http.get("/api/v1/board").json()
        assert board["incidents"][0]["incident"]["id"] == file["incident"]["id"]
        assert board["incidents"][0]["case"]["id"] == case_id
        assert board["figures"]["posts"] == 32

        again = http.post("/api/v1/posts", json=posts(datetime.now(UTC))[:1])
        assert again.status_code == 200

    assert len(set(receiver.ids_of("case.opened"))) == 1


def _with_draft(http: httpx.Client, case_id: str) -> httpx.Response | None:
    answer = http.get(f"/api/v1/cases/{case_id}")
    return answer if answer.status_code == 200 and answer.json()["drafts"] else None


def _check_draft(draft: dict[str, Any]) -> None:
    """Every sentence cites its evidence, both fact cards of the office among it, and the machine's hand is labelled."""
    assert draft["status"] == "proposed", draft
    assert draft["ai_label"]
    assert draft["ai_metadata"]["Label"]
    assert all(s["cites"] for s in draft["sentences"])
    cited = {cite["id"] for s in draft["sentences"] for cite in s["cites"] if cite["kind"] == "fact"}
    assert cited == {"cause", "repair"}
    assert any(cite["kind"] == "post" for s in draft["sentences"] for cite in s["cites"])


def test_a_stop_is_clean_and_takes_less_than_five_seconds_though_a_screen_listens(serving: Serving) -> None:
    with serving.client("viewer") as http, http.stream("GET", "/api/v1/events") as stream:
        assert stream.status_code == 200
        assert serving.stop() == 0
    assert "Traceback" not in serving.log_text()


def test_a_case_is_worked_on_from_acknowledgement_to_closing(serving: Serving) -> None:
    with serving.client("leader") as http:
        http.post("/api/v1/posts", json=posts(datetime.now(UTC)))
        (case,) = until(lambda: http.get("/api/v1/cases").json()["items"], 60, "no case")
        path = f"/api/v1/cases/{case['id']}"
        too_early = http.post(f"{path}/close", json={"why": "试试"})
        assert too_early.status_code == 409
        assert too_early.headers["content-type"] == "application/problem+json"
        assert "ack" in too_early.json()["possible"]
        unit = http.get("/api/v1/meta").json()["units"][0]["id"]
        for move, body in (
            ("ack", {"why": "已看到"}),
            ("assign", {"unit": unit, "why": "供水"}),
            ("answer", {"text": "已抢修恢复供水。"}),
            ("evaluate", {"note": "热度已下降"}),
            ("close", {"why": "办结"}),
        ):
            moved = http.post(f"{path}/{move}", json=body)
            assert moved.status_code == 200, (move, moved.text)
        file = http.get(path).json()
        assert file["case"]["state"] == "closed"
        assert all(clock["stopped_at"] for clock in file["case"]["clocks"])
        assert len(file["audit"]) >= 6
        stale = http.post(f"{path}/reopen", json={"why": "又停水了", "version": 1})
        assert stale.status_code == 409


def test_events_reach_a_screen_and_resume_where_it_stopped(serving: Serving) -> None:
    with serving.client("viewer") as viewer, serving.client("responder") as responder:
        start = viewer.get("/api/v1/board").json()["position"]
        responder.post("/api/v1/posts", json=posts(datetime.now(UTC)))
        first = _events(viewer, start, {"posts", "incident", "case"})
        again = _events(viewer, start, {"posts", "incident", "case"})
        assert {kind for _, kind, _ in first} == {kind for _, kind, _ in again}
        last = first[-1][0]
        responder.post("/api/v1/posts", json=[{"id": "x", "source": "s", "text": "今天天气很好，出去走走"}])
        resumed = _events(viewer, last, {"posts"})
        counts = [data["count"] for _, kind, data in resumed if kind == "posts"]
        assert counts[-1] == 1


def _events(http: httpx.Client, after: str, wanted: set[str]) -> list[tuple[str, str, dict[str, int]]]:
    """Events after a position until all wanted kinds came."""
    got: list[tuple[str, str, dict[str, int]]] = []
    id_ = kind = ""
    with http.stream("GET", "/api/v1/events", headers={"Last-Event-ID": after}) as stream:
        assert stream.status_code == 200
        for line in stream.iter_lines():
            name, _, value = line.partition(": ")
            if name == "id":
                id_ = value
            elif name == "event":
                kind = value
            elif name == "data":
                got.append((id_, kind, json.loads(value)))
                if wanted <= {k for _, k, _ in got}:
                    break
    return got
