"""Never more requests than was promised: to one host one at a time, with its pause, whoever asks and however often."""

import asyncio
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from scrapy import Request
from scrapy.http import Response

from app.sources import StoredSources
from core.effects import Effects
from core.leases import Leased
from core.records import Ending, Source
from core.sealing import Seal
from core.storage.sqlite import open_storage
from crawlers.middlewares.cooling import LetServersCool
from crawlers.results import CrawlResult, WriteReport

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
DELAY = timedelta(seconds=2)
HOSTS, SOURCES, MINUTES, PROCESSES = 20, 200, 10, 3


class Process:
    """A crawler process in simulated time: it visits what it leased one request after the other on each host."""

    def __init__(self, storage: object, clock: list[datetime]) -> None:
        self.register = StoredSources(storage, Seal("s"), lambda *_: None, now=lambda: clock[0])  # type: ignore[arg-type]
        self.clock = clock
        self.busy: list[tuple[datetime, Leased]] = []

    def tick(self, requests: dict[str, list[datetime]]) -> None:
        now = self.clock[0]
        for ends, leased in [one for one in self.busy if one[0] <= now]:
            news = WriteReport(accepted=int(int(leased.source.id[1:]) % 3 == 0))
            ended = CrawlResult(source=leased.source.id, ending=Ending.OK, found=9, written=news, took_s=2)
            self.register.save([(leased, ended)])
            self.busy.remove((ends, leased))
        at: defaultdict[str, datetime] = defaultdict(lambda: now)
        for leased in self.register.lease():
            host = leased.source.url.split("/")[2]
            requests[host].append(at[host])
            at[host] += DELAY
            self.busy.append((at[host], leased))


def test_two_hundred_sources_on_twenty_hosts_for_ten_minutes_by_three_processes(tmp_path: Path):
    storage = open_storage(tmp_path)
    made = [
        Source(
            id=f"s{n}", kind="feed", url=f"https://h{n % HOSTS}.example/{n}", name="x", jurisdiction="1", created_at=NOW,
            interval_s=60, longest_s=600,
        )
        for n in range(SOURCES)
    ]  # fmt: skip
    storage.commit(Effects(changes=[*made]))
    clock = [NOW]
    processes = [Process(storage, clock) for _ in range(PROCESSES)]
    requests: dict[str, list[datetime]] = defaultdict(list)
    for _ in range(MINUTES * 60):
        for process in processes:
            process.tick(requests)
        clock[0] += timedelta(seconds=1)
    gaps = [later - earlier for times in requests.values() for earlier, later in pairwise(sorted(times))]
    assert min(gaps) >= DELAY
    assert len(requests) == HOSTS
    visits = [len(storage.store.visits(source.id, 100)) for source in made]
    assert min(visits) >= 3, "every source has its turn"
    assert max(visits) <= MINUTES, "and none more often than its shortest interval"
    storage.close()


async def test_the_pause_between_two_requests_to_a_host_is_kept_exactly():
    cool = LetServersCool(lambda: NOW, 0.15)
    clock = asyncio.get_running_loop().time
    sent: list[float] = []

    async def ask(n: int) -> None:
        request = Request(f"https://a.example/{n}")
        await cool.process_request(request)
        sent.append(clock())
        cool.process_response(request, Response(request.url))

    await asyncio.gather(*(ask(n) for n in range(5)))
    assert min(later - earlier for earlier, later in pairwise(sent)) >= 0.149
