"""No request to an inward address: users type the addresses of sources, and servers redirect."""

import asyncio

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest

from core.addresses import check_url
from core.errors import Refused, RetryLater
from crawlers.visit import Visit, visit_of


class InwardAddress(IgnoreRequest):
    """The request was for an address within our own network, or for none at all."""


class UnknownHost(IgnoreRequest):
    """The name could not be resolved."""


class RefuseInwardAddresses:
    """Checks every request, also those that follow a redirect or fetch robots.txt.

    A name may answer differently a moment later (DNS rebinding), so `crawlers.reactor` checks again when it connects.
    """

    def __init__(self, visit: Visit) -> None:
        self._visit = visit

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "RefuseInwardAddresses":
        return cls(visit_of(crawler))

    async def process_request(self, request: Request) -> None:
        """Scrapy's hook. Raises `InwardAddress` or `UnknownHost`, which go to the errback of the request."""
        try:
            await asyncio.to_thread(check_url, request.url, self._visit.allow)
        except Refused as refusal:
            raise InwardAddress(str(refusal)) from refusal
        except RetryLater as unresolved:
            raise UnknownHost(str(unresolved)) from unresolved
