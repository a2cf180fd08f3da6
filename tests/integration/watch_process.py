"""A process that watches one source (its address is the argument) and writes a line to stdout for every visit."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from ipaddress import ip_network

from core.leases import Leased
from core.records import Crawl, Source
from core.telemetry import configure_logging
from crawlers.results import CrawlResult, Item, WriteReport
from crawlers.service import Manners, watch
from crawlers.settings import Identity, Limits


class Kept:
    """The register and the sink of one source."""

    def __init__(self, url: str) -> None:
        created = datetime(2026, 1, 1, tzinfo=UTC)
        source = Source(id="s", kind="feed", url=url, name="s", jurisdiction="990100", created_at=created)
        self.due = [Leased(source=source, crawl=Crawl(source="s"))]

    def lease(self) -> list[Leased]:
        leased, self.due = self.due, []
        return leased

    def renew(self, sources: Sequence[str]) -> None:
        """It is nobody else's."""

    def release(self, sources: Sequence[str]) -> None:
        sys.stdout.write(f"released {sources}\n")

    def unseal(self, cookie: bytes) -> str:
        return cookie.decode()

    def save(self, visits: Sequence[tuple[Leased, CrawlResult]]) -> None:
        for _, result in visits:
            sys.stdout.write(f"{result.ending} {result.items}\n")
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
