"""The way in: visit some sources once, or keep visiting those that are due, beside other processes that do the same."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

import structlog
from msgspec import Struct
from scrapy.crawler import AsyncCrawlerRunner

from core.clock import Now, utc_now
from core.errors import Conflict, StorageError
from core.leases import Leased
from core.records import Ending
from crawlers.reactor import run
from crawlers.results import CrawlResult, Sink
from crawlers.settings import Identity, Limits, Network, scrapy_settings
from crawlers.spiders.walker import SourceSpider
from crawlers.visit import Visit

GRACE_S = 4.0
"""How long a stopped crawl may take to finish what is on its way."""
CRAWLS_AT_ONCE = 8
"""Crawls that run side by side: a slow source holds back only those it was leased with."""
RENEW_EVERY_S = 20.0
STORE_AWAY_S = 5.0
GATHER_S = 0.1
"""Visits that end within so long are saved together: a source may be forgotten for a moment, its items are in the log."""

log = structlog.get_logger()


class Manners(Struct, frozen=True, kw_only=True):
    """How to visit: who we are, how fast and how much, and which inward networks are meant."""

    identity: Identity
    limits: Limits = Limits()
    allow: tuple[Network, ...] = ()


class Register(Protocol):
    """The sources as the application keeps them. Called from worker threads."""

    def lease(self) -> list[Leased]:
        """Sources that are due, for this process alone until they are saved or the lease ends."""
        ...

    def renew(self, sources: Sequence[str]) -> None: ...

    def release(self, sources: Sequence[str]) -> None: ...

    def unseal(self, cookie: bytes) -> str: ...

    def save(self, visits: Sequence[tuple[Leased, CrawlResult]]) -> None:
        """Keep what visits gave, all or nothing. Raises `Conflict` where a lease was lost."""
        ...


def crawl(
    leased: Sequence[Leased], sink: Sink, manners: Manners, unseal: Callable[[bytes], str], now: Now = utc_now
) -> list[CrawlResult]:
    """Visit every source once; one result per source, in order. Blocking, once per process (see `crawlers.reactor`).

    Raises what the sink raised, unless that was `RetryLater`: then the sources not reached are `unfinished`.
    """

    async def once(stop: asyncio.Event) -> list[CrawlResult]:
        return await visit(Visit(leased, sink, now, manners.allow, unseal), manners, stop)

    return run(once, manners.allow)


def watch(register: Register, sink: Sink, manners: Manners, now: Now = utc_now, pause_s: float = 1.0) -> None:
    """Visit sources whenever they are due, until SIGINT or SIGTERM. Blocking, once per process."""

    async def keep_visiting(stop: asyncio.Event) -> None:
        await Watch(register, sink, manners, now, pause_s).run(stop)

    run(keep_visiting, manners.allow)


class Watch:
    """The long-lived service: leases what is due, visits it, saves each source as soon as its visit is over."""

    def __init__(self, register: Register, sink: Sink, manners: Manners, now: Now, pause_s: float) -> None:
        self._register, self._sink, self._manners = register, sink, manners
        self._now, self._pause_s = now, pause_s
        self._running: set[asyncio.Task[None]] = set()
        self._held: dict[str, Leased] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; what was leased and not visited is given back."""
        renewing = asyncio.ensure_future(self._keep_renewing())
        try:
            while not stop.is_set():
                self._raise_what_failed()
                if len(self._running) < CRAWLS_AT_ONCE and (leased := await self._lease()):
                    self._start(leased, stop)
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), self._pause_s)
        finally:
            stop.set()
            renewing.cancel()
            if self._running:
                await asyncio.wait(self._running)
            if self._held:
                with suppress(StorageError):
                    await asyncio.to_thread(self._register.release, list(self._held))
        self._raise_what_failed()

    async def _lease(self) -> list[Leased]:
        try:
            return await asyncio.to_thread(self._register.lease)
        except StorageError as error:
            log.warning("store_away", error=str(error), pause_s=STORE_AWAY_S)
            await asyncio.sleep(STORE_AWAY_S)
            return []

    def _start(self, leased: Sequence[Leased], stop: asyncio.Event) -> None:
        self._held |= {one.source.id: one for one in leased}
        task = asyncio.ensure_future(self._visit(leased, stop))
        self._running.add(task)

    def _raise_what_failed(self) -> None:
        over = {task for task in self._running if task.done()}
        self._running -= over
        for task in over:
            task.result()

    async def _visit(self, leased: Sequence[Leased], stop: asyncio.Event) -> None:
        concluded: asyncio.Queue[CrawlResult | None] = asyncio.Queue()
        plan = Visit(leased, self._sink, self._now, self._manners.allow, self._register.unseal, concluded.put_nowait)
        saving = asyncio.ensure_future(self._save_all(concluded))
        try:
            for result in await visit(plan, self._manners, stop):
                if result.ending is Ending.UNFINISHED and not stop.is_set():
                    concluded.put_nowait(result)  # a tour that never ended; those that did are saved already
        except StorageError as error:
            log.warning("store_away", error=str(error))
        finally:
            concluded.put_nowait(None)
            await saving
            await self._give_back([one.source.id for one in leased])

    async def _save_all(self, concluded: "asyncio.Queue[CrawlResult | None]") -> None:
        over = False
        while not over:
            results = [await concluded.get()]
            if results[0] is not None:
                await asyncio.sleep(GATHER_S)
            while not concluded.empty():
                results.append(concluded.get_nowait())
            over = None in results
            ended = [(leased, r) for r in results if r is not None and (leased := self._held.get(r.source))]
            if ended:
                await self._save(ended)

    async def _save(self, ended: Sequence[tuple[Leased, CrawlResult]]) -> None:
        """All at once; one by one when a lease among them ran out, and another process is at that source."""
        try:
            await asyncio.to_thread(self._register.save, ended)
        except Conflict:
            if len(ended) > 1:
                for one in ended:
                    await self._save([one])
                return
            log.warning("lease_lost", source=ended[0][1].source)
        except StorageError as error:
            log.warning("store_away", error=str(error))
            return
        for _, result in ended:
            self._held.pop(result.source, None)

    async def _give_back(self, sources: Sequence[str]) -> None:
        held = [id_ for id_ in sources if self._held.pop(id_, None) is not None]
        if held:
            with suppress(StorageError):
                await asyncio.to_thread(self._register.release, held)

    async def _keep_renewing(self) -> None:
        while True:
            await asyncio.sleep(RENEW_EVERY_S)
            if self._held:
                with suppress(StorageError):
                    await asyncio.to_thread(self._register.renew, list(self._held))


async def visit(plan: Visit, manners: Manners, stop: asyncio.Event) -> list[CrawlResult]:
    """One crawl on the running reactor; may be repeated. `stop` ends it early, within `GRACE_S`."""
    runner = AsyncCrawlerRunner(scrapy_settings(manners.identity, manners.limits))
    crawl_ = asyncio.ensure_future(runner.crawl(SourceSpider, visit=plan))
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
