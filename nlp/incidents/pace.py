"""How many posts a jurisdiction usually has: a rate over a fortnight, and its shape over the hours of the week."""

import json
import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct, field

_HOUR = 3600.0
_MEMORY_H = 14 * 24.0  # the rate forgets with this time constant
_PRIOR_POSTS = 1.0
_PRIOR_H = 2.0  # before anything is known: a post every two hours, worth one
_DAY_H = 24
WEEK_H = 7 * _DAY_H
MEMORY_S = _MEMORY_H * _HOUR
_HOUR_PRIOR = 10.0  # pooled: until an hour of the day has its own posts, it is as elsewhere,
_WEEK_PRIOR = 10.0  # and until an hour of the week has, every day of the week is
_FADING = [math.exp(-hour / _MEMORY_H) for hour in range(WEEK_H + 1)]
_SILENT_POSTS = 10.0
_SILENT_H = 24.0

SHIPPED = Path(__file__).parent.parent / "data" / "week.json"


@cache
def shipped_week() -> tuple[float, ...]:
    """The week of other places (`nlp.training.weeks`): posts in each hour, 1 being those of the mean hour."""
    return tuple(json.loads(SHIPPED.read_text(encoding="ascii")))


class Week(NamedTuple):
    """Each hour of a week (from Thursday 0:00 UTC, when 1970 began): its posts, 1 being those of the mean hour; how many posts
    that makes of all such hours that were counted; and of all hours."""

    shape: list[float]
    counted: list[float]
    whole: float

    def worth(self, since: float, until: float) -> float:
        """How many mean hours the time between is worth."""
        weeks, rest = divmod(until - since, WEEK_H * _HOUR)
        worth, at = weeks * sum(self.shape), until - rest
        while at < until:
            hour = int(at // _HOUR)
            end = min((hour + 1) * _HOUR, until)
            worth += self.shape[hour % WEEK_H] * (end - at) / _HOUR
            at = end
        return worth


class Pace(Struct, array_like=True):
    """Counts of posts that fade with time, up to `now`, the stream time (seconds; the newest post's, never going back).

    `weight` is the faded number of posts, `week` the same by hour of the week, `total` all posts ever, `faded` the time up to
    which was faded. Posts of the last day lie in `fresh`, by hours since 1970, and not yet in `week`: what happens now must
    not make itself usual. `week`, `faded` and which hours are in `fresh` change with the first post of a clock hour only. `due`
    are the posts that were usual in the time observed since the first, `worth` the mean hours of that time, faded as posts are:
    a night is worth less than a day.
    """

    started: float = 0.0
    now: float = 0.0
    weight: float = 0.0
    week: list[float] = field(default_factory=lambda: [0.0] * WEEK_H)
    total: int = 0
    faded: float = 0.0
    fresh: dict[int, int] = field(default_factory=dict)
    due: float = 0.0
    worth: float = 0.0

    def count(self, at: float) -> bool:
        """Take in a post published at `at`; a late one counts as if now. Whether it is the first of its clock hour."""
        if self.total == 0:
            self.started = self.now = self.faded = at
        self.now = max(at, self.now)
        hour = int(self.now // _HOUR)
        is_first = hour not in self.fresh
        if is_first:
            self._settle(hour)
        self.weight += 1
        self.fresh[hour] = self.fresh.get(hour, 0) + 1
        self.total += 1
        return is_first

    def _settle(self, now: int) -> None:
        for hour in [hour for hour in self.fresh if hour < now - _DAY_H]:
            self.week[hour % WEEK_H] += self.fresh.pop(hour)
        factor = math.exp((self.faded - self.now) / MEMORY_S)
        self.weight *= factor
        self.worth *= factor
        self.week = [count * factor for count in self.week]
        self.faded = self.now

    @property
    def longest_silence(self) -> float:
        """Mean hours of which no post may have come while all was well; of a longer silence no more was observed.

        That ten posts are usual and none comes has a chance of e^-10. Then it was not people who were silent: a source
        failed, or a post much older than all others was read first. Posts whose times are a day's leave a day without any.
        """
        return max(_SILENT_H, _SILENT_POSTS / self.per_hour)

    def observe(self, hours: float) -> None:
        """Take in so many mean hours since the post before. They fade as posts do, while they pass."""
        self.worth += _MEMORY_H * -math.expm1(-hours / _MEMORY_H)
        self.due += self.per_hour * hours

    @property
    def per_hour(self) -> float:
        """Posts an hour, over the last fortnight or so."""
        return (self.weight + _PRIOR_POSTS) / (self.observed + _PRIOR_H)

    @property
    def observed(self) -> float:
        """Mean hours that were observed, faded; all hours are that while nothing is known of them."""
        return self.worth or _MEMORY_H * -math.expm1((self.started - self.now) / MEMORY_S)

    @property
    def per_day(self) -> float:
        """Posts a day."""
        return self.per_hour * _DAY_H

    def usual_week(self, elsewhere: Sequence[float]) -> Week:
        """What its weeks look like, but for the last day; the same until the next clock hour.

        Counts are Poisson. How an hour of the week differs from what it is elsewhere is drawn to how the same hour of all days
        does, and that to not at all (Gamma priors).
        """
        passed = [times * part for times, part in zip(self._passed(), elsewhere, strict=True)]
        all_passed = sum(passed)
        mean = sum(self.week) / all_passed if all_passed else 0.0
        if not mean:
            return Week(list(elsewhere), [0.0] * WEEK_H, 0.0)
        daily = [
            (sum(self.week[hour::_DAY_H]) + _HOUR_PRIOR) / (sum(passed[hour::_DAY_H]) * mean + _HOUR_PRIOR)
            for hour in range(_DAY_H)
        ] * 7
        own = [
            day * (posts + _WEEK_PRIOR) / (times * mean * day + _WEEK_PRIOR)
            for day, posts, times in zip(daily, self.week, passed, strict=True)
        ]
        shape = [there * here for there, here in zip(elsewhere, own, strict=True)]
        counted = [mean * times * here for times, here in zip(passed, own, strict=True)]
        return Week(shape, counted, sum(counted))

    def _passed(self) -> list[float]:
        """How often each hour of the week has passed until a day ago, faded as its posts are."""
        last, first = int(self.now // _HOUR) - _DAY_H - 1, int(self.started // _HOUR)
        weeks, rest = divmod(last + 1 - first, WEEK_H)
        passed = [0.0] * WEEK_H
        if weeks < 0:
            return passed
        often = [-math.expm1(-number * WEEK_H / _MEMORY_H) / (1 - _FADING[WEEK_H]) for number in (weeks, weeks + 1)]
        newest = math.exp(-(_DAY_H + 1) / _MEMORY_H)
        for back in range(WEEK_H):
            passed[(last - back) % WEEK_H] = newest * _FADING[back] * often[back < rest]
        return passed

    def half_life(self, posts: int, shortest_h: float, longest_h: float) -> float:
        """Seconds in which the jurisdiction gets that many posts, within bounds."""
        return min(max(posts / self.per_hour, shortest_h), longest_h) * _HOUR


def last_hours(now: float, number: int) -> tuple[list[int], float]:
    """The last clock hours as hours of the week, this one first, and what part of this one has passed."""
    hour, second = divmod(now, _HOUR)
    return [(int(hour) - back) % WEEK_H for back in range(number)], second / _HOUR
