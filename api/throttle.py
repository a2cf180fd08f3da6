"""Slows down guessing of passwords."""

import threading
from collections import defaultdict
from datetime import datetime, timedelta

from api.problems import Problem

WINDOW = timedelta(minutes=5)
FAILURES = 8
MOST_KEYS = 10_000


class Throttle:
    """Counts failures per address and name; after `FAILURES` within `WINDOW` the next attempts are refused."""

    def __init__(self) -> None:
        self._failures: dict[str, list[datetime]] = defaultdict(list)
        self._lock = threading.Lock()

    def check(self, who: str, now: datetime) -> None:
        """A Problem 429 when `who` failed too often."""
        with self._lock:
            recent = [at for at in self._failures.get(who, ()) if now - at < WINDOW]
        if len(recent) >= FAILURES:
            wait = int((recent[0] + WINDOW - now).total_seconds()) + 1
            raise Problem(
                429, "too-many-attempts", "Too many wrong passwords; wait a little.", {"Retry-After": str(wait)}
            )

    def failed(self, who: str, now: datetime) -> None:
        """Count a failure; old ones are forgotten, and so is everything when there are too many to keep."""
        with self._lock:
            if len(self._failures) >= MOST_KEYS:
                self._failures.clear()
            self._failures[who] = [at for at in self._failures[who] if now - at < WINDOW] + [now]
