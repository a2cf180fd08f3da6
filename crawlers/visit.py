"""What one crawl shares between spider, middlewares and pipeline: its tours, its sink, its results."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from scrapy.crawler import Crawler

from core.clock import Now
from core.leases import Leased
from core.records import Ending
from crawlers.results import CrawlResult, Item, Sink
from crawlers.settings import Network
from crawlers.tour import Tour


@dataclass(slots=True)
class Visit:
    """One crawl over some sources. `allow` are inward networks that may be visited all the same; `unseal` opens logins;
    `concluded` hears of every result once it holds.
    """

    leased: Sequence[Leased]
    sink: Sink
    now: Now
    allow: Sequence[Network] = ()
    unseal: Callable[[bytes], str] = bytes.decode
    concluded: Callable[[CrawlResult], None] = lambda _: None
    failure: BaseException | None = None
    _results: dict[str, CrawlResult] = field(default_factory=dict)

    def conclude(self, result: CrawlResult) -> None:
        """Record how the visit to a source ended; the first word counts."""
        if result.source not in self._results:
            self._results[result.source] = result
            self.concluded(result)

    def results(self) -> list[CrawlResult]:
        """One result per source, in the order of the sources."""
        return [self._results.get(one.source.id, _unfinished(one)) for one in self.leased]


@dataclass(frozen=True, slots=True)
class Harvest:
    """Some items of a tour. Logged by name, never by content."""

    items: Sequence[Item] = field(repr=False)
    tour: Tour = field(repr=False)


def visit_of(crawler: Crawler) -> Visit:
    """The visit that the crawler's spider makes."""
    visit = getattr(crawler.spider, "visit", None)
    if not isinstance(visit, Visit):
        raise TypeError("this component works for crawlers.spiders only")
    return visit


def _unfinished(leased: Leased) -> CrawlResult:
    return CrawlResult(
        source=leased.source.id,
        ending=Ending.UNFINISHED,
        state=leased.crawl.state,
        detail="The crawl was stopped before this source.",
    )
