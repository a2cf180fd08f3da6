"""An answer that is made once for all screens that ask at about the same time."""

import threading
from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

T = TypeVar("T")
MOST = 64
"""Answers kept; the oldest go first."""


class Kept(Generic[T]):
    """Keeps answers for `ttl`. Who asks for one that is being made waits for it instead of making another."""

    def __init__(self, ttl: timedelta) -> None:
        self._ttl = ttl
        self._lock = threading.Lock()
        self._making: dict[Hashable, threading.Lock] = {}
        self._answers: dict[Hashable, tuple[datetime, T]] = {}

    def get(self, key: Hashable, now: datetime, make: Callable[[], T]) -> T:
        """The answer of `key`, at most `ttl` old."""
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with making:
            made = self._answers.get(key)
            if made is not None and timedelta() <= now - made[0] < self._ttl:
                return made[1]
            answer = make()
            with self._lock:
                self._answers.pop(key, None)
                self._answers[key] = (now, answer)
                while len(self._answers) > MOST:
                    oldest = next(iter(self._answers))
                    del self._answers[oldest]
                    self._making.pop(oldest, None)
            return answer
