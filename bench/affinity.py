"""Fits `nlp.incidents.affinity.WEIGHTS`: which clusters of posts share a hashtag, on days that the benchmark does not have.

    python -m bench.affinity --shared ../shared --out /tmp/affinity

Each group of days is prepared as `bench.incidents` prepares its own (hashtags taken out, hash order within a day) and shown
to a detector whose clusters stay apart. Whenever it would compare clusters, the figures are kept; two clusters count as one
happening if most of what is labelled in each bears the same happening's hashtags. Prints weights, and how well those of the
other groups rank the pairs of each.
"""

import argparse
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from bench.incidents import JURISDICTION, batches, core_labels, prepared
from nlp.incidents.affinity import Weights, figures
from nlp.incidents.cluster import Cluster
from nlp.incidents.config import DetectorConfig
from nlp.incidents.detector import Detector
from nlp.incidents.happenings import Happening

GROUPS: tuple[tuple[str, ...], ...] = (
    ("2020-02-09", "2020-02-10", "2020-02-12", "2020-02-13"),
    ("2020-02-29", "2020-03-01", "2020-03-02", "2020-03-03", "2020-03-04"),
    ("2020-03-05", "2020-03-06", "2020-03-07", "2020-03-08", "2020-03-09"),
    ("2020-03-10", "2020-03-11", "2020-03-12", "2020-03-13", "2020-03-14"),
    ("2020-03-16", "2020-03-17", "2020-03-18", "2020-03-19", "2020-03-20"),
)
MOST = 0.6
"""Share of a cluster's labelled posts that must be of one happening."""
C = 0.1

Pair = tuple[str, str, tuple[float, float, float, float]]


class Apart(Detector):
    """Compares clusters when a detector would, and leaves them as they are."""

    pairs: list[Pair]

    def _regrouped(self, cluster: Cluster, half_life: float) -> Happening:
        for other in self._grouping.kin(cluster):
            found = figures(cluster, other)
            if found is not None:
                self.pairs.append((cluster.id, other.id, found))
        return self._happenings.of(cluster)

    def _merged(self, happening: Happening, cluster: Cluster) -> Happening:
        return happening


def pairs_of(shared: Path, out: Path, days: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Figures of the pairs whose clusters both have a happening, and whether it is the same."""
    detector = Apart(JURISDICTION, DetectorConfig(report_all=True))
    detector.pairs = []
    placed: dict[str, str | None] = {}
    for batch in batches(prepared(shared, out / days[0], ",".join(days))):
        placed |= {one.post: one.incident for one in detector.observe(batch).assigned}
    happenings: dict[str | None, Counter[str]] = defaultdict(Counter)
    for post, happening in core_labels(out / days[0]).items():
        happenings[placed.get(post)][happening] += 1
    of = {
        cluster: found.most_common(1)[0][0]
        for cluster, found in happenings.items()
        if found.most_common(1)[0][1] >= MOST * found.total()
    }
    known = [(found, of[one] == of[other]) for one, other, found in detector.pairs if one in of and other in of]
    return np.array([found for found, _ in known]), np.array([same for _, same in known])


def fitted(groups: Sequence[tuple[np.ndarray, np.ndarray]]) -> Weights:
    """The regression's weights in the figures' own units."""
    figures_, same = (np.concatenate(part) for part in zip(*groups, strict=True))
    model = make_pipeline(StandardScaler(), LogisticRegression(C=C, max_iter=2000)).fit(figures_, same)
    scaler, regression = model[0], model[-1]
    weights = regression.coef_[0] / scaler.scale_
    bias = regression.intercept_[0] - float(weights @ scaler.mean_)
    return Weights(*(round(float(value), 3) for value in (*weights, bias)))


def ranked(weights: Weights, group: tuple[np.ndarray, np.ndarray]) -> float:
    """Average precision of a group's pairs by these weights."""
    values = np.array([weights.words, weights.hours, weights.fewer, weights.more])
    return float(average_precision_score(group[1], group[0] @ values))


def main() -> None:
    """Fit on all groups; print, for each, how those fitted on the others rank it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    groups = []
    for days in GROUPS:
        groups.append(pairs_of(given.shared, given.out, days))
        print(
            f"{days[0]} to {days[-1]}: {len(groups[-1][1])} pairs, {groups[-1][1].mean():.0%} of one happening",
            flush=True,
        )
    for number, days in enumerate(GROUPS):
        others = fitted([group for n, group in enumerate(groups) if n != number])
        print(f"{days[0]}: average precision {ranked(others, groups[number]):.3f} by the others' weights")
    print(fitted(groups))


if __name__ == "__main__":
    main()
