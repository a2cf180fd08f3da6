"""The sources of the Store, as the crawling service wants them; and the sink that its items go to."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from time import monotonic

import structlog

from alerts.blind import changed
from alerts.notices import Receivers
from core.clock import Now, derived_id, random_id, utc_now
from core.effects import Change, Effects, RestHost, Visited
from core.errors import Conflict, RetryLater, StorageError
from core.leases import Leased
from core.ports import Storage
from core.records import Crawl, Delivery, Ending, VisitRecord
from core.sealing import Seal
from core.storage.crawling import host_of
from crawlers.health import after
from crawlers.results import CrawlResult, Item, WriteReport
from crawlers.settings import Limits
from nlp.gone import mark_gone
from nlp.intake import Intake

STANDSTILL_S = 300.0
"""A process looks for due sources every second, and every few seconds while the Store is away; one that does not hangs."""
LEASE_S = 90.0
AT_ONCE = 80
"""Sources leased together."""

log = structlog.get_logger()

Report = Callable[[Leased, CrawlResult, Crawl], None]


class IntakeSink:
    """Writes what the spiders bring into the intake; a full backlog slows them down."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    def write(self, items: Sequence[Item]) -> WriteReport:
        if self._intake.full():
            raise RetryLater("too many posts are waiting to be understood", after=2.0)
        receipts = self._intake.receive(items, "crawl")
        count = {s: sum(r.status == s for r in receipts) for s in ("accepted", "duplicate", "rejected")}
        return WriteReport(**count)


class StoredSources:
    """`crawlers.service.Register` over the Store. `clock` counts seconds."""

    def __init__(
        self,
        storage: Storage,
        seal: Seal,
        report: Report,
        link: str = "",
        now: Now = utc_now,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.holder = random_id()
        self._storage, self._seal, self._report, self._link = storage, seal, report, link
        self._now, self._clock = now, clock
        self._looked = clock()

    def lease(self) -> list[Leased]:
        self._looked = self._clock()
        return self._storage.store.lease(self.holder, self._now(), LEASE_S, AT_ONCE)

    def lease_these(self, sources: Sequence[str]) -> list[Leased]:
        """These, due or not, but for those at which another process is."""
        return self._storage.store.lease(self.holder, self._now(), LEASE_S, len(sources), sources)

    def renew(self, sources: Sequence[str]) -> None:
        self._storage.store.renew(self.holder, sources, self._now(), LEASE_S)

    def release(self, sources: Sequence[str]) -> None:
        self._storage.store.release(self.holder, sources)

    def unseal(self, cookie: bytes) -> str:
        return self._seal.open(cookie)

    def save(self, visits: Sequence[tuple[Leased, CrawlResult]]) -> None:
        now = self._now()
        changes: list[Change] = []
        crawls = [after(leased.source, leased.crawl, result, now) for leased, result in visits]
        for (leased, result), crawl in zip(visits, crawls, strict=True):
            notices = self._notices(leased, crawl, now) if crawl.health is not leased.crawl.health else []
            self._mark_gone(leased, result, now)
            changes += [self._visited(leased, crawl, result, now), *_rest(leased, result, now), *notices]
        self._storage.commit(Effects(changes=changes))
        for (leased, result), crawl in zip(visits, crawls, strict=True):
            self._report(leased, result, crawl)

    def _notices(self, leased: Leased, crawl: Crawl, now: datetime) -> list[Delivery]:
        receivers = Receivers(self._storage.store.webhooks(), self._storage.store.channels(), self._link)
        return changed(leased.source, leased.crawl, crawl, receivers, now)

    def _mark_gone(self, leased: Leased, result: CrawlResult, now: datetime) -> None:
        """What is not marked now is named again by the next look at it."""
        ids = [derived_id(leased.source.id, one) for one in result.gone]
        try:
            mark_gone(self._storage, ids, now)
        except (Conflict, RetryLater, StorageError) as error:
            log.warning("gone_not_marked", source=leased.source.id, posts=len(ids), error=str(error))

    def _visited(self, leased: Leased, crawl: Crawl, result: CrawlResult, now: datetime) -> Visited:
        written = result.written
        record = VisitRecord(
            source=leased.source.id,
            at=now,
            ending=result.ending,
            status=result.status,
            items=result.items,
            new=written.accepted,
            duplicate=written.duplicate,
            rejected=written.rejected,
            requests=result.requests,
            unchanged=result.unchanged,
            took_s=round(result.took_s, 3),
            detail=result.detail,
        )
        return Visited(
            crawl=crawl,
            holder=self.holder,
            free_at=now + timedelta(seconds=Limits().delay_s),
            visit=record,
            revisits=result.revisits,
            done=result.done,
            sample=result.sample,
            ranks=result.ranks,
            revisit_from=now + timedelta(seconds=leased.source.interval_s) if result.ending.went_well else None,
        )

    def trouble(self) -> str:
        """What is wrong, nothing while sources are looked for again and again."""
        idle = self._clock() - self._looked
        return f"no source was looked for in {idle:.0f} s" if idle > STANDSTILL_S else ""


def _rest(leased: Leased, result: CrawlResult, now: datetime) -> list[Change]:
    """A host that asked for a pause gets it from all its sources."""
    if result.ending is not Ending.ASKED_TO_WAIT:
        return []
    pause = result.retry_after_s if result.retry_after_s is not None else 60.0
    return [RestHost(host_of(leased.source.url), now + timedelta(seconds=pause))]
