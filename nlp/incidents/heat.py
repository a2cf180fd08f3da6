"""The ranking figure.

    heat = (volume + 0.2 copies + 0.5 min(speed, 3 authors)) (1 + 0.5 negative + risk + 0.1 spread) + ln(1 + interactions)

    volume        distinct posts, halved every half-life, of which an author counts for three at most
    copies        near-duplicates likewise: a copy adds little and never takes away
    speed         posts in the last hour, of which an author counts for three at most
    negative      share of negative posts among the distinct ones, 0 to 1
    risk          0 to 1
    spread        log2 of the sources it is told in (no more than authors) and log2 of the districts it names, added
    interactions  likes, comments and shares, halved likewise

All are as of the cluster's last post. Compared at the same moment, one post or copy more never lowers it, but for a post
that makes the whole less negative or less grave. How many see a post is not among what sources tell: interactions stand for
its reach.
"""

import math

from nlp.incidents.cluster import Cluster
from nlp.place_names import AREA

_PER_AUTHOR = 3


def heat(cluster: Cluster) -> float:
    """Heat as of the last post."""
    heard = _PER_AUTHOR * cluster.authors
    volume = min(cluster.distinct, heard)
    speed = min(cluster.speed, heard)
    copies = min(cluster.repeats, heard)
    weight = 1 + 0.5 * negative_share(cluster) + cluster.risk + 0.1 * spread(cluster)
    return (volume + 0.2 * copies + 0.5 * speed) * weight + math.log1p(max(0.0, cluster.interactions))


def spread(cluster: Cluster) -> float:
    """Doublings of the sources, of which an author is one at most, and of the districts; 0 for one of each."""
    districts = {code[:AREA] for code in cluster.places if len(code) >= AREA}
    sources = min(len(cluster.sources), cluster.authors)
    return math.log2(max(1, sources)) + math.log2(max(1, len(districts)))


def negative_share(cluster: Cluster) -> float:
    """Share of negative posts among the distinct ones."""
    return cluster.sentiment.get("negative", 0) / max(1, cluster.posts)
