"""What visits gave is saved together, and a lease that was lost costs only its own visit."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from core.clock import utc_now
from core.errors import Conflict
from core.leases import Leased
from core.records import Crawl, Ending, Source
from crawlers import service
from crawlers.results import CrawlResult, Item, WriteReport
from crawlers.settings import Identity
from crawlers.visit import Visit

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


class Register:
    """Three sources that are due once; the lease of some was lost."""

    def __init__(self, lost: set[str]) -> None:
        self.lost = lost
        self.loop, self.enough = asyncio.get_running_loop(), asyncio.Event()
        self.saved: list[list[str]] = []
        self.due = [
            Source(id=id_, kind="feed", url=f"https://{id_}.example", name=id_, jurisdiction="1", created_at=NOW)
            for id_ in "abc"
        ]

    def lease(self) -> list[Leased]:
        leased = [Leased(source=source, crawl=Crawl(source=source.id)) for source in self.due]
        self.due = []
        return leased

    def renew(self, sources: Sequence[str]) -> None: ...

    def release(self, sources: Sequence[str]) -> None: ...

    def unseal(self, cookie: bytes) -> str:
        return cookie.decode()

    def save(self, visits: Sequence[tuple[Leased, CrawlResult]]) -> None:
        ids = [leased.source.id for leased, _ in visits]
        if self.lost & {*ids}:
            raise Conflict("lost")
        self.saved.append(ids)
        if sum(map(len, self.saved)) == 3 - len(self.lost):
            self.loop.call_soon_threadsafe(self.enough.set)


class Nowhere:
    """A sink for nothing."""

    def write(self, items: Sequence[Item]) -> WriteReport:
        return WriteReport()


async def watched(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    async def visit(plan: Visit, manners: service.Manners, stop: asyncio.Event) -> list[CrawlResult]:
        for leased in plan.leased:
            plan.conclude(CrawlResult(source=leased.source.id, ending=Ending.OK))
        return plan.results()

    monkeypatch.setattr(service, "visit", visit)
    manners, stop = (
        service.Manners(identity=Identity(version="0", contact_url="https://example.invalid")),
        asyncio.Event(),
    )
    running = asyncio.ensure_future(service.Watch(register, Nowhere(), manners, utc_now, 0.01).run(stop))
    await register.enough.wait()
    stop.set()
    await running


async def test_visits_that_end_together_are_saved_together(monkeypatch: pytest.MonkeyPatch):
    register = Register(lost=set())
    await watched(register, monkeypatch)
    assert register.saved == [["a", "b", "c"]]


async def test_a_lease_that_was_lost_costs_only_its_own_visit(monkeypatch: pytest.MonkeyPatch):
    register = Register(lost={"b"})
    await watched(register, monkeypatch)
    assert register.saved == [["a"], ["c"]]
