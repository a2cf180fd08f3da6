"""TLS and an API key before a real Elasticsearch, as its security module asks for them: the server core has no such module."""

import http.client
import ssl
import threading
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from tests.servers.certificates import HOST

REFUSED = b'{"error":{"root_cause":[],"type":"security_exception","reason":"unable to authenticate"},"status":401}'
UNSENT = frozenset({"connection", "transfer-encoding", "content-length"})


class _Gate(ThreadingHTTPServer):
    daemon_threads = True
    behind: str
    credentials: str


class GuardedElasticsearch:
    """`url` begins with https; a request without the key is answered 401.

    Args:
        behind: Address of the real server.
        server: Key and certificate in PEM.
    """

    def __init__(self, behind: str, server: Path, key: str) -> None:
        self._server = _Gate((HOST, 0), _Handler)
        self._server.behind, self._server.credentials = behind, f"ApiKey {key}"
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(server)
        # The handshake belongs to the thread of each connection: one that never finishes must not stop the others.
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, name="guard", daemon=True)

    @property
    def url(self) -> str:
        """The address for clients."""
        return f"https://{HOST}:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    """Hands requests on, one connection to the server behind for each of a client's."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # an answer in two writes would wait for an acknowledgement
    server: "_Gate"

    def setup(self) -> None:
        super().setup()
        self._behind = http.client.HTTPConnection(urlsplit(self.server.behind).netloc, timeout=60)

    def handle(self) -> None:
        # No TLS, or an authority that the client does not trust.
        with suppress(ssl.SSLError, ConnectionError):
            super().handle()

    def finish(self) -> None:
        self._behind.close()
        super().finish()

    def _hand_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("Authorization") != self.server.credentials:
            self._answer(HTTPStatus.UNAUTHORIZED, [("Content-Type", "application/json")], REFUSED)
            return
        self._behind.request(self.command, self.path, body, dict(self.headers.items()))
        answer = self._behind.getresponse()
        self._answer(answer.status, answer.getheaders(), answer.read())

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in UNSENT:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _hand_on  # noqa: N815  # names that the library looks for

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name in the library
        """Says nothing."""
