"""When a failed delivery is tried again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import msgspec

from core.records import Delivery, DeliveryState

Uniform = Callable[[], float]
"""A random number in [0, 1)."""

CEILINGS_S = (10, 60, 300, 1800, 7200, 18000, 36000, 86400, 86400, 86400, 86400, 86400)
"""Longest wait before each further try. With full jitter the mean is half of the sum: about three days."""

LONGEST_ASKED_S = 86400.0
"""A receiver may not put us off for longer than a day at a time."""


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for (RFC 9110, section 10.2.3: seconds or an HTTP date); None if unusable."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST_ASKED_S)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max((at - now).total_seconds(), 0.0), LONGEST_ASKED_S)


def done(delivery: Delivery, status: str, now: datetime) -> Delivery:
    """The delivery arrived."""
    return msgspec.structs.replace(
        delivery, state=DeliveryState.DONE, attempts=delivery.attempts + 1, last_status=status, delivered_at=now
    )


def dead(delivery: Delivery, status: str) -> Delivery:
    """The delivery is given up."""
    return msgspec.structs.replace(
        delivery, state=DeliveryState.DEAD, attempts=delivery.attempts + 1, last_status=status
    )


def failed(delivery: Delivery, status: str, now: datetime, uniform: Uniform, asked_s: float | None = None) -> Delivery:
    """The next try, by exponential back-off with full jitter and never before `asked_s`; dead after the last."""
    if delivery.attempts >= len(CEILINGS_S):
        return dead(delivery, status)
    wait = max(uniform() * CEILINGS_S[delivery.attempts], asked_s or 0.0)
    return msgspec.structs.replace(
        delivery, attempts=delivery.attempts + 1, last_status=status, next_at=now + timedelta(seconds=wait)
    )
