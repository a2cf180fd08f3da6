"""How far posts that come late change which incidents are found in the bundled sample.

    python -m bench.lateness

Scored are the posts that are in an incident with others in either run, against the order of the posts' own times; beside it
what would be scored by a detector that finds nothing, and by one that puts everything into one incident. The test that holds
the least of these is tests/unit/nlp/test_incidents_lateness.py.
"""

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from random import Random

from app.sample.playback import load_sample
from bench.hot_issues import SAMPLE_ENDS, understood
from core.records import JURISDICTION_SAMPLE, AnalysedPost
from core.settings import Settings
from nlp.incidents.config import DetectorConfig
from nlp.incidents.detector import Detector

SHARE = 0.1
HOURS = (1, 6, 24, 48)

Places = Mapping[str, str | None]
"""The incident of each post; of those in none, None."""


def sample() -> list[AnalysedPost]:
    """The posts of the sample with the labels of the fast tier, in the order of their times."""
    return understood(load_sample(SAMPLE_ENDS), JURISDICTION_SAMPLE, Settings(encoder="off"))


def placed(posts: Sequence[AnalysedPost]) -> Places:
    """Where a fresh detector puts posts that come in this order."""
    return {one.post: one.incident for one in Detector(JURISDICTION_SAMPLE, DetectorConfig()).observe(posts).assigned}


def late(posts: Sequence[AnalysedPost], hours: float, chance: Random) -> list[AnalysedPost]:
    """The posts as they come when a tenth of them is late by up to so many hours."""
    seen = {post.id: post.at + timedelta(hours=hours * chance.random() * (chance.random() < SHARE)) for post in posts}
    return sorted(posts, key=lambda post: (seen[post.id], post.id))


def agreement(one: Places, other: Places) -> float:
    """B-cubed F1 of two groupings (Bagga and Baldwin 1998) over the posts that are with others in either.

    What is in no incident is by itself: without those that are by themselves in both, everyday talk would score most.
    """
    pairs = [(one.get(id_) or id_, other.get(id_) or id_) for id_ in one.keys() | other.keys()]
    both, mine, theirs = Counter(pairs), Counter(here for here, _ in pairs), Counter(there for _, there in pairs)
    scored = {pair: posts for pair, posts in both.items() if mine[pair[0]] > 1 or theirs[pair[1]] > 1}
    precision = sum(posts * posts / theirs[there] for (_, there), posts in scored.items()) / sum(scored.values())
    recall = sum(posts * posts / mine[here] for (here, _), posts in scored.items()) / sum(scored.values())
    return 2 * precision * recall / (precision + recall)


def main() -> None:
    """A row for each lateness."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=5)
    given = parser.parse_args()
    posts = sample()
    usual = placed(posts)
    one = dict.fromkeys([post.id for post in posts], "one")
    print(f"nothing found: {agreement(usual, {}):.3f}; all in one incident: {agreement(usual, one):.3f}")
    print("| a tenth late by up to, h | F1, least | mean | most |")
    print("|---|---|---|---|")
    for hours in HOURS:
        drawn = [agreement(usual, placed(late(posts, hours, Random(seed)))) for seed in range(given.draws)]
        print(f"| {hours} | {min(drawn):.3f} | {sum(drawn) / len(drawn):.3f} | {max(drawn):.3f} |", flush=True)


if __name__ == "__main__":
    main()
