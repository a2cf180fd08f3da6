"""What may be set about detection."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DetectorConfig:
    """Defaults fit a fast microblog stream and a mailbox of ten letters a day alike.

    similarity      cosine to a centroid from which a post joins it
    half_life_posts a matter's memory halves while the jurisdiction gets that many posts ...
    half_life_h     ... but not faster than this, nor slower than `half_life_max_h` (hours)
    window          half-lives without a post after which a cluster is closed
    max_clusters    open clusters; beyond that the longest silent is closed
    min_posts       distinct posts for an incident, by at least `min_authors` authors, if one of the next holds:
    risk_score        risk of the cluster,
    sharp_burst_score -log10 of the chance that it is business as usual,
                    or if it is a matter for the government at all (`Cluster.is_of_concern`), one of these:
    volume_posts      that many distinct posts,
    burst_score       a lesser burst,
    spread_sources    that many sources
    grave_risk      risk of the cluster from which two distinct posts are enough
    report_all      every post is assigned to its cluster at once, raised or not (for measuring the grouping)
    """

    similarity: float = 0.22
    half_life_posts: int = 500
    half_life_h: float = 24.0
    half_life_max_h: float = 60 * 24.0
    window: float = 3.0
    max_clusters: int = 10_000
    min_posts: int = 4
    min_authors: int = 2
    volume_posts: int = 6
    burst_score: float = 3.0
    sharp_burst_score: float = 6.0
    risk_score: float = 0.5
    spread_sources: int = 3
    grave_risk: float = 0.8
    report_all: bool = False
