"""A server that says "not now" is left alone: Scrapy knows no Retry-After and would repeat at once."""

import asyncio
from collections import defaultdict
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from core.clock import Now
from crawlers.visit import visit_of

TOO_MANY_REQUESTS = 429
WEIBO_REFUSAL = 432
UNAVAILABLE = 503
LONGEST_PAUSE_S = 7 * 86_400.0
_TURN = "huiying_turn"


class Cooling(IgnoreRequest):
    """The server asked to be left alone, for `retry_after_s` if it said how long."""

    def __init__(self, status: int, retry_after_s: float | None) -> None:
        super().__init__(f"The server answered {status} and asks to be left alone.")
        self.status = status
        self.retry_after_s = retry_after_s


class LetServersCool:
    """Turns 429, 432 and a 503 with Retry-After into `Cooling`, and refuses more requests to that host in this visit.

    One request per host is under way at a time, so that the second knows what the first was told: Scrapy's own limit per
    domain comes later, in a queue that nothing can be taken out of.
    """

    def __init__(self, now: Now) -> None:
        self._now = now
        self._cooling: dict[str, Cooling] = {}
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "LetServersCool":
        return cls(visit_of(crawler).now)

    async def process_request(self, request: Request) -> None:
        """Scrapy's hook: wait for the turn; no request to a host that is cooling."""
        host = urlsplit(request.url).netloc
        await self._turns[host].acquire()
        request.meta[_TURN] = host
        refusal = self._cooling.get(host)
        if refusal is not None:
            self._leave(request)
            raise Cooling(refusal.status, refusal.retry_after_s)

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


def retry_after(value: str, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for (RFC 9110, 10.2.3: seconds or a date), at most a week.

    None when the header is absent or makes no sense.
    """
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value), LONGEST_PAUSE_S)
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    until = until.replace(tzinfo=UTC) if until.tzinfo is None else until
    return min(max((until - now).total_seconds(), 0.0), LONGEST_PAUSE_S)
