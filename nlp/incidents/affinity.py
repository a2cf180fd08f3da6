"""How likely two clusters are parts of one happening.

A logistic regression over four figures, fitted on which clusters of Weibo posts share a hashtag (`bench.affinity`; the
hashtags themselves are taken out of the texts, and the days are others than those of the benchmark):

    words   cosine of the centroids, in which rising words are heavy (`Grouping.sharpened`), without the names of places
    hours   overlap of the two days, by the hour
    fewer   ln of the distinct posts of the smaller one
    more    ln of the distinct posts of the larger one

Two large clusters must agree more than two small ones: many posts have words enough to meet by chance.

What the regression does not know is weighed beside it: clusters whose posts bear other hashtags are less likely one.
"""

import math
from dataclasses import dataclass, replace

from nlp.incidents.cluster import Cluster
from nlp.incidents.features import PLACE
from nlp.incidents.merging import are_tagged_apart, overlap

LEAST = 0.3
"""From this chance on, being together counts for two clusters; below, against."""

LEAST_COSINE = 0.04
"""Below it the regression has nothing to say: it was fitted on clusters that share this much."""

OTHER_TAGS = 2.0
"""How much less likely, in log-odds, two clusters with other hashtags are one. Chosen by hand: hashtags are the labels that the
regression was fitted to."""

_SLOT_H = 4

Figures = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Weights:
    """Of the regression; `bias` is the constant."""

    words: float
    hours: float
    fewer: float
    more: float
    bias: float


WEIGHTS = Weights(words=6.247, hours=1.575, fewer=-0.573, more=-0.172, bias=0.326)
"""What `python -m bench.affinity` printed."""


_STEP = 0.3
_MOST_LEARNT = 1.0


def learnt(bias: float) -> Weights:
    """The weights of a place whose people corrected the grouping: the constant moved by `bias`."""
    return replace(WEIGHTS, bias=WEIGHTS.bias + bias)


def taught(bias: float, one: Cluster, other: Cluster, *, together: bool) -> float:
    """What `bias` is after a person said whether both are of one happening: a step down the gradient of the log loss.

    At most 1 either way, so that no series of corrections makes everything one, or nothing. Clusters of which the regression
    has nothing to say teach nothing; what other hashtags say is left out, for it is not the regression's.
    """
    found = figures(one, other)
    if found is None:
        return bias
    error = (1.0 if together else 0.0) - _chance(found, learnt(bias))
    return min(_MOST_LEARNT, max(-_MOST_LEARNT, bias + _STEP * error))


def affinity(one: Cluster, other: Cluster, weights: Weights = WEIGHTS) -> float:
    """The chance that both are parts of one happening; 0 for those that hardly share a word or are of places apart."""
    found = figures(one, other)
    if found is None:
        return 0.0
    return _chance(found, weights, OTHER_TAGS if are_tagged_apart(one, other) else 0.0)


def _chance(found: Figures, weights: Weights, against: float = 0.0) -> float:
    words, hours, fewer, more = found
    logit = weights.words * words + weights.hours * hours + weights.fewer * fewer + weights.more * more + weights.bias
    return 1 / (1 + math.exp(against - logit))


def figures(one: Cluster, other: Cluster) -> Figures | None:
    """`words`, `hours`, `fewer` and `more`; None for those that hardly share a word or are of places apart."""
    if one.is_elsewhere(other.where):
        return None
    words = _cosine(one, other) if _meet(one, other) else 0.0
    if words < LEAST_COSINE:
        return None
    fewer, more = sorted((one.posts, other.posts))
    return words, overlap(one.by_hour, one.copies, other.by_hour, other.copies), math.log(fewer), math.log(more)


def _cosine(one: Cluster, other: Cluster) -> float:
    """Without the names of places: where something is makes no matter of it."""
    fewer, more = (one.terms, other.terms) if len(one.terms) < len(other.terms) else (other.terms, one.terms)
    shared = [feature for feature in fewer.keys() & more.keys() if feature < PLACE]
    return sum([fewer[feature] * more[feature] for feature in shared]) / math.sqrt(one.squares * other.squares or 1)


def _meet(one: Cluster, other: Cluster) -> bool:
    """Whether both are spoken of in the same few hours of a day. A mailbox of ten letters a day has no such hours."""
    slots = {hour // _SLOT_H for hour in one.by_hour}
    return any(hour // _SLOT_H in slots for hour in other.by_hour)
