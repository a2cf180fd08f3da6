"""What one crawl shares between spider, middlewares and pipeline: its sources, its sink, its results."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from scrapy.crawler import Crawler

from core.clock import Now
from core.records import Source
from crawlers.results import CrawlResult, Item, Reason, Sink
from crawlers.settings import Network


@dataclass(slots=True)
class Visit:
    """One crawl over some sources. `allow` are inward networks that may be visited all the same."""

    sources: Sequence[Source]
    sink: Sink
    now: Now
    allow: Sequence[Network] = ()
    failure: BaseException | None = None
    _results: dict[str, CrawlResult] = field(default_factory=dict)

    def conclude(self, result: CrawlResult) -> None:
        """Record how the visit to a source ended; the first word counts."""
        self._results.setdefault(result.source, result)

    def results(self) -> list[CrawlResult]:
        """One result per source, in the order of the sources."""
        return [self._results.get(s.id, _unfinished(s)) for s in self.sources]


@dataclass(frozen=True, slots=True)
class Harvest:
    """The items of one answer, and the result that holds once they are written. Logged by name, never by content."""

    items: Sequence[Item] = field(repr=False)
    result: CrawlResult


def visit_of(crawler: Crawler) -> Visit:
    """The visit that the crawler's spider makes."""
    visit = getattr(crawler.spider, "visit", None)
    if not isinstance(visit, Visit):
        raise TypeError("this component works for crawlers.spiders only")
    return visit


def _unfinished(source: Source) -> CrawlResult:
    return CrawlResult(
        source=source.id,
        reason=Reason.UNFINISHED,
        state=source.state,
        detail="The crawl was stopped before this source.",
    )
