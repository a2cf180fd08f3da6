"""When a source is visited next. Pure: the caller passes the time and keeps the records."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec.structs import replace

from core.records import Source
from crawlers.results import CrawlResult

LONGEST_S = 86_400.0
SHORTEST_S = 30.0
FAILURES = "failures"
"""Key of `Source.state` for the number of failed visits in a row."""


def due(sources: Iterable[Source], now: datetime) -> list[Source]:
    """The enabled sources whose time has come, longest waiting first; never visited ones lead."""
    ready = [s for s in sources if s.enabled and (s.next_at is None or s.next_at <= now)]
    return sorted(ready, key=lambda s: (s.next_at is not None, s.next_at or now, s.id))


def after(source: Source, result: CrawlResult, now: datetime) -> Source:
    """The source as it is after this visit.

    A visit that went well is repeated after the interval. After the n-th failure in a row the pause is the interval times
    2**n, at most a day, but never shorter than the Retry-After of the server.
    """
    if result.reason.went_well:
        return replace(
            source,
            state={key: value for key, value in result.state.items() if key != FAILURES},
            next_at=now + timedelta(seconds=_interval(source)),
            last_ok_at=now,
            last_error="",
            last_items=result.items,
        )
    failures = _failures(source) + 1
    return replace(
        source,
        state=result.state | {FAILURES: str(failures)},
        next_at=now + timedelta(seconds=_pause(source, failures, result.retry_after_s)),
        last_error=f"{result.reason}: {result.detail}" if result.detail else str(result.reason),
        last_items=0,
    )


def _pause(source: Source, failures: int, retry_after_s: float | None) -> float:
    doubled = _interval(source) * 2.0 ** min(failures, 32)
    return max(min(doubled, LONGEST_S), retry_after_s or 0.0)


def _interval(source: Source) -> float:
    return min(max(float(source.interval_s), SHORTEST_S), LONGEST_S)


def _failures(source: Source) -> int:
    written = source.state.get(FAILURES, "")
    return int(written) if written.isascii() and written.isdigit() else 0
