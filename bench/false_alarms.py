"""How many incidents a day the detector raises where nothing happens, by reason, for several bars.

    python -m bench.false_alarms --shared ../shared --posts 20000 --weeks 4

Two streams whose posts are real and whose times are drawn: microblogs of people's moods over some weeks, and letters to one
city over the months that they came in. Nights are quiet, weekends are loud. Each text is by somebody else. What is said of one
matter several times over is still said, so that volume and risk may be right; but no hour and no day has more of anything than
others: every burst and every rise is false.
"""

import argparse
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from bench.hot_issues import letters
from bench.incidents import BATCH, JURISDICTION, microblog
from bench.incidents import labelled as in_batches
from core.records import AnalysedPost, Incident
from nlp.incidents.config import DetectorConfig
from nlp.incidents.detector import Detector
from nlp.training.data import ordinary

BARS = (0.1, 0.5, 5.0)
BEGINS = datetime(2026, 3, 2, tzinfo=UTC)
DAY_H = 24
NIGHT_H = range(15, 23)  # 23:00 to 7:00 in China
QUIET, LOUD = 0.2, 1.4
YOUNG_D = 7
"""Before that every topic is new."""


class Raised(NamedTuple):
    """What was raised of a stream, each as it was then, over so many days."""

    days: float
    incidents: list[Incident]

    def told(self, from_day: float, to_day: float) -> str:
        """How many a day, and how many of them had each reason."""
        since, until = BEGINS + timedelta(days=from_day), BEGINS + timedelta(days=to_day)
        chosen = [one for one in self.incidents if since <= one.raised_at < until]
        why = Counter(reason.code for one in chosen for reason in one.reasons)
        days = to_day - from_day
        each = ", ".join(f"{code} {count / days:.2f}" for code, count in sorted(why.items()))
        return f"{len(chosen) / days:.2f} ({each or '-'})"


def moments(count: int, days: int, chance: random.Random) -> list[datetime]:
    """So many times, in order, drawn over the days with the hours of the day and the days of the week that people keep."""
    hours = range(days * DAY_H)
    weights = [(QUIET if hour % DAY_H in NIGHT_H else 1.0) * (LOUD if hour // DAY_H % 7 > 4 else 1.0) for hour in hours]
    drawn = sorted(hour + chance.random() for hour in chance.choices(hours, weights, k=count))
    return [BEGINS + timedelta(hours=hour) for hour in drawn]


def labelled(texts: Sequence[str], days: int, chance: random.Random) -> list[AnalysedPost]:
    """The texts in another order at drawn times, as the pipeline has them before detection."""
    mixed = chance.sample(texts, len(texts))
    times = moments(len(mixed), days, chance)
    raws = [microblog(str(n), at, text, str(n)) for n, (text, at) in enumerate(zip(mixed, times, strict=True))]
    return [post for batch in in_batches(raws) for post in batch]


def raised(posts: Sequence[AnalysedPost], days: int, config: DetectorConfig) -> Raised:
    """Every incident as it was when it was raised."""
    detector, first = Detector(JURISDICTION, config), dict[str, Incident]()
    for start in range(0, len(posts), BATCH):
        for one in detector.observe(posts[start : start + BATCH]).told:
            first.setdefault(one.id, one)
    return Raised(days, list(first.values()))


def streams(shared: Path, posts: int, weeks: int) -> Iterator[tuple[str, list[AnalysedPost], int]]:
    """Name, posts and days of each."""
    moods = [example.text for example in ordinary(shared / "data", posts)]
    yield "moods", labelled(moods, 7 * weeks, random.Random(1)), 7 * weeks
    told = letters(shared)
    span = datetime.fromisoformat(str(told[-1]["at"])) - datetime.fromisoformat(str(told[0]["at"]))
    mail = [f"{letter['title']}\n{letter['text']}" for letter in told]
    yield "letters", labelled(mail, span.days, random.Random(2)), span.days


def main() -> None:
    """Label once, replay for each bar, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--posts", type=int, default=20_000)
    parser.add_argument("--weeks", type=int, default=4)
    given = parser.parse_args()
    print(f"| stream | posts a day | bar | raised a day in the first {YOUNG_D} days | later |\n|---|---|---|---|---|")
    for name, posts, days in streams(given.shared, given.posts, given.weeks):
        for bar in BARS:
            found = raised(posts, days, DetectorConfig(false_a_day=bar))
            young, old = found.told(0, YOUNG_D), found.told(YOUNG_D, days)
            print(f"| {name} | {len(posts) / days:.0f} | {bar} | {young} | {old} |", flush=True)


if __name__ == "__main__":
    main()
