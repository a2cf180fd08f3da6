"""Whether two raised incidents are one happening.

Posts of one happening may share no word: 停水, 水发黄, 爆管. What they share is the place, the hours and what is feared. So
two incidents agree if their words overlap a little and enough of these do too; the more of one, the less of another. Each
measure is 0 to 1 (`risk` may pass 1):

    words   cosine of the centroids without the names of places
    places  overlap of the shares of posts that name a place within the district
    risk    overlap of the shares of posts that speak of a risk
    hours   overlap of the two days by the hour

Incidents whose places exclude each other never agree. A mailbox with ten letters a day shares no hours and merges nothing.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from nlp.incidents.cluster import Cluster
from nlp.incidents.features import PLACE
from nlp.incidents.hashtags import are_apart
from nlp.incidents.letters import Place

_DISTRICT = 6  # digits of a district's code; a name as wide as that says nothing
_POSTS = 4

_Key = TypeVar("_Key", int, str)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How much two clusters have in common."""

    words: float
    places: float
    risk: float
    hours: float

    def reaches(self, least: "Agreement") -> bool:
        """Whether no measure is below another's."""
        return (
            self.words >= least.words
            and self.places >= least.places
            and self.risk >= least.risk
            and self.hours >= least.hours
        )

    @property
    def total(self) -> float:
        """For choosing between several that agree."""
        return self.words + self.places + self.risk + self.hours


ENOUGH = (
    Agreement(words=0.30, places=0.0, risk=0.0, hours=0.3),
    Agreement(words=0.20, places=0.25, risk=0.0, hours=0.3),
    Agreement(words=0.08, places=0.4, risk=0.0, hours=0.25),
    Agreement(words=0.04, places=0.2, risk=0.3, hours=0.3),
    Agreement(words=0.02, places=0.5, risk=0.5, hours=0.5),
    Agreement(words=0.15, places=0.0, risk=0.6, hours=0.5),
)
"""Any of these is enough; words and hours alone, the first, not for those that bear other hashtags."""


def agreement(one: Cluster, other: Cluster) -> Agreement | None:
    """How far two raised clusters agree; None if not enough, or if either has too few posts to say."""
    if min(one.posts, other.posts) < _POSTS or one.is_elsewhere(other.where) or _are_apart(one, other):
        return None
    hours = overlap(one.by_hour, one.copies, other.by_hour, other.copies)
    if hours < min(least.hours for least in ENOUGH):
        return None
    found = Agreement(
        words=_words(one, other),
        places=overlap(_within(one), one.understood, _within(other), other.understood),
        risk=overlap(_risks(one), one.understood, _risks(other), other.understood),
        hours=hours,
    )
    enough = ENOUGH[1:] if are_tagged_apart(one, other) else ENOUGH
    return found if any(found.reaches(least) for least in enough) else None


def are_tagged_apart(one: Cluster, other: Cluster) -> bool:
    """Whether most posts of both bear hashtags, but not the same."""
    return are_apart(one.tags, one.understood, other.tags, other.understood)


def _are_apart(one: Cluster, other: Cluster) -> bool:
    """Whether both are letters whose titles name other places."""
    are_letters = all(each.letters.are_most_of(each.posts) for each in (one, other))
    return are_letters and one.letters.place(other.letters) is Place.APART


def is_due(posts: int) -> bool:
    """Whether what has that many distinct posts is to be compared: 1, 2, 3, 4, 6, 8, 12, 16, 24, ..."""
    half = posts // 3 if posts % 3 == 0 else posts
    return half & (half - 1) == 0


def _words(one: Cluster, other: Cluster) -> float:
    own, others = (
        {feature: weight for feature, weight in cluster.terms.items() if feature < PLACE} for cluster in (one, other)
    )
    dot = sum([weight * others.get(feature, 0) for feature, weight in own.items()])
    squares = sum([weight * weight for weight in own.values()]) * sum([weight * weight for weight in others.values()])
    return dot / math.sqrt(squares) if squares else 0.0


def overlap(one: Mapping[_Key, int], posts: int, other: Mapping[_Key, int], others: int) -> float:
    """What two distributions share, 0 to 1: counts by key of `posts` and of `others` posts."""
    return sum(min(count / posts, other.get(key, 0) / others) for key, count in one.items())


def _within(cluster: Cluster) -> dict[str, int]:
    return {code: posts for code, (_, posts) in cluster.places.items() if len(code) > _DISTRICT}


def _risks(cluster: Cluster) -> dict[str, int]:
    return {name: risk.posts for name, risk in cluster.counting_risks.items()}
