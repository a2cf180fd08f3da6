"""The ranking figure.

    heat = (volume + 0.2 copies + 0.5 speed) (1 + 0.5 negative + risk + 0.1 spread) + ln(1 + interactions)

    volume        distinct posts, halved every half-life, of which an author counts for three at most
    copies        volume log2(1 + repeats / volume), repeats being near-duplicates, counted likewise: what everybody repeats
                  once is worth a fifth more, and a fifth again each time the repeating doubles
    speed         posts in the last hour, of an author three at most, copies up to as many as there are distinct posts in all
    negative      share of negative posts among the distinct ones that are heard, 0 to 1
    risk          0 to 1
    spread        log2 of the sources it is told in (no more than authors) and log2 of the districts it names, added
    interactions  likes, comments and shares, halved likewise, of an author those of one post

All are as of the cluster's last post. Compared at the same moment and pace, one post or copy more never lowers it, wherever it
stands, but for a post that makes the whole less negative or less grave. How many see a post is not among what sources tell:
interactions stand for its reach.
"""

import math

from nlp.incidents.cluster import HOUR, Cluster
from nlp.incidents.voices import POST, Kind
from nlp.place_names import AREA


def heat(cluster: Cluster) -> float:
    """Heat as of the last post."""
    voices = cluster.voices.values()
    volume = cluster.distinct + sum(voice.distinct for voice in voices) / POST
    repeats = cluster.repeats + sum(voice.repeats for voice in voices) / POST
    interactions = cluster.interactions + sum(voice.interactions for voice in voices)
    copies = volume * math.log2(1 + repeats / volume) if volume > 0 else 0.0
    weight = 1 + 0.5 * negative_share(cluster) + cluster.risk + 0.1 * spread(cluster)
    return (volume + 0.2 * copies + 0.5 * speed(cluster)) * weight + math.log1p(max(0.0, interactions))


def speed(cluster: Cluster) -> float:
    """Posts in the hour before `touched`, of an author three; copies up to as many as there are distinct posts in all.

    What is in this clock hour, and the share of the one before that still reaches in.
    """
    clock, second = divmod(cluster.touched, HOUR)
    hour, share = int(clock), 1 - second / HOUR
    said, echoed = (by.get(hour, 0) + by.get(hour - 1, 0) * share for by in (cluster.hours, cluster.echoes))
    for voice in cluster.voices.values():
        said -= voice.beyond(hour, share, Kind.SAID)
        echoed -= voice.beyond(hour, share, Kind.ECHOED)
    return said + min(echoed, cluster.heard)


def spread(cluster: Cluster) -> float:
    """Doublings of the sources, of which an author is one at most, and of the districts; 0 for one of each."""
    districts = {code[:AREA] for code in cluster.places if len(code) >= AREA}
    sources = min(len(cluster.sources), cluster.authors)
    return math.log2(max(1, sources)) + math.log2(max(1, len(districts)))


def negative_share(cluster: Cluster) -> float:
    """Share of negative posts among the distinct ones that are heard."""
    return cluster.sentiment.get("negative", 0) / max(1, cluster.understood)
