"""The ranking figure.

    heat = (volume + 0.2 copies + 0.5 min(speed, 3 authors)) (1 + 0.5 negative + risk) + ln(1 + interactions)

    volume        distinct posts, halved every half-life, of which an author counts for three at most
    copies        near-duplicates likewise: a copy adds little and never takes away
    speed         posts in the last hour, of which an author counts for three at most
    negative      share of negative posts among the distinct ones, 0 to 1
    risk          0 to 1
    interactions  likes, comments and shares, halved likewise

All are as of the cluster's last post. Compared at the same moment, one post or copy more never lowers it, but for a post
that makes the whole less negative or less grave.
"""

import math

from nlp.incidents.cluster import Cluster

_PER_AUTHOR = 3


def heat(cluster: Cluster) -> float:
    """Heat as of the last post."""
    heard = _PER_AUTHOR * cluster.authors
    volume = min(cluster.distinct, heard)
    speed = min(cluster.speed, heard)
    copies = min(cluster.repeats, heard)
    mood = 1 + 0.5 * negative_share(cluster) + cluster.risk
    return (volume + 0.2 * copies + 0.5 * speed) * mood + math.log1p(max(0.0, cluster.interactions))


def negative_share(cluster: Cluster) -> float:
    """Share of negative posts among the distinct ones."""
    return cluster.sentiment.get("negative", 0) / max(1, cluster.posts)
