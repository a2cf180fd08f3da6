"""Fits the shape of a week that a jurisdiction begins with: `python -m nlp.training.weeks --shared ../shared`.

The mean of two streams of the same weight: letters to governments, and comments on 70 happenings (each hour of a happening on a
platform once, as a hot one would be most of all). Of each the hours of the day and the days of the week, smoothed by a post
an hour; an hour of the week is their product.
"""

import argparse
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from nlp.incidents.pace import SHIPPED
from nlp.training.data import rows

CHINA = timezone(timedelta(hours=8))
DAY_H, WEEK_D = 24, 7


def letters(data: Path) -> list[datetime]:
    """When the letters came."""
    path = data / "gov_messages" / "replies.csv.gz"
    return [datetime.strptime(row["time"], "%Y/%m/%d %H:%M:%S").replace(tzinfo=CHINA) for row in rows(path)]


def comments(data: Path) -> list[datetime]:
    """The hours of each happening on each platform in which it was spoken of."""
    path = data / "incidents" / "comments_by_incident.csv.gz"
    spoken = {
        (row["incident"], row["platform"], row["timestamp"].split(":")[0]) for row in rows(path) if row["timestamp"]
    }
    return [datetime.strptime(hour, "%Y/%m/%d %H").replace(tzinfo=CHINA) for _, _, hour in spoken]


def week(times: Iterable[datetime]) -> list[float]:
    """Posts in each hour of the week (from Thursday 0:00 UTC), 1 being those of the mean hour."""
    hours, days = [1.0] * DAY_H, [float(DAY_H)] * WEEK_D
    for at in times:
        since = at.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
        hours[since.seconds // 3600] += 1
        # People's days begin at midnight, not at 8.
        days[(since + timedelta(hours=8)).days % WEEK_D] += 1
    product = [hours[hour % DAY_H] * days[(hour + 8) // DAY_H % WEEK_D] for hour in range(WEEK_D * DAY_H)]
    mean = sum(product) / len(product)
    return [one / mean for one in product]


def main() -> None:
    """Fit and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    data = parser.parse_args().shared / "data"
    fitted = [week(letters(data)), week(comments(data))]
    shape = [round(sum(of_hour) / len(of_hour), 3) for of_hour in zip(*fitted, strict=True)]
    SHIPPED.write_text(json.dumps(shape) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
