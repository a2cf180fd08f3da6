"""robots.txt (RFC 9309), obeyed by every request."""

import asyncio
from collections import defaultdict
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.robotstxt import RobotParser


class ObeyRobots(RobotsTxtMiddleware):
    """Scrapy's middleware, one request per host at a time until the host's robots.txt is known.

    In Scrapy 2.19 requests that wait for the same robots.txt share one Deferred; awaiting it empties it for the next, and
    all but the first are let through as if there were no robots.txt.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """The rules of the request's host, None when it has none."""
        async with self._turns[urlsplit(request.url).netloc]:
            return await super().robot_parser(request)
