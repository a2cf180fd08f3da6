"""How often business as usual is told as silence, and how soon a source that stops is missed.

    python -m bench.silence --shared ../shared

Counts of the same hours of five weeks are drawn: Poisson, each week's level Gamma-distributed around the same. One silence a
day in two may be false, be it of one series or of twenty together. Then sources that stop at eight in the morning, with the
hours that people keep. Last, the letters to one city at their own times, through holidays: what would have been told.
"""

import argparse
import csv
import gzip
from collections import Counter
from datetime import datetime
from pathlib import Path

import numpy as np

from alerts.absence import absence, bar

Counts = np.ndarray[tuple[int, ...], np.dtype[np.int64]]

FALSE_A_DAY = 0.5
DRAWN = 20_000
WEEK_H, DAY_H = 168, 24
WINDOWS_H = (2, 6, 24)
STOPS_H = 8
SHAPE = np.array([0.2 if hour % DAY_H < 7 else 1.33 for hour in range(WEEK_H)])


def is_told(posts: int, before: list[int], watched: int) -> bool:
    """Whether that is a silence among so many series."""
    score = absence(posts, before).score
    return score > 0 and score >= bar(FALSE_A_DAY, watched)


def false_a_day(mean: float, varies: float, watched: int, chance: np.random.Generator) -> float:
    """Told a day of all series together, after each hour of each."""
    levels = chance.gamma(1 / varies, varies, (DRAWN, 5)) if varies else np.ones((DRAWN, 5))
    told = sum(is_told(int(now), [int(n) for n in before], watched) for now, *before in chance.poisson(mean * levels))
    return told / DRAWN * DAY_H * watched


def hours_late(per_day: float, window: int, watched: int, chance: np.random.Generator) -> int | None:
    """After how many hours a source that stopped is missed; None within three days: never."""
    hours = chance.poisson(np.tile(SHAPE, 6) * per_day / DAY_H)
    stops = 5 * WEEK_H + STOPS_H
    hours[stops:] = 0
    for end in range(stops + 1, stops + 3 * DAY_H):
        now, *before = (int(hours[end - back - window : end - back].sum()) for back in range(0, 5 * WEEK_H, WEEK_H))
        if is_told(now, before, watched):
            return end - stops
    return None


def letters(shared: Path) -> tuple[datetime, Counts]:
    """When 2019 began, and the letters of each of its hours."""
    with gzip.open(shared / "data" / "gov_messages" / "hot_issue_stream.csv.gz", "rt", encoding="utf-8") as file:
        times = [datetime.fromisoformat(row["time"]) for row in csv.DictReader(file)]
    first = datetime(2019, 1, 1, tzinfo=times[0].tzinfo)
    by_hour = Counter(int((at - first).total_seconds() // 3600) for at in times)
    return first, np.array([by_hour[hour] for hour in range(365 * DAY_H)])


def excess(hours: Counts) -> float:
    """The mean over days of (variance - mean) / mean² of the same day of four weeks."""
    days = hours.reshape(-1, DAY_H).sum(axis=1)
    weeks = np.stack([days[back : len(days) - 21 + back] for back in range(0, 28, 7)])
    means = weeks.mean(axis=0)
    return float(np.mean((weeks.var(axis=0, ddof=1) - means) / means**2))


def silences(first: datetime, hours: Counts, window: int) -> tuple[int, int, list[str]]:
    """Of the days with four weeks before, how many there are, how many silences begin on them, and when."""
    told, begun = False, []
    for end in range(4 * WEEK_H + window, len(hours) + 1):
        now, *before = (int(hours[end - back - window : end - back].sum()) for back in range(0, 5 * WEEK_H, WEEK_H))
        was, told = told, is_told(now, before, 1)
        if told and not was:
            begun.append(datetime.fromtimestamp(first.timestamp() + end * 3600, first.tzinfo).date().isoformat())
    return 365 - 28, len(begun), list(dict.fromkeys(begun))


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    given = parser.parse_args()
    chance = np.random.default_rng(1)
    print("| usual | weeks vary by | false a day, alone | of twenty |\n|---|---|---|---|")
    for mean in (5, 20, 80, 300):
        for varies in (0.0, 0.1, 0.2):
            rates = " | ".join(f"{false_a_day(mean, varies, watched, chance):.2f}" for watched in (1, 20))
            print(f"| {mean} | {varies**0.5:.0%} | {rates} |")
    print("\n| posts a day | window h | h until missed, alone | among twenty |\n|---|---|---|---|")
    for per_day in (10, 50, 200, 1000):
        for window in WINDOWS_H:
            late = [[hours_late(per_day, window, watched, chance) for _ in range(21)] for watched in (1, 20)]
            medians = (sorted(one, key=lambda hours: 999 if hours is None else hours)[10] for one in late)
            print(f"| {per_day} | {window} | {' | '.join('never' if one is None else str(one) for one in medians)} |")
    first, hours = letters(given.shared)
    print(f"\nletters: the same days of four weeks differ by a variance of {excess(hours):.2f} beside chance")
    for window in WINDOWS_H:
        days, begun, dates = silences(first, hours, window)
        print(f"\nletters, {window} h: {begun} begin on {days} days: {', '.join(dates) or '-'}")


if __name__ == "__main__":
    main()
