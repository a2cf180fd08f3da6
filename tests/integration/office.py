"""An office whose crawler is told when to look: what it collected lies in its log."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, cast

import msgspec

from core.codec import decode
from core.effects import Effects
from core.records import AnalysedPost, Crawl, RawPost, Source
from core.storage.sqlite import SqliteStorage, open_storage
from core.topics import Topic
from crawlers.results import CrawlResult
from nlp.prepare import Windows, prepare
from tests.records import labels


class Office:
    """`look` lets the crawler visit sources, `posts` is what the log holds, by id, newest content last."""

    def __init__(self, storage: SqliteStorage, process: "subprocess.Popen[bytes]") -> None:
        self.storage, self._process = storage, process
        self.now = datetime.now(UTC)
        self._understood = 0

    def add(self, id_: str, kind: str, url: str, **more: object) -> None:
        """Collect from there."""
        given: dict[str, object] = {"name": id_, "jurisdiction": "990100", "created_at": self.now, **more}
        self.storage.commit(Effects(changes=[Source(id=id_, kind=kind, url=url, **given)]))  # type: ignore[arg-type]

    def look(self, *sources: str, hours: float = 1.0) -> dict[str, CrawlResult]:
        """Some time later: what the visits gave."""
        self.now += timedelta(hours=hours)
        stdin, stdout = cast("IO[bytes]", self._process.stdin), cast("IO[bytes]", self._process.stdout)
        stdin.write(msgspec.json.encode({"now": self.now, "sources": sources}) + b"\n")
        stdin.flush()
        results = msgspec.json.decode(stdout.readline(), type=list[CrawlResult])
        return {result.source: result for result in results}

    def look_while(self, hurt: Callable[[], None], source: str, items: int) -> dict[str, CrawlResult]:
        """The same, and something happens once so many items of the source are in the log."""

        def wait() -> None:
            while len(self.messages(source)) < items:
                time.sleep(0.02)
            hurt()

        accident = threading.Thread(target=wait, daemon=True)
        accident.start()
        results = self.look(source)
        accident.join(60)
        return results

    def messages(self, source: str) -> list[RawPost]:
        """Everything that came, in order; a post that was updated is there again."""
        posts = [decode(m.value, RawPost) for m in self.storage.log.read(Topic.POSTS_RAW, 0, 10_000)]
        return [post for post in posts if post.source == source]

    def posts(self, source: str) -> dict[str, RawPost]:
        """The posts as they are now."""
        return {post.id: post for post in self.messages(source)}

    def understand(self) -> None:
        """Bring what is new in the log into the index, as the stages do, with labels that say nothing."""
        raws = [decode(m.value, RawPost) for m in self.storage.log.read(Topic.POSTS_RAW, self._understood, 10_000)]
        prepared = prepare(raws, self.storage.store, Windows())
        posts = [
            AnalysedPost(**msgspec.structs.asdict(p), labels=labels()) for p in [*prepared.posts, *prepared.revised]
        ]
        self.storage.commit(Effects(posts=posts, changes=[*prepared.seen]))
        self._understood = self.storage.log.end(Topic.POSTS_RAW)

    def gone(self, source: str) -> set[str]:
        """The texts of posts that their source does not have any more."""
        found = self.storage.index.posts_by_id(list(self.posts(source)))
        return {post.text for post in found if post.gone_at is not None}

    def crawl(self, source: str) -> Crawl:
        """What is known of a source."""
        found = self.storage.store.crawl(source)
        assert found is not None
        return found


@contextmanager
def office_in(folder: Path, log: IO[bytes] | None = None) -> Iterator[Office]:
    """Opened, with its crawler, which writes its log into a file where one is given; both end with the context."""
    storage = open_storage(folder)
    command = [sys.executable, "-m", "tests.integration.collect_process", str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log) as process:
        try:
            yield Office(storage, process)
        finally:
            cast("IO[bytes]", process.stdin).close()
            process.wait(20)
            storage.close()
