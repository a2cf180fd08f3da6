"""Two more streams of real posts for the detector, as it is: comments on 70 happenings, and tweets of 18 crises.

    python -m bench.beds --shared ../shared

Comments are given in the order of their minutes, all happenings mixed; few of them name their happening. Tweets have no times:
they are given in hash order, evenly over a day. A happening counts as seen once an incident was raised half of whose posts are
its own, ten at least. How late is from its first post to that incident's being raised.
"""

import argparse
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import NamedTuple

from sklearn.metrics import adjusted_mutual_info_score

from app.judgement import build_analyser, build_gazetteer
from app.offline import NoMemory
from bench.incidents import BATCH, JURISDICTION
from bench.report import percentile
from core.records import AnalysedPost, RawPost
from core.settings import Settings
from nlp.analyse import analyse
from nlp.cleaning import clean
from nlp.incidents.config import DetectorConfig
from nlp.incidents.detector import Detector
from nlp.prepare import Windows, prepare
from nlp.training.data import rows

CHINA = timedelta(hours=8)
DAY = timedelta(days=1)
CRISES_BEGIN = datetime(2013, 11, 1, tzinfo=UTC)
LEAST_POSTS = 10
PURE = 0.5
SLOWEST = 0.9


class Told(NamedTuple):
    """A post, and the happening that it is of."""

    happening: str
    platform: str
    at: datetime
    text: str


class Seen(NamedTuple):
    """`late` in hours, of each happening that was seen."""

    happenings: int
    late: list[float]
    incidents: int
    pure: int
    in_incidents: float
    ami: float


def comments(data: Path) -> list[Told]:
    """Comments of four platforms, by their minute."""
    told = [
        Told(
            row["incident"],
            row["platform"],
            datetime.strptime(row["timestamp"], "%Y/%m/%d %H:%M").replace(tzinfo=UTC) - CHINA,
            row["content"],
        )
        for row in rows(data / "incidents" / "comments_by_incident.csv.gz")
    ]
    return sorted(told, key=lambda one: (one.at, digest(one.text)))


def crises(data: Path) -> list[Told]:
    """Tweets that speak of their crisis, in hash order over a day."""
    kept = [
        (row["event"], row["Tweet Text"])
        for row in rows(data / "incidents" / "crisis_tweets.csv.gz")
        if row["event"] and (row["Informativeness"] or "").startswith("Related")
    ]
    kept.sort(key=lambda row: digest(row[1]))
    return [Told(event, "twitter", CRISES_BEGIN + DAY * n / len(kept), text) for n, (event, text) in enumerate(kept)]


def digest(text: str) -> str:
    """For an order that has nothing to do with what is told."""
    return hashlib.sha256(text.encode()).hexdigest()


def understood(told: Sequence[Told]) -> Iterator[list[AnalysedPost]]:
    """Batches of prepared and labelled posts; the id is the number of the line."""
    chosen = Settings(encoder="off")
    windows, analyser = Windows(), build_analyser(chosen, build_gazetteer(chosen))
    for start in range(0, len(told), BATCH):
        raws = [
            RawPost(
                id=str(start + n),
                source=one.platform,
                platform=one.platform,
                at=one.at,
                seen_at=one.at,
                jurisdiction=JURISDICTION,
                text=text,
            )
            for n, one in enumerate(told[start : start + BATCH])
            if (text := clean(one.text))
        ]
        yield analyse(prepare(raws, NoMemory(), windows).posts, analyser)


def seen(told: Sequence[Told]) -> Seen:
    """What the detector makes of them."""
    detector = Detector(JURISDICTION, DetectorConfig())
    where: dict[str, str | None] = {}
    raised: dict[str, datetime] = {}
    for batch in understood(told):
        observed = detector.observe(batch)
        where |= {one.post: one.incident for one in observed.assigned}
        for one in observed.told:
            raised.setdefault(one.id, one.raised_at)
    within: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for id_, incident in where.items():
        if incident is not None:
            within[incident][told[int(id_)].happening] += 1
    first: dict[str, datetime] = {}
    for post in told:
        first.setdefault(post.happening, post.at)
    of = {id_: found.most_common(1)[0] for id_, found in within.items()}
    pure = {id_: name for id_, (name, own) in of.items() if own >= LEAST_POSTS and own >= PURE * within[id_].total()}
    late: dict[str, float] = {}
    for id_, name in pure.items():
        hours = (raised[id_] - first[name]) / timedelta(hours=1)
        late[name] = min(hours, late.get(name, hours))
    placed = [(told[int(id_)].happening, incident) for id_, incident in where.items() if incident is not None]
    return Seen(
        happenings=len(first),
        late=sorted(max(0.0, hours) for hours in late.values()),
        incidents=sum(1 for found in within.values() if found.total() >= LEAST_POSTS),
        pure=len(pure),
        in_incidents=len(placed) / len(told),
        ami=adjusted_mutual_info_score(*zip(*placed, strict=True)) if placed else 0.0,
    )


def main() -> None:
    """Print a line for each stream."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    data = parser.parse_args().shared / "data"
    print("| stream | posts | seen | h late, median / p90 | incidents | half of one | posts in any | AMI of those |")
    print("|---" * 8 + "|")
    for name, told in (("comments", comments(data)), ("crises", crises(data))):
        found = seen(told)
        delay = f"{median(found.late):.1f} / {percentile(found.late, SLOWEST):.1f}" if found.late else "-"
        print(
            f"| {name} | {len(told)} | {len(found.late)} of {found.happenings} | {delay} | {found.incidents} | {found.pure} |"
            f" {found.in_incidents:.0%} | {found.ami:.3f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
