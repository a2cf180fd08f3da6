"""From a post to the delivered alert, while 200 posts a second flow: over HTTP, into the real `huiying serve`."""

import json
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import httpx

from bench.report import Report, percentile
from core.clock import derived_id
from tests import real
from tests.e2e.product import Serving

SECONDS = 60
FLOW_PER_S = 200
EVERY_S = 3
VOICES = 16
GOAL_S = 2.0
WAIT_S = 8


class _Receiver(BaseHTTPRequestHandler):
    """Notes when each incident's alert came."""

    arrived: ClassVar[dict[str, float]] = {}

    def do_POST(self) -> None:  # the standard library's name
        event = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if event["type"] == "case.opened":
            self.arrived.setdefault(event["data"]["incident"], time.monotonic())
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Silent."""


def run(folder: Path, report: Report) -> None:
    """Into `huiying serve`, one process, both tiers of labels."""
    with Serving(folder / "data", HUIYING_ENCODER="shipped") as serving, serving.client("admin") as http:
        add(report, "embedded", alerts_under_flow(http), GOAL_S)


def add(report: Report, runner: str, delays: Sequence[float | None], goal_s: float) -> None:
    """A row of how long alerts took; None stands for a matter that raised none of its own."""
    what = f"post to delivered alert at {FLOW_PER_S} posts/s ({runner}), s"
    came = [delay for delay in delays if delay is not None]
    if not came:
        report.add(what, "no alert came", f"p95 {goal_s:.0f}", met=False)
        return
    figure = f"p50 {percentile(came, 0.5):.2f}, p95 {percentile(came, 0.95):.2f} ({len(came)} of {len(delays)} alerts)"
    # A matter that reads like one before joins its incident and raises no alert of its own; most must raise one.
    met = len(came) >= 0.9 * len(delays) and percentile(came, 0.95) <= goal_s
    report.add(what, figure, f"p95 {goal_s:.0f}", met=met)


def alerts_under_flow(http: httpx.Client, each_second: Callable[[], object] = lambda: None) -> list[float | None]:
    """Background posts all the time; every few seconds a matter breaks out in sixteen voices, and its alert is awaited."""
    _Receiver.arrived.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    background = real.posts(SECONDS * FLOW_PER_S)
    matters = real.matters(SECONDS // EVERY_S, VOICES)
    sent: dict[int, float] = {}
    http.post("/api/v1/webhooks", json={"url": f"http://127.0.0.1:{server.server_port}/"}).raise_for_status()
    began = time.monotonic()
    for second in range(SECONDS):
        batch = [{**p, "at": datetime.now(UTC).isoformat()} for p in background[second * FLOW_PER_S :][:FLOW_PER_S]]
        http.post("/api/v1/posts", json=batch).raise_for_status()
        if second % EVERY_S == EVERY_S - 1:
            sent[second // EVERY_S] = time.monotonic()
            http.post("/api/v1/posts", json=outbreak(second // EVERY_S, matters)).raise_for_status()
        each_second()
        time.sleep(max(0.0, began + second + 1 - time.monotonic()))
    time.sleep(WAIT_S)
    server.shutdown()
    return [_delay(http, number, sent[number]) for number in sent]


def outbreak(number: int, matters: list[list[str]]) -> list[dict[str, object]]:
    """The posts of one matter, in all its voices, of now; their ids are `m{number}-{voice}` of the source `bench`."""
    at = datetime.now(UTC).isoformat()
    return [
        {"id": f"m{number}-{voice}", "source": "bench", "at": at, "author": f"v{number}-{voice}", "text": text}
        for voice, text in enumerate(matters[number])
    ]


def _delay(http: httpx.Client, number: int, sent: float) -> float | None:
    """From sending a matter to its alert; None when no case was opened of the incident that holds most of its posts."""
    held: dict[str, int] = {}
    for voice in range(VOICES):
        post = http.get(f"/api/v1/posts/{derived_id('bench', f'm{number}-{voice}')}").json()
        if post["incident"]:
            held[post["incident"]] = held.get(post["incident"], 0) + 1
    if not held:
        return None
    arrived = _Receiver.arrived.get(max(held, key=lambda incident: held[incident]))
    return arrived - sent if arrived is not None and arrived > sent else None
