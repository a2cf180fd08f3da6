"""No request to an inward address: users type the addresses of sources, and servers redirect."""

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest

from core.addresses import check_url, resolve
from core.errors import Refused, RetryLater
from crawlers.visit import Visit, visit_of


class InwardAddress(IgnoreRequest):
    """The request was for an address within our own network."""


class BadAddress(IgnoreRequest):
    """The request was for something that is no web address."""


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
        """Scrapy's hook. Raises `InwardAddress`, `BadAddress` or `UnknownHost`, which go to the errback of the request."""
        try:
            url = check_url(request.url)
            await resolve(url.host, url.port or (443 if url.scheme == "https" else 80), self._visit.allow)
        except Refused as refusal:
            kind = InwardAddress if refusal.code == "inward_address" else BadAddress
            raise kind(str(refusal)) from refusal
        except RetryLater as unresolved:
            raise UnknownHost(str(unresolved)) from unresolved
