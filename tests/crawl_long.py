"""The long set of collecting: three crawler processes that are killed at random, and two thousand sources against bare Scrapy.

`make crawl-long` runs it; it prints what it saw and ends with 1 where a promise was broken.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from core.codec import decode
from core.effects import Effects
from core.records import RawPost, Source
from core.storage.sqlite import SqliteStorage, open_storage
from core.topics import Topic

HOSTS = 20
ITEM = (
    "<item><title>第{n}条</title><link>http://x.example/{s}/{n}</link><guid isPermaLink='false'>{s}-{n}</guid>"
    "<pubDate>Mon, 23 Nov 2026 10:00:00 +0800</pubDate><description>第{s}号来源的第{n}条消息，路灯不亮。</description></item>"
)


class Feeds(ThreadingHTTPServer):
    """Feeds `/0`, `/1`, ... on every loopback address; each grows by an item every `period_s` until `stop`."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, period_s: float) -> None:
        super().__init__(("0.0.0.0", 0), Handler)
        self.period_s, self.begun, self.stopped = period_s, time.monotonic(), 0.0
        self.asked: Counter[str] = Counter()

    @property
    def items(self) -> int:
        """How many items each feed has now."""
        return 1 + int(((self.stopped or time.monotonic()) - self.begun) / self.period_s)


class Handler(BaseHTTPRequestHandler):
    """The newest twenty items."""

    protocol_version = "HTTP/1.1"
    server: Feeds

    def do_GET(self) -> None:
        name = self.path.strip("/")
        if name == "robots.txt":
            self._answer(404, b"", "")
            return
        last = self.server.items
        self.server.asked[name] += 1
        if self.headers.get("If-None-Match") == f'"{last}"':
            self._answer(304, b"", f'"{last}"')
            return
        rows = "".join(ITEM.format(s=name, n=n) for n in range(last, max(last - 20, 0), -1))
        body = f'<rss version="2.0"><channel><title>{name}</title>{rows}</channel></rss>'.encode()
        self._answer(200, body, f'"{last}"')

    def _answer(self, status: int, body: bytes, etag: str) -> None:
        self.send_response(status)
        if etag:
            self.send_header("ETag", etag)
        self.send_header("Content-Type", "application/rss+xml; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silent."""


@contextmanager
def feeds(period_s: float) -> Iterator[Feeds]:
    """Served from a thread."""
    with Feeds(period_s) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def add(storage: SqliteStorage, port: int, many: int, interval_s: int) -> None:
    """Sources on `HOSTS` hosts."""
    made = [
        Source(
            id=f"s{n}", kind="feed", url=f"http://127.0.0.{n % HOSTS + 2}:{port}/{n}", name=str(n), jurisdiction="990100",
            created_at=datetime.now(UTC), interval_s=interval_s, longest_s=interval_s,
        )
        for n in range(many)
    ]  # fmt: skip
    storage.commit(Effects(changes=[*made]))


def in_log(storage: SqliteStorage) -> Counter[str]:
    """How often each post is in the raw log."""
    seen: Counter[str] = Counter()
    after = 0
    while messages := storage.log.read(Topic.POSTS_RAW, after, 5_000):
        seen.update(decode(m.value, RawPost).id for m in messages)
        after = messages[-1].position
    return seen


def start(folder: Path) -> "subprocess.Popen[bytes]":
    """A crawler process."""
    return subprocess.Popen([sys.executable, "-m", "tests.crawl_long_process", str(folder)], stdout=subprocess.DEVNULL)


def ordeal(minutes: float, sources: int) -> bool:
    """Three processes on one data directory, one of them killed every few seconds; then all is counted."""
    chance = random.Random(8)
    with tempfile.TemporaryDirectory() as folder, feeds(period_s=7.0) as server:
        storage = open_storage(Path(folder))
        add(storage, server.server_port, sources, 30)
        processes = [start(Path(folder)) for _ in range(3)]
        kills, until = 0, time.monotonic() + minutes * 60
        while time.monotonic() < until:
            time.sleep(chance.uniform(2, 8))
            victim = chance.randrange(3)
            processes[victim].kill()
            processes[victim].wait()
            processes[victim] = start(Path(folder))
            kills += 1
        server.stopped = time.monotonic()
        expected = server.items * sources
        deadline = time.monotonic() + 180
        while len(seen := in_log(storage)) < expected and time.monotonic() < deadline:
            time.sleep(2)
        for process in processes:
            process.terminate()
            process.wait()
        seen = in_log(storage)
        storage.close()
    twice = sum(count > 1 for count in seen.values())
    asked = sum(server.asked.values())
    print(f"{sources} sources, 3 processes, {kills} kills in {minutes:g} min: {len(seen)} of {expected} items in the log,"
          f" {twice} of them twice; {asked} requests")  # fmt: skip
    return len(seen) == expected and twice == 0


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--sources", type=int, default=60)
    given = parser.parse_args()
    sys.exit(0 if ordeal(given.minutes, given.sources) else 1)


if __name__ == "__main__":
    main()
