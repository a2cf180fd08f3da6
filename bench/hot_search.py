"""Which topics of the hot-search list reach the top ten within three hours, on a year of hourly lists.

    python -m bench.hot_search --shared ../shared

At every hour whose neighbours are there (missing hours are gaps, not silence) each topic that stands on the list below rank ten
is judged. Three ways to judge, each with the bar that gave the best F1 on the first half of the year, scored on the second:
the rank now (persistence), rank with its trend three hours on (Holt's exponential smoothing), and a logistic regression over
heat, its growth, whether the topic is new, its climb, its rank, whether it was in the top ten, and the hour of the day.
"""

import argparse
import math
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from nlp.training.data import rows

HOUR = timedelta(hours=1)
TOP = 10
AHEAD = 3
REMEMBERED = 6
LEVEL, TREND = 0.6, 0.4

Floats = npt.NDArray[np.float64]
List = dict[str, tuple[int, float]]
"""Rank and heat of each topic."""


class Judged(NamedTuple):
    """Topics at hours, with what each way makes of them, and whether they rose."""

    at: list[datetime]
    rank: Floats
    smoothed: Floats
    figures: Floats
    rose: npt.NDArray[np.bool_]


def lists(path: Path) -> dict[datetime, List]:
    """The list of each hour."""
    found: defaultdict[datetime, List] = defaultdict(dict)
    for row in rows(path):
        at = datetime.fromisoformat(row["date"]) + HOUR * int(row["hour"])
        found[at][row["title"]] = int(row["rank"]), float(row["hot"] or 0)
    return dict(sorted(found.items()))


def judged(hours: dict[datetime, List]) -> Judged:
    """All topics below the top, at each hour whose neighbours are there."""
    at, rank, smooth, figures, rose = [], [], [], [], []
    smoothed = _smoothed(hours)
    for now, topics in hours.items():
        ahead = [hours.get(now + HOUR * n) for n in range(1, AHEAD + 1)]
        before = [hours.get(now - HOUR * n, {}) for n in range(1, REMEMBERED + 1)]
        if None in ahead or not before[0] or len(topics) <= TOP:
            continue
        bar = sorted(heat for _, heat in topics.values())[-TOP]
        for title, (place, heat) in topics.items():
            if place <= TOP:
                continue
            at.append(now)
            rank.append(-float(place))
            smooth.append(smoothed[now, title])
            figures.append(_figures(place, heat, bar, [past.get(title) for past in before], now.hour))
            rose.append(any(later is not None and later.get(title, (TOP + 1, 0))[0] <= TOP for later in ahead))
    return Judged(at, np.array(rank), np.array(smooth), np.array(figures), np.array(rose))


def _figures(place: int, heat: float, bar: float, past: list[tuple[int, float] | None], hour: int) -> list[float]:
    last = past[0]
    turn = 2 * math.pi * hour / 24
    return [
        math.log(max(heat, 1) / max(bar, 1)),
        0.0 if last is None else math.log(max(heat, 1) / max(last[1], 1)),
        float(last is None),
        0.0 if last is None else (last[0] - place) / TOP,
        math.log(place),
        float(any(one is not None and one[0] <= TOP for one in past)),
        math.cos(turn),
        math.sin(turn),
    ]


def _smoothed(hours: dict[datetime, List]) -> dict[tuple[datetime, str], float]:
    """Minus the rank three hours on, by Holt's method; begun anew after a gap."""
    found: dict[tuple[datetime, str], float] = {}
    states: dict[str, tuple[float, float, datetime]] = {}
    for now, topics in hours.items():
        for title, (place, _) in topics.items():
            level, trend, at = states.get(title, (-float(place), 0.0, now))
            if now - at > AHEAD * HOUR:
                level, trend = -float(place), 0.0
            elif at != now:
                fresh = LEVEL * -place + (1 - LEVEL) * (level + trend)
                level, trend = fresh, TREND * (fresh - level) + (1 - TREND) * trend
            states[title] = level, trend, now
            found[now, title] = level + AHEAD * trend
    return found


def scored(score: Floats, rose: npt.NDArray[np.bool_], early: npt.NDArray[np.bool_]) -> tuple[float, float, float]:
    """Precision, recall and F1 on the later half, with the bar that was best on the earlier one."""
    order = np.argsort(-score[early])
    hits, number = np.cumsum(rose[early][order]), np.arange(1, early.sum() + 1)
    bar = score[early][order][np.argmax(2 * hits / (number + rose[early].sum()))]
    chosen, truth = score[~early] >= bar, rose[~early]
    both = float((chosen & truth).sum())
    precision, recall = both / max(1, chosen.sum()), both / max(1, truth.sum())
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    data = parser.parse_args().shared / "data" / "incidents" / "weibo_hot_search_hourly.csv.gz"
    found = judged(lists(data))
    middle = found.at[len(found.at) // 2]
    early = np.array([at < middle for at in found.at])
    model = LogisticRegression(max_iter=500).fit(found.figures[early], found.rose[early])
    print(f"{len(found.at)} topics at hours, {found.rose.mean():.1%} reach the top ten within three hours")
    print("| method | precision | recall | F1 |\n|---|---|---|---|")
    ways = {
        "rank now": found.rank,
        "Holt's smoothing of the rank": found.smoothed,
        "regression over heat and movement": model.decision_function(found.figures),
    }
    for name, score in ways.items():
        print(f"| {name} | {' | '.join(f'{value:.3f}' for value in scored(score, found.rose, early))} |")


if __name__ == "__main__":
    main()
