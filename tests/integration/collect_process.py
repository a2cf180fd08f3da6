"""A process that collects for a data directory, round by round, at the times that it is told.

Each line on stdin is `{"now": ..., "sources": [id, ...]}` (all that are due when empty); each answer on stdout
`{"results": [...], "log": n}`.
"""

import asyncio
import sys
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

import msgspec

from app.sources import IntakeSink, StoredSources
from core.records import Ending
from core.sealing import Seal
from core.storage.sqlite import open_storage
from core.telemetry import Metrics, configure_logging
from crawlers.reactor import run
from crawlers.results import CrawlResult
from crawlers.service import Manners, visit
from crawlers.settings import Identity, Limits
from crawlers.visit import Visit
from nlp.admission import Admission
from nlp.intake import Intake

LIMITS = Limits(delay_s=0, timeout_s=10)
ALLOW = (ip_network("127.0.0.0/8"),)


class Round(msgspec.Struct):
    """What the test asks for."""

    now: datetime
    sources: list[str] = []


def main(folder: str) -> None:
    configure_logging("debug", "console")
    clock = [datetime.now(UTC)]

    def now() -> datetime:
        return clock[0]

    storage = open_storage(Path(folder))
    rules = Admission(jurisdiction="990100", salt="test", now=now(), origin="", source="test")
    intake = Intake(storage.log, storage.store, rules, now, Metrics(), lambda: 0, 10_000)
    register = StoredSources(storage, Seal("test"), lambda *_: None, now=now)
    manners = Manners(identity=Identity(version="0", contact_url="https://example.invalid"), limits=LIMITS, allow=ALLOW)

    async def rounds(stop: asyncio.Event) -> None:
        while line := await asyncio.to_thread(sys.stdin.buffer.readline):
            task = msgspec.json.decode(line, type=Round)
            clock[0] = task.now
            leased = register.lease_these(task.sources) if task.sources else register.lease()
            plan = Visit(leased, IntakeSink(intake), now, ALLOW, register.unseal)
            results: list[CrawlResult] = await visit(plan, manners, stop)
            for one, result in zip(leased, results, strict=True):
                if result.ending is not Ending.UNFINISHED:
                    register.save([(one, result)])
            sys.stdout.buffer.write(msgspec.json.encode(results) + b"\n")
            sys.stdout.buffer.flush()

    run(rounds, ALLOW)
    storage.close()


if __name__ == "__main__":
    main(sys.argv[1])
