"""A process that crawls and tells what it got: a reactor runs once in the life of a process.

Reads from stdin `{"rounds": [[source, ...], ...], "limits": {...}, "allow": [...]}` and writes `{"results": [[...], ...],
"items": [[...], ...]}` to stdout. Between rounds the sources keep the state that the round before gave them.
"""

import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from ipaddress import ip_network

import msgspec

from core.leases import Leased
from core.records import Crawl, Source
from core.telemetry import configure_logging
from crawlers.reactor import run
from crawlers.results import CrawlResult, Item, WriteReport
from crawlers.service import Manners, visit
from crawlers.settings import Identity, Limits
from crawlers.visit import Visit

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


class Task(msgspec.Struct):
    """What the test asks for."""

    rounds: list[list[Source]]
    limits: Limits
    allow: list[str]


class Kept(list[Item]):
    """A sink that keeps what it is given."""

    def write(self, items: Sequence[Item]) -> WriteReport:
        self.extend(items)
        return WriteReport(accepted=len(items))


def main() -> None:
    configure_logging("warning", "console")
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=Task)
    manners = Manners(
        identity=Identity(version="0", contact_url="https://example.invalid/contact"),
        limits=task.limits,
        allow=tuple(map(ip_network, task.allow)),
    )

    async def rounds(stop: asyncio.Event) -> tuple[list[list[CrawlResult]], list[list[Item]]]:
        results: list[list[CrawlResult]] = []
        items: list[list[Item]] = []
        states: dict[str, dict[str, str]] = {}
        for sources in task.rounds:
            kept = Kept()
            known = [Leased(source=s, crawl=Crawl(source=s.id, state=states.get(s.id, {}))) for s in sources]
            results.append(await visit(Visit(known, kept, lambda: NOW, manners.allow), manners, stop))
            states |= {result.source: result.state for result in results[-1]}
            items.append(list(kept))
        return results, items

    results, items = run(rounds, manners.allow)
    sys.stdout.buffer.write(msgspec.json.encode({"results": results, "items": items}))


if __name__ == "__main__":
    main()
