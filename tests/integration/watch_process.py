"""A process that watches one source (its address is the argument) and writes a line to stdout for every visit."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from ipaddress import ip_network

from core.records import Source
from core.telemetry import configure_logging
from crawlers.results import CrawlResult, Item, WriteReport
from crawlers.service import Manners, watch
from crawlers.settings import Identity, Limits


class Kept:
    """The register and the sink of one source."""

    def __init__(self, url: str) -> None:
        created = datetime(2026, 1, 1, tzinfo=UTC)
        self.source = Source(id="s", kind="feed", url=url, name="s", jurisdiction="990100", created_at=created)

    def sources(self) -> list[Source]:
        return [self.source]

    def save(self, source: Source, result: CrawlResult) -> None:
        self.source = source
        sys.stdout.write(f"{result.reason} {result.items} {source.next_at is not None}\n")
        sys.stdout.flush()

    def write(self, items: Sequence[Item]) -> WriteReport:
        return WriteReport(accepted=len(items))


def main(url: str) -> None:
    configure_logging("warning", "console")
    kept = Kept(url)
    manners = Manners(
        identity=Identity(version="0", contact_url="https://example.invalid/contact"),
        limits=Limits(delay_s=0),
        allow=(ip_network("127.0.0.0/8"),),
    )
    watch(kept, kept, manners)


if __name__ == "__main__":
    main(sys.argv[1])
