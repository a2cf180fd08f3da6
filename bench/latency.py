"""From a post to the delivered alert, while 200 posts a second flow: over HTTP, into the real `huiying serve`."""

import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from bench.report import Report, percentile
from tests import real
from tests.e2e import outage
from tests.e2e.product import Serving

SECONDS = 60
FLOW_PER_S = 200
EVERY_S = 3
GOAL_S = 2.0
NAMES = "春夏秋冬松竹梅兰荷桂柳桃杏榆槐枫樟桐柏枣"


class _Receiver(BaseHTTPRequestHandler):
    arrived: dict[str, float]

    def do_POST(self) -> None:  # the standard library's name
        data = self.rfile.read(int(self.headers["content-length"])).decode()
        for name in NAMES:
            if f"{name}园" in data and '"case.opened"' in data:
                self.arrived.setdefault(name, time.monotonic())
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Silent."""


def run(folder: Path, report: Report) -> None:
    """Background posts all the time; every few seconds an outage in another estate, whose alert is awaited."""
    handler = type("Receiver", (_Receiver,), {"arrived": {}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    background = real.posts(SECONDS * FLOW_PER_S)
    sent: dict[str, float] = {}
    with Serving(folder / "data") as serving, serving.client("admin") as http:
        http.post("/api/v1/webhooks", json={"url": f"http://127.0.0.1:{server.server_port}/"}).raise_for_status()
        began = time.monotonic()
        for second in range(SECONDS):
            batch = [{**p, "at": datetime.now(UTC).isoformat()} for p in background[second * FLOW_PER_S :][:FLOW_PER_S]]
            http.post("/api/v1/posts", json=batch).raise_for_status()
            if second % EVERY_S == EVERY_S - 1:
                name = NAMES[second // EVERY_S]
                sent[name] = time.monotonic()
                http.post("/api/v1/posts", json=_outage(name)).raise_for_status()
            time.sleep(max(0.0, began + second + 1 - time.monotonic()))
        time.sleep(5)
    server.shutdown()
    delays = [handler.arrived[name] - sent[name] for name in sent if name in handler.arrived]  # type: ignore[attr-defined]  # set above
    figure = (
        f"p50 {percentile(delays, 0.5):.2f}, p95 {percentile(delays, 0.95):.2f} ({len(delays)} of {len(sent)} alerts)"
    )
    met = len(delays) == len(sent) and percentile(delays, 0.95) <= GOAL_S
    report.add(f"post to delivered alert at {FLOW_PER_S} posts/s, s", figure, f"p95 {GOAL_S:.0f}", met=met)


def _outage(name: str) -> list[dict[str, object]]:
    posts = outage.posts(datetime.now(UTC), 1)
    return [
        {**p, "id": f"{name}-{p['id']}", "text": str(p["text"]).replace("湖畔雅苑", f"{name}园{name}苑")} for p in posts
    ]
