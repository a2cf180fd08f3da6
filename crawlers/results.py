"""What a visit to a source gives, and where its items go."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct, field

from core.records import Ending, Rank, Revisit, Sample

Item = Mapping[str, object]
"""One post in the format of the push API: `id, source, platform, jurisdiction, at, text` or `html`, `url, author, ...`."""


class WriteReport(Struct, frozen=True, kw_only=True):
    """What became of a batch of items."""

    accepted: int = 0
    duplicate: int = 0
    rejected: int = 0

    def __add__(self, other: "WriteReport") -> "WriteReport":
        return WriteReport(
            accepted=self.accepted + other.accepted,
            duplicate=self.duplicate + other.duplicate,
            rejected=self.rejected + other.rejected,
        )


class Sink(Protocol):
    """Takes items. Called from a worker thread, one call at a time."""

    def write(self, items: Sequence[Item]) -> WriteReport:
        """Return once every item is durable or recorded as rejected; the same item may come again.

        Raises `RetryLater` when it cannot take the batch now: the call is repeated after the pause it names.
        """
        ...


class CrawlResult(Struct, frozen=True, kw_only=True):
    """One visit to one source.

    `state` is the next `Crawl.state`: it moves on only when all items of the visit were written. `status` is the HTTP
    status of the last answer, 0 when there was none. `found` counts what the pages listed, None where no page was read
    anew; `items` what was handed to the sink. `retry_after_s` is the pause that the server asked for. `detail` is a
    sentence for a person. `robots` is what robots.txt said (`allowed`, `forbidden`, `overridden`; empty: not asked).
    `gone` are the sources' own ids of posts that are not there any more.
    """

    source: str
    ending: Ending
    state: dict[str, str] = field(default_factory=dict)
    status: int = 0
    found: int | None = None
    items: int = 0
    written: WriteReport = WriteReport()
    requests: int = 0
    unchanged: int = 0
    took_s: float = 0.0
    retry_after_s: float | None = None
    detail: str = ""
    robots: str = ""
    missing: dict[str, int] = field(default_factory=dict)
    revisits: tuple[Revisit, ...] = ()
    done: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    ranks: tuple[Rank, ...] = ()
    sample: Sample | None = None
    backfill_at: datetime | None = None
    backfill_over: bool = False
