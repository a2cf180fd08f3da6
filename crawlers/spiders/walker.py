"""The spider: it makes the requests of the tours, whatever the kind of their sources."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import structlog
from scrapy import FormRequest, Request, Spider
from scrapy.http import Response
from twisted.python.failure import Failure

from core.errors import Refused
from core.records import Ending
from crawlers.failures import ending_of
from crawlers.middlewares.cooling import DELAY, Cooling
from crawlers.results import Item
from crawlers.tour import Tour
from crawlers.visit import Harvest, Visit
from crawlers.walks.registry import rules_of
from crawlers.walks.steps import Answer, Ask

log = structlog.get_logger()

SOON_READ = 32 * 1024
"""Bytes of an answer that is read in less time than another thread takes to be asked for it, or in not much more."""
_READER = ThreadPoolExecutor(1, "reader")
"""Reading pages keeps Python's one lock: more threads would only fight for it with the loop that asks."""


class SourceSpider(Spider):
    """Visits every source of its `Visit` once; each source gets exactly one result."""

    name = "sources"

    def __init__(self, visit: Visit, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.visit = visit

    async def start(self) -> AsyncIterator[Request]:
        """Scrapy's hook: the first requests."""
        for leased in self.visit.leased:
            try:
                cookie = self.visit.unseal(leased.cookie) if leased.cookie else ""
            except Refused as refusal:
                tour = Tour(leased, "", self.visit.now)
                tour.fail(Ending.LOGIN, str(refusal))
                self.visit.conclude(tour.result())
                continue
            tour = Tour(leased, cookie, self.visit.now)
            tour.open += 1
            for request in self._requests(tour, tour.begin()):
                yield request
            self.close_one(tour)

    def _requests(self, tour: Tour, asks: Iterable[Ask]) -> list[Request]:
        made = []
        for ask in asks:
            try:
                made.append(self._request(tour, ask))
            except ValueError as error:  # Scrapy refuses what is no address at all
                tour.lose(ask, Ending.BAD_ADDRESS, str(error))
        tour.open += len(made)
        return made

    def _request(self, tour: Tour, ask: Ask) -> Request:
        meta: dict[str, object] = {}
        if tour.source.assessment.robots == "override":
            meta["dont_obey_robotstxt"] = True
        rules = rules_of(tour.source)
        if rules is not None and rules.delay_s:
            meta[DELAY] = rules.delay_s
        given: dict[str, Any] = {
            "callback": self.parse,
            "errback": self.failed,
            "headers": tour.headers(ask),
            "meta": meta,
            "cb_kwargs": {"tour": tour, "ask": ask},
            "dont_filter": True,
            "priority": 0 if ask.role in ("list", "also", "before", "keys") else -1,
        }
        if ask.method == "POST":
            return FormRequest(ask.url, formdata=dict(ask.form), **given)
        return Request(ask.url, **given)

    async def parse(self, response: Response, tour: Tour, ask: Ask) -> AsyncIterator[Request | Harvest]:
        """Scrapy's hook: the meaning of an answer."""
        answer = Answer(
            ask=ask,
            url=response.url,
            status=response.status,
            body=response.body,
            headers={
                name.decode("latin-1").lower(): b"\n".join(values).decode("latin-1")
                for name, values in response.headers.items()
            },
        )
        try:
            if not tour.failed:
                items, asks = await self._take(tour, answer)
                if items:
                    tour.open += 1
                    yield Harvest(items, tour)
                for request in self._requests(tour, asks):
                    yield request
        finally:
            self.close_one(tour)

    async def _take(self, tour: Tour, answer: Answer) -> tuple[list[Item], list[Ask]]:
        if len(answer.body) <= SOON_READ:
            return tour.take(answer)
        return await asyncio.get_running_loop().run_in_executor(_READER, tour.take, answer)

    def failed(self, failure: Failure) -> list[Request | Harvest]:
        """Scrapy's hook: there was no answer, or none we may read."""
        error = failure.value or RuntimeError("the request failed without an error")
        kwargs = failure.request.cb_kwargs  # type: ignore[attr-defined]  # Scrapy adds it
        tour: Tour = kwargs["tour"]
        made: list[Request | Harvest] = []
        if not tour.failed:
            items, asks = self._lost(tour, kwargs["ask"], error)
            if items:
                tour.open += 1
                made.append(Harvest(items, tour))
            made += self._requests(tour, asks)
        self.close_one(tour)
        return made

    def _lost(self, tour: Tour, ask: Ask, error: BaseException) -> Any:
        if isinstance(error, Cooling):
            return tour.lose(ask, error.ending, str(error), error.status, error.retry_after_s)
        return tour.lose(ask, ending_of(error), str(error) or type(error).__name__)

    def close_one(self, tour: Tour) -> None:
        """One thing of a tour is over; the last one ends it."""
        tour.open -= 1
        if tour.open == 0:
            result = tour.result()
            if not result.ending.went_well:
                log.info("source_failed", source=tour.source.id, ending=result.ending, status=result.status)
            self.visit.conclude(result)
