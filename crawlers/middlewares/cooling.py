"""A server that says "not now" is left alone: Scrapy knows no Retry-After and would repeat at once."""

import asyncio
from collections import defaultdict
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from core.clock import Now
from core.records import Ending
from crawlers.retry_after import retry_after
from crawlers.visit import visit_of

TOO_MANY_REQUESTS = 429
WEIBO_REFUSAL = 432
UNAVAILABLE = 503
_TURN = "huiying_turn"
DELAY = "huiying_delay"
"""Key of `Request.meta` for the seconds between two requests that this host or kind of source wants."""


class Cooling(IgnoreRequest):
    """The server asked to be left alone, for `retry_after_s` if it said how long."""

    def __init__(self, status: int, retry_after_s: float | None) -> None:
        super().__init__(f"The server answered {status} and asks to be left alone.")
        self.status = status
        self.retry_after_s = retry_after_s
        self.ending = Ending.BLOCKED if status == WEIBO_REFUSAL else Ending.ASKED_TO_WAIT


class LetServersCool:
    """Turns 429, 432 and a 503 with Retry-After into `Cooling`, and refuses more requests to that host in this visit.

    One request per host is under way at a time, so that the second knows what the first was told: Scrapy's own limit per
    domain comes later, in a queue that nothing can be taken out of.
    """

    def __init__(self, now: Now, delay_s: float = 0.0) -> None:
        self._now = now
        self._delay_s = delay_s
        self._cooling: dict[str, Cooling] = {}
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._last: dict[str, float] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "LetServersCool":
        return cls(visit_of(crawler).now, crawler.settings.getfloat("HUIYING_DELAY"))

    async def process_request(self, request: Request) -> None:
        """Scrapy's hook: wait for the turn; no request to a host that is cooling."""
        host = urlsplit(request.url).netloc
        await self._turns[host].acquire()
        request.meta[_TURN] = host
        refusal = self._cooling.get(host)
        if refusal is not None:
            self._leave(request)
            raise Cooling(refusal.status, refusal.retry_after_s)
        await self._pause(host, float(request.meta.get(DELAY) or 0))

    async def _pause(self, host: str, delay_s: float) -> None:
        """Never sooner than the delay after the last request: Scrapy's own delay varies by half, up and down."""
        clock = asyncio.get_running_loop().time
        delay_s = max(delay_s, self._delay_s)
        if delay_s and host in self._last:
            await asyncio.sleep(max(self._last[host] + delay_s - clock(), 0))
        self._last[host] = clock()

    def process_response(self, request: Request, response: Response) -> Response:
        """Scrapy's hook: the answer, unless it asks for a pause."""
        try:
            header = response.headers.get("Retry-After")
            if _asks_for_pause(response.status, header):
                pause = retry_after((header or b"").decode("latin-1"), self._now())
                refusal = self._cooling[urlsplit(request.url).netloc] = Cooling(response.status, pause)
                raise refusal
            return response
        finally:
            self._leave(request)

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Scrapy's hook: there is no answer to wait for."""
        self._leave(request)

    def _leave(self, request: Request) -> None:
        host = request.meta.pop(_TURN, None)
        if host is not None:
            self._turns[host].release()


def _asks_for_pause(status: int, header: bytes | None) -> bool:
    return status in (TOO_MANY_REQUESTS, WEIBO_REFUSAL) or (status == UNAVAILABLE and bool(header))
