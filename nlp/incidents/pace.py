"""How many posts a jurisdiction usually has: a rate over a fortnight, and its shape over the hours of the week."""

import math

from msgspec import Struct, field

_HOUR = 3600.0
_MEMORY_H = 14 * 24.0  # the rate forgets with this time constant
_PRIOR_POSTS = 12.0
_PRIOR_H = 24.0  # before anything is known: a post every two hours, worth a day of observation
_DAY_H = 24
_WEEK_H = 7 * _DAY_H
_HOUR_PRIOR = 10.0  # pooled: until an hour of the day has its own posts, every hour is the same,
_WEEK_PRIOR = 10.0  # and until an hour of the week has, every day of the week is


class Pace(Struct, array_like=True):
    """Counts of posts that fade with time, up to `now`, the stream time (seconds; the newest post's, never going back).

    `weight` is the faded number of posts, `week` the same by hour of the week (from Thursday 0:00 UTC, when 1970 began),
    `total` all posts ever, `faded` the time up to which was faded.
    """

    started: float = 0.0
    now: float = 0.0
    weight: float = 0.0
    week: list[float] = field(default_factory=lambda: [0.0] * _WEEK_H)
    total: int = 0
    faded: float = 0.0

    def count(self, at: float) -> None:
        """Take in a post published at `at`; a late one counts as if now."""
        if self.total == 0:
            self.started = self.now = self.faded = at
        self.now = max(at, self.now)
        self._fade()
        self.weight += 1
        self.week[self._hour] += 1
        self.total += 1

    def _fade(self) -> None:
        if self.now - self.faded < _HOUR / 4:  # a busy stream need not multiply for every post
            return
        factor = math.exp((self.faded - self.now) / (_MEMORY_H * _HOUR))
        self.weight *= factor
        self.week = [count * factor for count in self.week]
        self.faded = self.now

    @property
    def per_hour(self) -> float:
        """Posts an hour, over the last fortnight or so."""
        observed = _MEMORY_H * -math.expm1((self.started - self.now) / (_MEMORY_H * _HOUR))
        return (self.weight + _PRIOR_POSTS) / (observed + _PRIOR_H)

    @property
    def per_day(self) -> float:
        """Posts a day."""
        return self.per_hour * _DAY_H

    @property
    def expected(self) -> float:
        """Posts usual in an hour at this time of this day of the week."""
        return self.per_hour * _WEEK_H * self._share(self._hour)

    def usual(self, hours: int) -> float:
        """Posts usual in the last `hours` clock hours, of this one only in what has passed of it."""
        before = sum([self._share(self._hour - back) for back in range(1, hours)])
        return self.per_hour * _WEEK_H * (before + self._share(self._hour) * (self.now % _HOUR / _HOUR))

    def _share(self, hour: int) -> float:
        """Share of a week's posts in an hour of it.

        A Dirichlet prior twice over: the hour of the week is drawn to the same hour of all days, and that to all hours.
        """
        daily = (sum(self.week[hour % _DAY_H :: _DAY_H]) + _HOUR_PRIOR) / (self.weight + _DAY_H * _HOUR_PRIOR)
        return (self.week[hour % _WEEK_H] + _WEEK_PRIOR * _DAY_H * daily) / (self.weight + _WEEK_PRIOR * _WEEK_H)

    @property
    def _hour(self) -> int:
        return int(self.now // _HOUR) % _WEEK_H

    def half_life(self, posts: int, shortest_h: float, longest_h: float) -> float:
        """Seconds in which the jurisdiction gets that many posts, within bounds."""
        return min(max(posts / self.per_hour, shortest_h), longest_h) * _HOUR
