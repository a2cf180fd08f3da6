"""A proxy before `huiying serve` that passes everything on but the events: of those it sends as many as it is told to.

The server tells a screen of several versions of an incident only the last, so that a real flow of posts never makes as many
events as a screen should bear.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from types import TracebackType
from typing import Any, Self

import httpx

EVENTS = "/api/v1/events"
PASSED_ON = ("accept", "cookie", "x-huiying", "content-type")
GIVEN_BACK = ("content-type", "cache-control", "content-security-policy")
EDGE = "0_0"
"""Any text: the page only gives it back when it connects again."""


class Stream:
    """`url` serves the pages of `target`; each screen hears `per_s` versions a second of the given incidents, in turn."""

    def __init__(self, target: str, incidents: list[dict[str, Any]], per_s: int) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(target, incidents, per_s))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()


def versions(incidents: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The incidents in turn without end, each time newer and of another heat, so that rows change places."""
    for number in count():
        one = incidents[number % len(incidents)]
        heat = one["heat"] * (1 + (number * 7 % 13) / 10)
        yield {**one, "version": one["version"] + number + 1, "heat": heat, "copies": one["copies"] + number}


def _handler(target: str, incidents: list[dict[str, Any]], per_s: int) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the standard library's name
            with suppress(ConnectionError):
                self._tell() if self.path.startswith(EVENTS) else self._pass_on()

        def _pass_on(self) -> None:
            headers = {name: value for name, value in self.headers.items() if name.lower() in PASSED_ON}
            answer = httpx.get(target + self.path, headers=headers, timeout=30)
            self.send_response(answer.status_code)
            for name in set(GIVEN_BACK) & set(answer.headers):
                self.send_header(name, answer.headers[name])
            self.send_header("content-length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def _tell(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.end_headers()
            began = time.monotonic()
            for number, one in enumerate(versions(incidents)):
                self.wfile.write(f"event: incident\nid: {EDGE}\ndata: {json.dumps(one)}\n\n".encode())
                time.sleep(max(0.0, began + (number + 1) / per_s - time.monotonic()))

        def log_message(self, *_: Any) -> None:
            """Silent."""

    return Handler
