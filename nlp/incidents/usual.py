"""What is usual here, of a domain, at this hour of this weekday: the pace of a jurisdiction and that of each of its domains.

A matter's posts are counted against those that are usual in the jurisdiction, with the hours of the matter's own domain: each
hour of the domain's week is drawn to the jurisdiction's by ten posts. Before a matter has a history, it is expected to make a
share of the posts that goes with how loud its domain is: one in a thousand (`nlp.incidents.burst`) in a domain that has its
even part of all posts, more in a louder one, less in a quieter, four times at most: a loud domain has more matters, too, and
that is not told from larger ones.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from nlp.incidents.burst import SHARE_OF, WINDOWS_H
from nlp.incidents.pace import MEMORY_S, Pace, last_hours, shipped_week

_HOUR_PRIOR = 10.0
_DOMAINS = 8
"""Seven and none: what an even part is."""
_DOMAIN_PRIOR = 25.0
_MOST_DOMAINS = 16
_LOUDEST = 4.0


class Usual(NamedTuple):
    """Posts usual in an hour at this time, in each of the windows of a burst, and a day; and what the prior share is worth."""

    hour: float
    windows: list[float]
    per_day: float
    prior: float


class Customs:
    """The paces of a jurisdiction as posts come in."""

    def __init__(self, pace: Pace, domains: dict[str, Pace], elsewhere: Sequence[float] | None = None) -> None:
        """`elsewhere` is a week as it is in other places, with which a new jurisdiction begins; None for the shipped one."""
        self._pace = pace
        self._domains = domains
        self._elsewhere = shipped_week() if elsewhere is None else elsewhere
        self._week = pace.usual_week(self._elsewhere)
        self.changed: dict[str, Pace] = {}
        """Domains that have counted posts."""

    def count(self, at: float, domain: str) -> None:
        """Take in a post."""
        before, longest, is_first = self._pace.now, self._pace.longest_silence, self._pace.total == 0
        if self._pace.count(at):
            self._week = self._pace.usual_week(self._elsewhere)
        if not is_first:
            worth = self._week.worth(before, self._pace.now)
            self._pace.observe(min(worth, longest))
        if domain not in self._domains and len(self._domains) < _MOST_DOMAINS:
            self._domains[domain] = Pace()
        pace = self._domains.get(domain)
        if pace is not None:
            pace.count(self._pace.now)
            self.changed[domain] = pace

    def of(self, domain: str) -> Usual:
        """What is usual now, for a matter of the domain."""
        pace, per_hour, now = self._domains.get(domain), self._pace.per_hour, self._pace.now
        hours, part = last_hours(now, max(WINDOWS_H))
        shape = self._week.shape
        usual = [per_hour * shape[hour] for hour in hours] if pace is None else self._own(pace, hours, per_hour)
        windows = [sum(usual[:number]) - (1 - part) * usual[0] for number in WINDOWS_H]
        prior = SHARE_OF if pace is None else SHARE_OF / self._loudness(pace)
        return Usual(usual[0], windows, self._pace.per_day, prior)

    def _own(self, pace: Pace, hours: list[int], per_hour: float) -> list[float]:
        """Posts usual in those hours of the week, with a domain's own hours."""
        held, (shape, counted, whole) = self._held(pace), self._week
        part = held * sum(pace.week) / whole if whole else 0.0
        return [
            per_hour * shape[hour] * (held * pace.week[hour] + _HOUR_PRIOR) / (part * counted[hour] + _HOUR_PRIOR)
            for hour in hours
        ]

    def _held(self, pace: Pace) -> float:
        """What a domain's counts have faded to since it last had a post."""
        return math.exp(min(0.0, pace.faded - self._pace.faded) / MEMORY_S)

    def _loudness(self, pace: Pace) -> float:
        """How many times its even part a domain has, within bounds."""
        posts = {id(one): one.weight * self._held(one) for one in self._domains.values()}
        whole = math.fsum(posts.values())  # whatever the order in which domains were first met
        part = (posts[id(pace)] + _DOMAIN_PRIOR) / (whole + _DOMAINS * _DOMAIN_PRIOR)
        return min(max(_DOMAINS * part, 1 / _LOUDEST), _LOUDEST)
