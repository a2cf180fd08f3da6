"""A process that collects in one of the ways that `bench.crawl` compares; prints one line of JSON with what it took.

A reactor runs once in the life of a process, and CPU time is a process's own.
"""

import asyncio
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import msgspec
from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.http import Response

from app.sources import IntakeSink, StoredSources
from core.clock import utc_now
from core.effects import Effects
from core.leases import Leased
from core.records import Crawl, Source
from core.sealing import Seal
from core.storage.sqlite import SqliteStorage, open_storage
from core.telemetry import Metrics, configure_logging
from crawlers import service
from crawlers.items import push_item
from crawlers.pages.feeds import read_feed
from crawlers.reactor import run
from crawlers.results import CrawlResult, Item, Sink, WriteReport
from crawlers.settings import Identity, Limits
from crawlers.visit import Visit
from nlp.admission import Admission
from nlp.intake import Intake

ALLOW = (ip_network("127.0.0.0/8"),)
HOSTS = 500
IDENTITY = Identity(version="0", contact_url="https://example.invalid")
MANNERS = service.Manners(identity=IDENTITY, limits=Limits(delay_s=0), allow=ALLOW)
BARE: dict[str, Any] = {
    "REMOTE_CONTROL_ENABLED": False, "TELNETCONSOLE_ENABLED": False, "COOKIES_ENABLED": False, "LOG_ENABLED": False,
    "ROBOTSTXT_OBEY": True, "CONCURRENT_REQUESTS": 128, "CONCURRENT_REQUESTS_PER_DOMAIN": 1, "STATS_DUMP": False,
    "USER_AGENT": IDENTITY.user_agent,
}  # fmt: skip


class Job(msgspec.Struct, kw_only=True):
    """What the bench asks for; `items`, `rounds` or `seconds` end it."""

    way: str
    folder: str
    port: int
    sources: int
    interval_s: int = 600
    items: int = 0
    rounds: int = 0
    seconds: float = 0.0


def sources_of(job: Job) -> list[Source]:
    """The sources of the bench: several on a host, as a news group's are."""
    now = datetime.now(UTC)
    hosts = [f"127.1.{n // 250}.{n % 250 + 1}:{job.port}" for n in range(HOSTS)]
    return [
        Source(
            id=f"s{n}", kind="feed", url=f"http://{hosts[n % HOSTS]}/{n}", name=str(n), jurisdiction="990100",
            created_at=now, interval_s=job.interval_s, longest_s=job.interval_s,
        )
        for n in range(job.sources)
    ]  # fmt: skip


class Counting:
    """A sink that only counts, and calls for the end when all are there."""

    def __init__(self, expected: int) -> None:
        self.items, self._expected = 0, expected

    def write(self, items: Sequence[Item]) -> WriteReport:
        self.items += len(items)
        if self.items >= self._expected:
            os.kill(os.getpid(), signal.SIGTERM)
        return WriteReport(accepted=len(items))


class Noting:
    """A sink before the log that notes when each item of it was durable."""

    def __init__(self, inner: Sink) -> None:
        self.inner, self.at = inner, {}  # type: Sink, dict[str, float]

    def write(self, items: Sequence[Item]) -> WriteReport:
        report = self.inner.write(items)
        now = time.monotonic()
        for item in items:
            self.at.setdefault(str(item["id"]), now)
        return report


class BareSpider(Spider):
    """What a careful person would write with Scrapy alone: the same parser, the same items."""

    name = "bare"

    def __init__(self, job: Job, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.job = job

    async def start(self) -> AsyncIterator[Request]:
        for source in sources_of(self.job):
            yield Request(source.url, cb_kwargs={"source": source})

    def parse(self, response: Response, source: Source) -> Any:
        kind = (response.headers.get("Content-Type") or b"").decode()
        for entry in read_feed(response.body, kind, response.url).entries:
            yield dict(push_item(source, "feed", entry, utc_now()))


def bare(job: Job) -> dict[str, float]:
    """Scrapy alone, one crawl over all."""

    async def once(_: asyncio.Event) -> int:
        runner = AsyncCrawlerRunner(BARE)
        crawler = runner.create_crawler(BareSpider)
        await runner.crawl(crawler, job=job)
        assert crawler.stats is not None
        return int(crawler.stats.get_value("item_scraped_count"))

    begun = time.process_time()
    return {"items": run(once, ALLOW), "cpu_s": time.process_time() - begun}


def watched(job: Job) -> dict[str, float]:
    """The service: leases, manners, states kept in the Store; items are only counted."""
    storage = opened(job)
    sink, begun = Counting(job.items), time.process_time()
    service.watch(StoredSources(storage, Seal("b"), lambda *_: None), sink, MANNERS, pause_s=0.1)
    storage.close()
    return {"items": sink.items, "cpu_s": time.process_time() - begun}


def logged(job: Job) -> dict[str, float]:
    """The same, and the items go through admission into the log."""
    storage = opened(job)
    sink = Noting(intake(storage))
    stop_when(lambda: len(sink.at) >= job.items)
    begun = time.process_time()
    service.watch(StoredSources(storage, Seal("b"), lambda *_: None), sink, MANNERS, pause_s=0.1)
    storage.close()
    return {"items": len(sink.at), "cpu_s": time.process_time() - begun}


def delays(job: Job) -> dict[str, Any]:
    """As `huiying crawl --watch` does it, for a while: when each item came into the log."""
    storage = opened(job)
    sink = Noting(intake(storage))
    until = time.monotonic() + job.seconds
    stop_when(lambda: time.monotonic() > until)
    polite = service.Manners(identity=IDENTITY, allow=ALLOW)
    service.watch(StoredSources(storage, Seal("b"), lambda *_: None), sink, polite)
    storage.close()
    return {"items": len(sink.at), "at": sink.at}


def rounds(job: Job) -> dict[str, Any]:
    """Crawl after crawl over the same sources, their states kept in memory: resident memory after each."""

    async def all_rounds(stop: asyncio.Event) -> list[int]:
        resident: list[int] = []
        states: dict[str, dict[str, str]] = {}
        made, sink = sources_of(job), Counting(1 << 60)
        for _ in range(job.rounds):
            leased = [Leased(source=s, crawl=Crawl(source=s.id, state=states.get(s.id, {}))) for s in made]
            results: list[CrawlResult] = await service.visit(Visit(leased, sink, utc_now, ALLOW), MANNERS, stop)
            states = {result.source: result.state for result in results}
            resident.append(resident_bytes())
        return resident

    return {"items": 0, "resident": run(all_rounds, ALLOW)}


def opened(job: Job) -> SqliteStorage:
    """A data directory with the sources."""
    storage = open_storage(Path(job.folder))
    storage.commit(Effects(changes=[*sources_of(job)]))
    return storage


def intake(storage: SqliteStorage) -> IntakeSink:
    """The edge that items come in by; nobody reads the log, so nothing holds it back."""
    rules = Admission(jurisdiction="990100", salt="bench", now=utc_now(), origin="", source="bench")
    return IntakeSink(Intake(storage.log, storage.store, rules, utc_now, Metrics(), lambda: 0, 1 << 40))


def stop_when(over: Callable[[], bool]) -> None:
    """End the service once that is so."""

    def look() -> None:
        while not over():
            time.sleep(0.2)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=look, daemon=True).start()


def resident_bytes() -> int:
    """The process's resident memory now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def main() -> None:
    """The job comes as JSON on the command line."""
    configure_logging("error", "console")
    job = msgspec.json.decode(sys.argv[1], type=Job)
    ways = {"bare": bare, "watched": watched, "logged": logged, "delays": delays, "rounds": rounds}
    print(msgspec.json.encode(ways[job.way](job)).decode())


if __name__ == "__main__":
    main()
