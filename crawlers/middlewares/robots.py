"""robots.txt (RFC 9309), obeyed by every request."""

import asyncio
import logging
from collections import defaultdict
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.http import Response
from scrapy.robotstxt import RobotParser

from crawlers.middlewares.cooling import DELAY

LONGEST_DELAY_S = 60.0
FORBID_ALL = b"User-agent: *\nDisallow: /"
# Of a site that does not answer it writes a traceback at every visit; that the visit failed is said once, by the spider.
logging.getLogger("scrapy.downloadermiddlewares.robotstxt").setLevel(logging.CRITICAL)


class ObeyRobots(RobotsTxtMiddleware):
    """Scrapy's middleware, one request per host at a time until the host's robots.txt is known.

    In Scrapy 2.19 requests that wait for the same robots.txt share one Deferred; awaiting it empties it for the next, and
    all but the first are let through as if there were no robots.txt.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._agent = str(crawler.settings["ROBOTSTXT_USER_AGENT"])
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """The rules of the request's host, None when it has none."""
        async with self._turns[urlsplit(request.url).netloc]:
            parser = await super().robot_parser(request)
        asked = _crawl_delay(parser, self._agent)
        if asked:
            request.meta[DELAY] = max(min(asked, LONGEST_DELAY_S), float(request.meta.get(DELAY) or 0))
        return parser

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        """Scrapy reads whatever came; RFC 9309 (2.3.1) wants 4xx to allow everything and 5xx nothing."""
        body = response.body if response.status < 300 else FORBID_ALL if response.status >= 500 else b""
        await super()._parse_robots(response.replace(body=body), netloc, request)


def _crawl_delay(parser: RobotParser | None, agent: str) -> float:
    """The Crawl-delay that the host asks for; not in RFC 9309, but many sites say it."""
    rules = getattr(parser, "rp", None)
    return float(rules.crawl_delay(agent) or 0) if rules is not None else 0.0
