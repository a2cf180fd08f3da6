"""An integrator's webhook that keeps what it was sent, by webhook-id."""

import json
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


class Receiver:
    """`url` is where it listens; `events` holds one event per webhook-id, `times` how often each id came."""

    def __init__(self) -> None:
        self.events: dict[str, dict[str, Any]] = {}
        self.times: Counter[str] = Counter()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        kept = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # the standard library's name
                id_ = self.headers["webhook-id"]
                event = json.loads(self.rfile.read(int(self.headers["content-length"])))
                assert kept.events.setdefault(id_, event) == event, "one id, two events"
                kept.times[id_] += 1
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Silent."""

        return Handler
