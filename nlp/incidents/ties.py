"""Which happening a cluster belongs to, and which happenings are one: decided by what their clusters say of one another."""

import math

from nlp.incidents.affinity import LEAST, WEIGHTS, Weights, affinity
from nlp.incidents.cluster import Cluster
from nlp.incidents.grouping import Grouping
from nlp.incidents.happenings import Happening, Happenings
from nlp.incidents.letters import unites

_STAY = 0.3
"""What being where it is counts for a cluster, against going elsewhere."""
_COMPARED = 8
"""The largest parts of each of two happenings are compared with one another."""


class Ties:
    """A cluster that has grown, and the chances that others are of one happening with it.

    Clusters whose last post was before `heard` have no say.
    """

    def __init__(
        self, cluster: Cluster, grouping: Grouping, happenings: Happenings, heard: float, weights: Weights = WEIGHTS
    ) -> None:
        self._cluster = cluster
        self._weights = weights
        self._happenings = happenings
        self._heard = heard
        self._grouping = grouping
        self._chances = {
            other.born: chance
            for other in grouping.kin(cluster)
            if other.touched >= heard and (chance := self._chance(cluster, other)) > 0.0
        }

    def home(self) -> Happening | None:
        """The happening whose parts speak most for the cluster; None if they all speak against it."""
        here = best = self._happenings.of(self._cluster)
        most = self._gain(here) + _STAY * _weight(self._cluster)
        for other in self._likely(here):
            gain = self._gain(other)
            if gain > max(most, 0.0):
                best, most = other, gain
        return best if most > 0.0 or len(here.parts) == 1 else None

    def nearest(self, happening: Happening) -> Happening | None:
        """The happening that may be united with the cluster's, and whose parts and its own speak most for one another."""
        likely = [other for other in self._likely(happening) if order(happening, other, self._happenings) is not None]
        best, most = None, 0.0
        own = self._largest(happening) if likely else []
        for other in likely:
            gain = sum(
                _weight(one) * _weight(part) * (self._chance(one, part) - LEAST)
                for part in self._largest(other)
                for one in own
            )
            if gain > most:
                best, most = other, gain
        return best

    def _likely(self, here: Happening) -> list[Happening]:
        """The other happenings with a part that is more likely than not to belong to the cluster."""
        likely = [self._happenings.of_born(born) for born, chance in self._chances.items() if chance > LEAST]
        return list({other.id: other for other in likely if other is not here}.values())

    def _gain(self, happening: Happening) -> float:
        return sum(
            _weight(part) * (self._chances.get(part.born, 0.0) - LEAST)
            for part in self._happenings.parts(happening)
            if part is not self._cluster and part.touched >= self._heard
        )

    def _chance(self, one: Cluster, other: Cluster) -> float:
        """Letters are of one happening by what they ask for and where, at whatever hours they come."""
        if not all(each.letters.are_most_of(each.posts) for each in (one, other)):
            return affinity(one, other, self._weights)
        own = self._grouping.in_common(one, other)
        return unites(one.letters, other.letters, own, LEAST, self._weights.bias - WEIGHTS.bias)

    def _largest(self, happening: Happening) -> list[Cluster]:
        parts = [part for part in self._happenings.parts(happening) if part.touched >= self._heard]
        return sorted(parts, key=lambda part: (-part.posts, part.born))[:_COMPARED]


def order(one: Happening, other: Happening, happenings: Happenings) -> tuple[Happening, Happening] | None:
    """Of two happenings the one that goes up in the other, and that other; None if neither can.

    The later raised goes into the earlier, an incident never into what is none, or what a person said is none. One that
    somebody works on goes nowhere: the earlier raised then goes into it.
    """
    if one.whole.is_dismissed or other.whole.is_dismissed:
        return None
    older, younger = sorted((one, other), key=lambda each: _age(each.whole))
    if happenings.is_movable(younger):
        return younger, older
    turned = older.whole.raised_at is None or younger.whole.held
    return (older, younger) if turned and happenings.is_movable(older) else None


def _weight(cluster: Cluster) -> float:
    return math.sqrt(cluster.posts)


def _age(whole: Cluster) -> tuple[float, int]:
    """Smaller for the one that was an incident first, or was there first."""
    return (math.inf if whole.raised_at is None else whole.raised_at), whole.born
