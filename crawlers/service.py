"""The way in: visit some sources once, or keep visiting those that are due."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

import structlog
from msgspec import Struct
from scrapy.crawler import AsyncCrawlerRunner

from core.clock import Now, utc_now
from core.records import Source
from crawlers import schedule
from crawlers.reactor import run
from crawlers.results import CrawlResult, Reason, Sink
from crawlers.settings import Identity, Limits, Network, scrapy_settings
from crawlers.spiders.feed import FeedSpider
from crawlers.visit import Visit

GRACE_S = 4.0
"""How long a stopped crawl may take to finish what is on its way."""

log = structlog.get_logger()


class Manners(Struct, frozen=True, kw_only=True):
    """How to visit: who we are, how fast and how much, and which inward networks are meant."""

    identity: Identity
    limits: Limits = Limits()
    allow: tuple[Network, ...] = ()


class Register(Protocol):
    """The sources as the application keeps them. Called from a worker thread, one call at a time."""

    def sources(self) -> list[Source]: ...

    def save(self, source: Source, result: CrawlResult) -> None:
        """Keep the source as it is after a visit, and what the visit gave."""
        ...


def crawl(sources: Sequence[Source], sink: Sink, manners: Manners, now: Now = utc_now) -> list[CrawlResult]:
    """Visit every source once; one result per source, in order. Blocking, once per process (see `crawlers.reactor`).

    Raises what the sink raised, unless that was `RetryLater`: then the sources not reached are `unfinished`.
    """

    async def once(stop: asyncio.Event) -> list[CrawlResult]:
        return await visit(Visit(sources, sink, now, manners.allow), manners, stop)

    return run(once, manners.allow)


def watch(register: Register, sink: Sink, manners: Manners, now: Now = utc_now, pause_s: float = 5.0) -> None:
    """Visit sources whenever they are due, until SIGINT or SIGTERM. Blocking, once per process."""

    async def keep_visiting(stop: asyncio.Event) -> None:
        while not stop.is_set():
            ready = schedule.due(await asyncio.to_thread(register.sources), now())
            if ready:
                results = await visit(Visit(ready, sink, now, manners.allow), manners, stop)
                if stop.is_set():
                    results = [r for r in results if r.reason is not Reason.UNFINISHED]
                await asyncio.to_thread(_save, register, ready, results, now)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause_s)

    run(keep_visiting, manners.allow)


async def visit(plan: Visit, manners: Manners, stop: asyncio.Event) -> list[CrawlResult]:
    """One crawl on the running reactor; may be repeated. `stop` ends it early, within `GRACE_S`."""
    runner = AsyncCrawlerRunner(scrapy_settings(manners.identity, manners.limits))
    crawl_ = asyncio.ensure_future(runner.crawl(FeedSpider, visit=plan))
    stopped = asyncio.ensure_future(stop.wait())
    await asyncio.wait((crawl_, stopped), return_when=asyncio.FIRST_COMPLETED)
    if not crawl_.done():
        stopping = asyncio.ensure_future(runner.stop())
        await asyncio.wait((crawl_, stopping), timeout=GRACE_S)
    stopped.cancel()
    if crawl_.done():
        crawl_.result()
    if plan.failure is not None:
        raise plan.failure
    results = plan.results()
    log.info("crawl_finished", sources=len(results), items=sum(r.items for r in results))
    return results


def _save(register: Register, sources: Sequence[Source], results: Sequence[CrawlResult], now: Now) -> None:
    visited = {source.id: source for source in sources}
    for result in results:
        register.save(schedule.after(visited[result.source], result, now()), result)
