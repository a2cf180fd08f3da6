"""The spider of web feeds: one conditional request per source, at most one step from a page to the feed it names."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

import structlog
from msgspec.structs import replace
from scrapy import Request, Spider
from scrapy.http import Response
from twisted.python.failure import Failure

from core.clock import derived_id
from core.errors import Refused
from core.records import Source
from crawlers.failures import reason_of
from crawlers.middlewares.cooling import Cooling
from crawlers.pages.discovery import feed_address
from crawlers.pages.entries import Entry, Feed
from crawlers.pages.feeds import read_feed
from crawlers.pages.json_feed import looks_like_json, read_json_feed
from crawlers.results import CrawlResult, Item, Reason
from crawlers.visit import Harvest, Visit
from nlp.admission import EXTRA_VALUE_LIMIT, LINE_LIMIT
from nlp.times import parse_time

NOT_MODIFIED = 304
FORBIDDEN = frozenset({401, 403, 451})
DISCOVERED = "feed_url"
"""Key of `Source.state` for the feed that the page at `Source.url` named."""

log = structlog.get_logger()


class FeedSpider(Spider):
    """Visits every source of its `Visit` once; each source gets exactly one result."""

    name = "feed"

    def __init__(self, visit: Visit, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.visit = visit

    async def start(self) -> AsyncIterator[Request]:
        """Scrapy's hook: the first requests."""
        for source in self.visit.sources:
            try:
                request = self._request(source, source.state.get(DISCOVERED) or source.url, source.state)
            except ValueError as error:  # Scrapy refuses what is no address at all
                self._fail(source, Reason.BAD_ADDRESS, detail=str(error))
                continue
            yield request

    def _request(self, source: Source, url: str, state: Mapping[str, str], *, discovered: bool = False) -> Request:
        conditions = {"If-None-Match": state.get("etag"), "If-Modified-Since": state.get("last_modified")}
        return Request(
            url,
            callback=self.parse,
            errback=self.failed,
            headers={name: value for name, value in conditions.items() if value},
            cb_kwargs={"source": source, "discovered": discovered},
            dont_filter=True,
        )

    async def parse(self, response: Response, source: Source, discovered: bool) -> AsyncIterator[Request | Harvest]:
        """Scrapy's hook: the meaning of an answer."""
        if response.status == NOT_MODIFIED:
            self._conclude(source, Reason.NOT_MODIFIED, response)
            return
        if response.status != 200:
            self._refused(source, response)
            return
        digest = hashlib.sha256(response.body).hexdigest()
        if digest == source.state.get("content_hash"):
            self._conclude(source, Reason.NOT_MODIFIED, response, digest)
            return
        content_type = _header(response, "Content-Type")
        feed_url = None if discovered else feed_address(response.body, content_type, response.url)
        if feed_url is not None:
            yield self._request(source, feed_url, {}, discovered=True)
            return
        try:
            feed = await asyncio.to_thread(_read, response.body, content_type, response.url)
        except Refused as refusal:
            self._fail(source, Reason.PARSE_ERROR, response.status, str(refusal))
            return
        yield self._harvest(source, feed, response, digest)

    def failed(self, failure: Failure) -> None:
        """Scrapy's hook: there was no answer, or none we may read."""
        error = failure.value or RuntimeError("the request failed without an error")
        source: Source = failure.request.cb_kwargs["source"]  # type: ignore[attr-defined]  # Scrapy adds it
        if isinstance(error, Cooling):
            self._fail(source, Reason.BLOCKED, error.status, str(error), error.retry_after_s)
        else:
            self._fail(source, reason_of(error), detail=str(error) or type(error).__name__)

    def _harvest(self, source: Source, feed: Feed, response: Response, digest: str) -> Harvest:
        items = [push_item(source, entry, self.visit.now()) for entry in feed.entries]
        result = CrawlResult(
            source=source.id,
            reason=Reason.OK if items else Reason.EMPTY,
            state=_next_state(source, response, digest),
            status=response.status,
            items=len(items),
            detail=feed.damage,
        )
        return Harvest(items, result)

    def _conclude(self, source: Source, reason: Reason, response: Response, digest: str | None = None) -> None:
        state = _next_state(source, response, digest) if digest else source.state
        self.visit.conclude(CrawlResult(source=source.id, reason=reason, state=state, status=response.status))

    def _refused(self, source: Source, response: Response) -> None:
        reason = Reason.BLOCKED if response.status in FORBIDDEN else Reason.HTTP_ERROR
        self._fail(source, reason, response.status, f"The server answered {response.status}.")

    def _fail(
        self, source: Source, reason: Reason, status: int = 0, detail: str = "", retry_after_s: float | None = None
    ) -> None:
        """The state stays, but a discovered feed is forgotten: next time the page is asked again where its feed is."""
        state = {key: value for key, value in source.state.items() if key != DISCOVERED}
        state = state if DISCOVERED not in source.state else {}
        log.info("source_failed", source=source.id, reason=reason, status=status)
        result = CrawlResult(source=source.id, reason=reason, state=state, status=status, detail=detail)
        self.visit.conclude(replace(result, retry_after_s=retry_after_s))


def push_item(source: Source, entry: Entry, now: datetime) -> Item:
    """The entry in the format of the push API; what it does not say is left out.

    A time that cannot be read is passed on as it is, so that admission refuses it with its reason. The time as written
    stays in `extra`.
    """
    moment = parse_time(entry.at, now)
    said = {
        "id": entry.key if len(entry.key) <= LINE_LIMIT else derived_id(entry.key),
        "source": source.id,
        "platform": source.kind,
        "jurisdiction": source.jurisdiction,
        "url": entry.url,
        "at": moment.isoformat() if moment else entry.at,
        "author": entry.author[:LINE_LIMIT],
        "title": entry.title[:LINE_LIMIT],
        "text": entry.text,
        "html": "" if entry.text else entry.html,
    }
    extra = {"at_as_written": entry.at, "tags": " ".join(entry.tags)[:EXTRA_VALUE_LIMIT], "source_name": source.name}
    item: dict[str, object] = {key: value for key, value in said.items() if value}
    item["extra"] = {key: value for key, value in extra.items() if value}
    return item


def _read(body: bytes, content_type: str, url: str) -> Feed:
    read = read_json_feed if looks_like_json(body, content_type) else read_feed
    return read(body, content_type, url)


def _next_state(source: Source, response: Response, digest: str) -> dict[str, str]:
    """What the next conditional request needs. Validators belong to the address that gave them."""
    state = {
        "etag": _header(response, "ETag"),
        "last_modified": _header(response, "Last-Modified"),
        "content_hash": digest,
        DISCOVERED: _discovered(source, response),
    }
    return {key: value for key, value in state.items() if value}


def _discovered(source: Source, response: Response) -> str:
    request = response.request
    if request is not None and request.cb_kwargs.get("discovered"):
        return response.url
    return source.state.get(DISCOVERED, "")


def _header(response: Response, name: str) -> str:
    return (response.headers.get(name) or b"").decode("latin-1")
