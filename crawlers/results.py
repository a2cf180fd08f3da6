"""What a visit to a source gives, and where its items go."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Protocol

from msgspec import Struct, field

Item = Mapping[str, object]
"""One post in the format of the push API: `id, source, platform, jurisdiction, at, text` or `html`, `url, author, ...`."""


class Reason(StrEnum):
    """How a visit went; screens translate these words."""

    OK = "ok"
    NOT_MODIFIED = "not_modified"
    EMPTY = "empty"
    BLOCKED = "blocked"
    ROBOTS = "robots"
    HTTP_ERROR = "http_error"
    PARSE_ERROR = "parse_error"
    TOO_LARGE = "too_large"
    TIMEOUT = "timeout"
    DNS = "dns"
    CONNECTION = "connection"
    INWARD_ADDRESS = "inward_address"
    BAD_ADDRESS = "bad_address"
    UNFINISHED = "unfinished"

    @property
    def went_well(self) -> bool:
        """Whether the source answered as a feed should."""
        return self in (Reason.OK, Reason.NOT_MODIFIED, Reason.EMPTY)


class WriteReport(Struct, frozen=True, kw_only=True):
    """What became of a batch of items."""

    accepted: int = 0
    duplicate: int = 0
    rejected: int = 0


class Sink(Protocol):
    """Takes items. Called from a worker thread, one call at a time."""

    def write(self, items: Sequence[Item]) -> WriteReport:
        """Return once every item is durable or recorded as rejected; the same item may come again.

        Raises `RetryLater` when it cannot take the batch now: the call is repeated after the pause it names.
        """
        ...


class CrawlResult(Struct, frozen=True, kw_only=True):
    """One visit to one source.

    `state` is the next `Source.state`: it moves on only when all items of the visit were written. `status` is the HTTP
    status of the last answer, 0 when there was none. `retry_after_s` is the pause that the server asked for. `detail` is a
    sentence for a person.
    """

    source: str
    reason: Reason
    state: dict[str, str] = field(default_factory=dict)
    status: int = 0
    items: int = 0
    written: WriteReport = WriteReport()
    retry_after_s: float | None = None
    detail: str = ""
