"""The recorded shapes of every kind on a local server, each on a host of its own; `make crawl-long` runs it.

`tests/unit/crawlers/test_walks.py` walks the same shapes without a network; here they come by Scrapy, robots.txt and the Store.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

from msgspec.structs import replace

from core.leases import Leased
from core.records import Crawl, Ending, Source
from crawlers.rules.language import Example
from crawlers.tour import Tour
from crawlers.walks.registry import shipped
from crawlers.walks.steps import Answer
from tests.integration.office import Office
from tests.unit.crawlers.test_walks import INSTEAD, NOW, answer_of, source

ELSEWHERE = {"wechat_bridge": "https://mp.weixin.qq.com"}
"""Sites beside that of the source that its answers lead to."""
Key = tuple[str, str, tuple[tuple[str, str], ...]]
CHANGING = {"wts", "w_rid", "after"}
"""Parameters that depend on the time."""


def key_of(host: str, target: str, form: dict[str, str]) -> Key:
    address = urlsplit(target)
    given = [*parse_qsl(address.query, keep_blank_values=True), *form.items()]
    return host, unquote(address.path), tuple(sorted(pair for pair in given if pair[0] not in CHANGING))


class Shapes(ThreadingHTTPServer):
    """Answers what was recorded for a host and an address; 404 to everything else."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self) -> None:
        super().__init__(("0.0.0.0", 0), Handler)
        self.answers: dict[Key, Answer] = {}
        self.strange: list[Key] = []


class Handler(BaseHTTPRequestHandler):
    """Bytes and their type, as recorded."""

    protocol_version = "HTTP/1.1"
    server: Shapes

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        form = dict(parse_qsl(self.rfile.read(length).decode(), keep_blank_values=True))
        key = key_of(self.headers["Host"], self.path, form)
        found = self.server.answers.get(key)
        if found is None and key[1] != "/robots.txt":
            self.server.strange.append(key)
        body = found.body if found else b""
        self.send_response(found.status if found else 404)
        self.send_header("Content-Type", found.content_type if found else "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815  # http.server's

    def log_message(self, *_: object) -> None:
        """Silent."""


@contextmanager
def shapes() -> Iterator[Shapes]:
    with Shapes() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def moved(kind: str, number: int, port: int) -> Source:
    """A source of the kind whose site is on this machine."""
    made = source(kind)
    here = f"127.0.{number // 200 + 1}.{number % 200 + 2}:{port}"
    options = {name: _at(here, value) if value.startswith("https:") else value for name, value in made.options.items()}
    return replace(made, id=f"{kind}-{number}", url=_at(here, made.url), options=options)


def _at(host: str, url: str) -> str:
    return urlsplit(url)._replace(scheme="http", netloc=host).geturl()


def record(server: Shapes, one: Source, instead: Example | None = None) -> int:
    """Lets the server know what a visit will ask; how many items it should bring."""
    tour = Tour(Leased(source=one, crawl=Crawl(source=one.id)), "", lambda: NOW)
    waiting, items = tour.begin(), 0
    while waiting and not tour.failed:
        ask = waiting.pop(0)
        answer = answer_of(shipped()[one.kind], ask, instead)
        there, address = urlsplit(source(one.kind).url), urlsplit(ask.url)
        home = f"http://{urlsplit(one.url).netloc}"
        for site in (f"{there.scheme}://{there.netloc}", ELSEWHERE.get(one.kind, "")):
            answer = replace(answer, body=answer.body.replace(site.encode(), home.encode()) if site else answer.body)
        assert address.hostname
        assert address.hostname.startswith("127."), f"{one.kind} asks {ask.url}"
        server.answers[key_of(address.netloc, ask.url, dict(ask.form))] = answer
        came, more = tour.take(answer)
        items += len(came)
        waiting += more
    return items


def add(office: Office, one: Source) -> str:
    office.add(one.id, one.kind, one.url, options=one.options)
    return one.id


def test_every_kind_reads_its_shapes_from_a_server_and_only_once(office: Office) -> None:
    with shapes() as server:
        sources = [moved(kind, number, server.server_port) for number, kind in enumerate(sorted(shipped()))]
        expected = {one.id: record(server, one) for one in sources}
        ids = [add(office, one) for one in sources]
        first = office.look(*ids)
        assert {id_: (r.ending, r.items) for id_, r in first.items()} == {
            id_: (Ending.OK, items) for id_, items in expected.items()
        }
        assert server.strange == []
        second = office.look(*ids, hours=0.2)
        assert {r.ending for r in second.values()} == {Ending.NOT_MODIFIED}
        assert sum(r.items for r in second.values()) == 0


def test_every_kind_names_a_login_a_captcha_and_a_block_page_that_a_server_sends_instead(office: Office) -> None:
    with shapes() as server:
        cases = [(kind, shown) for kind in sorted(shipped()) for shown in sorted(INSTEAD)]
        expected: dict[str, tuple[object, object]] = {}
        for number, (kind, shown) in enumerate(cases):
            one = moved(kind, number, server.server_port)
            body, ending, health = INSTEAD[shown]
            record(server, one, Example(body=f"<html><body>{body}</body></html>"))
            expected[add(office, one)] = (ending, health)
        results = office.look(*expected)
        assert {id_: (r.ending, office.crawl(id_).health) for id_, r in results.items()} == expected
        assert all(not office.posts(id_) for id_ in expected)
