"""Whether the detector's memory and cost stay flat over millions of posts.

    python -m bench.flat --shared ../shared --posts 5000000

The real posts of 41 days of Weibo, in hash order within a day, again and again, each round 41 days later and with other ids.
They are labelled once, into a file. Prints a line every hundred thousand posts.
"""

import argparse
import resource
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from app.judgement import build_analyser, build_gazetteer
from app.offline import NoMemory
from bench.beds import digest
from bench.incidents import BATCH, JURISDICTION, microblog
from core.codec import decode, encode
from core.records import AnalysedPost, RawPost
from core.settings import Settings
from nlp.analyse import analyse
from nlp.cleaning import clean
from nlp.incidents.config import DetectorConfig
from nlp.incidents.detector import Detector
from nlp.prepare import Windows, prepare
from nlp.training.data import rows

ROUND = timedelta(days=41)
DAY = timedelta(days=1)
LINE = 100_000


def raws(path: Path, most: int) -> list[RawPost]:
    """The posts of the stream, spread evenly over their day in hash order."""
    told = [(row["date"], text) for row in rows(path) if (text := clean(row["text"]))][:most]
    told.sort(key=lambda one: (one[0], digest(one[1])))
    of_day: dict[str, int] = {}
    for date, _ in told:
        of_day[date] = of_day.get(date, 0) + 1
    posts, begun = [], dict.fromkeys(of_day, 0)
    for number, (date, text) in enumerate(told):
        at = datetime.fromisoformat(date).replace(tzinfo=UTC) + DAY * begun[date] / of_day[date]
        begun[date] += 1
        posts.append(microblog(str(number), at, text, str(number % 50_000)))
    return posts


def stored(posts: list[RawPost], path: Path) -> int:
    """Prepare and label them once, into a file: in memory they would be most of what is measured. How many there are."""
    chosen, count = Settings(encoder="off"), 0
    windows, analyser = Windows(), build_analyser(chosen, build_gazetteer(chosen))
    with path.open("wb") as out:
        for start in range(0, len(posts), BATCH):
            batch = analyse(prepare(posts[start : start + BATCH], NoMemory(), windows).posts, analyser)
            out.writelines(encode(post) + b"\n" for post in batch)
            count += len(batch)
    return count


def rounds(path: Path, count: int) -> Iterator[list[AnalysedPost]]:
    """`count` posts in batches, from the file again and again."""
    batch: list[AnalysedPost] = []
    given = number = 0
    while given < count:
        with path.open("rb") as lines:
            for line in lines:
                post = decode(line, AnalysedPost)
                group = f"{number}-{post.group}"
                batch.append(replace(post, id=f"{number}-{post.id}", group=group, at=post.at + ROUND * number))
                given += 1
                if len(batch) == BATCH or given == count:
                    yield batch
                    batch = []
                if given == count:
                    return
        number += 1


def resident_mb() -> float:
    """What this process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def main() -> None:
    """Label, then replay, printing as it goes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--posts", type=int, default=5_000_000)
    parser.add_argument("--real", type=int, default=500_000, help="real posts to begin from")
    parser.add_argument("--file", type=Path, default=Path("/tmp/huiying-flat.jsonl"))
    given = parser.parse_args()
    if not given.file.exists():
        stream = given.shared / "data" / "incidents" / "weibo_stream.csv.gz"
        print(f"{stored(raws(stream, given.real), given.file)} real posts labelled", flush=True)
    detector, rows = Detector(JURISDICTION, DetectorConfig()), dict[str, int]()
    seen, spent = 0, 0.0
    print("| posts | µs of CPU a post | resident MB | rows of state | MB of them |\n|---|---|---|---|---|")
    for batch in rounds(given.file, given.posts):
        began = time.process_time()
        observed = detector.observe(batch)
        spent += time.process_time() - began
        for row in observed.rows:
            if row.value is None:
                rows.pop(row.key, None)
            else:
                rows[row.key] = len(row.value)
        seen += len(batch)
        if seen % LINE < BATCH:
            print(
                f"| {seen} | {1e6 * spent / LINE:.0f} | {resident_mb():.0f} | {len(rows)} | {sum(rows.values()) / 1e6:.1f} |",
                flush=True,
            )
            spent = 0.0


if __name__ == "__main__":
    main()
