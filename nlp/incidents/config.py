"""What may be set about detection."""

import math
from dataclasses import dataclass

from nlp.incidents.burst import LEAST_SCORE, WINDOWS_H
from nlp.incidents.rising import LEAST_RISE


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
    sharp           orders of magnitude by which a burst of the last hours is rarer than `false_a_day` asks,
                    or if it is a matter for the government at all (`Cluster.is_of_concern`), one of these:
    volume_posts      that many distinct posts,
    false_a_day       a burst or a slow rise so rare that business as usual makes at most that many a day,
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
    false_a_day: float = 0.5
    sharp: float = 3.0
    risk_score: float = 0.5
    spread_sources: int = 3
    grave_risk: float = 0.8
    report_all: bool = False

    def burst_score(self, per_day: float) -> float:
        """From which score on a burst is one, where that many posts a day are usual; more than `_bar` for a small mailbox."""
        return max(LEAST_SCORE, self._bar(per_day))

    def rising_score(self, per_day: float) -> float:
        """The same of a slow rise."""
        return max(LEAST_RISE, self._bar(per_day))

    def _bar(self, per_day: float) -> float:
        """Every post puts one incident to the test in each window, and whether it rises.

        By the union bound, tests that each err with a chance of p make at most tests times p false incidents.
        """
        return math.log10(max(1.0, per_day) * (len(WINDOWS_H) + 1) / self.false_a_day)
