"""From a harvest to the sink: in batches, off the event loop, and the source's state only after the last batch."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol, cast

import structlog
from scrapy.crawler import Crawler

from core.errors import HuiyingError, RetryLater
from core.records import Ending
from crawlers.results import Item, WriteReport
from crawlers.spiders.walker import SourceSpider
from crawlers.tour import Tour
from crawlers.visit import Harvest, Visit, visit_of

BATCH = 100
PATIENCE = 30
"""How often a full sink is asked again before the visit counts as unfinished."""

log = structlog.get_logger()


class Stoppable(Protocol):
    """What the pipeline asks of Scrapy's Crawler."""

    def stop_async(self) -> Coroutine[Any, Any, None]: ...


class WriteToSink:
    """Writes one batch at a time; harvests that wait for their turn hold back the downloads (Scrapy's own back-pressure)."""

    def __init__(self, visit: Visit, crawl: Stoppable, close: Callable[[Tour], None]) -> None:
        self._visit = visit
        self._close = close
        self._crawl = crawl
        self._turn = asyncio.Lock()
        self._stopping: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "WriteToSink":
        visit = visit_of(crawler)
        return cls(visit, crawler, cast(SourceSpider, crawler.spider).close_one)

    async def process_item(self, item: Harvest) -> Harvest:
        """Scrapy's hook: after the last item of a tour its result holds."""
        tour = item.tour
        try:
            async with self._turn:
                for start in range(0, len(item.items), BATCH):
                    tour.written += await self._write(item.items[start : start + BATCH])
        except HuiyingError as error:
            tour.fail(Ending.UNFINISHED, "The items could not be stored.")
            await self._give_up(error)
        self._close(tour)
        return item

    async def _write(self, batch: Sequence[Item]) -> WriteReport:
        for _ in range(PATIENCE):
            try:
                return await asyncio.to_thread(self._visit.sink.write, batch)
            except RetryLater as full:
                log.info("sink_full", items=len(batch), pause_s=full.after)
                await asyncio.sleep(full.after)
        raise RetryLater("the sink stayed full", after=60)

    async def _give_up(self, error: HuiyingError) -> None:
        """A sink that cannot write ends the crawl: reading on would only load servers for nothing."""
        log.error("sink_failed", error=type(error).__name__)
        if not isinstance(error, RetryLater):
            self._visit.failure = error
        if self._stopping is None:
            self._stopping = asyncio.create_task(self._crawl.stop_async())
