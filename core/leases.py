"""What the Store promises to crawlers: sources that several processes share, each visited by one at a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct, field

from core.records import Crawl, Rank, Revisit, Sample, Source, VisitRecord


class Leased(Struct, frozen=True, kw_only=True):
    """A source that is somebody's to visit for a while: with what is known of it, the revisits that are due, its login."""

    source: Source
    crawl: Crawl
    revisits: list[Revisit] = field(default_factory=list)
    cookie: bytes | None = None


class Sources(Protocol):
    """Where posts are collected, shared by all crawlers."""

    def source(self, id_: str) -> Source | None: ...

    def sources(self) -> list[Source]: ...

    def crawl(self, id_: str) -> Crawl | None:
        """What crawlers know of a source; of one that was never visited, that."""
        ...

    def crawls(self) -> list[Crawl]: ...

    def lease(self, holder: str, now: datetime, lease_s: float, limit: int, only: Sequence[str] = ()) -> list[Leased]:
        """Take sources that are due, longest waiting first, for `lease_s`; they come back if nobody ends the visit.

        With `only`, take those, due and enabled or not. At most eight of one host, and none of a host at which a visit is
        under way or has just ended (`Visited.free_at`): so a host's sources are one process's at a time.
        """
        ...

    def renew(self, holder: str, sources: Sequence[str], now: datetime, lease_s: float) -> None:
        """Keep those of these sources that are still the holder's."""
        ...

    def release(self, holder: str, sources: Sequence[str]) -> None:
        """Give back unvisited what is still the holder's."""
        ...

    def visits(self, source: str, limit: int) -> list[VisitRecord]:
        """Newest first; thirty days are kept."""
        ...

    def revisits(self, source: str) -> list[Revisit]:
        """Soonest first."""
        ...

    def sample(self, source: str) -> Sample | None: ...

    def cookie(self, source: str) -> bytes | None:
        """Sealed, as it was saved."""
        ...

    def with_cookies(self) -> set[str]:
        """The sources that were lent a login."""
        ...

    def ranks(self, since: datetime, sources: Sequence[str]) -> list[Rank]:
        """The series of hot lists, oldest first; thirty days are kept."""
        ...
