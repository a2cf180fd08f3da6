"""`make bench-incidents`: detection on five days of Weibo beside what others build, in one run.

    python -m bench.incidents --shared ../shared --out /tmp/incidents

Prepares the silver benchmark of `shared/tools/incident_eval.py` (once), replays its posts through the stages that make
and group them (labels by the fast tier, as when posts come faster than the encoder reads), and scores everybody on distinct
posts whose text shows their happening. Posts per second are of one core, without preparing and labelling.

`--hashtags 0.3` leaves the hashtags in three tenths of the posts, drawn by a seed. Happenings are labelled by their
hashtags, so this is no score: it shows that hashtags do no harm.
"""

import argparse
import hashlib
import importlib.util
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from msgspec.structs import replace

from app.judgement import build_analyser, build_gazetteer
from app.offline import NoMemory
from bench.incident_rivals import Put, Told, decayed_centroids, word_graph
from core.records import AnalysedPost, RawPost
from core.settings import Settings
from nlp.analyse import analyse
from nlp.incidents.config import DetectorConfig
from nlp.incidents.detector import Detector
from nlp.prepare import Windows, prepare

DAYS = ",".join(f"2020-02-{day}" for day in range(14, 19))
TOOL = Path("tools") / "incident_eval.py"
BATCH = 500
SHORTEST = 6
SEED = 5
JURISDICTION = "420000"
HEADING = "| method | in-day AMI | B-cubed P | R | F1 | found | delay h, median/p90 | clusters a day ≥ 10 | posts/s |"


def prepared(shared: Path, out: Path, days: str) -> Path:
    """The posts of some days, made by the tool unless they are there; their labels lie beside them."""
    stream = str(shared / "data" / "incidents" / "weibo_stream.csv.gz")
    out.mkdir(parents=True, exist_ok=True)
    if not (out / "posts.jsonl").exists():
        command = [sys.executable, str(shared / TOOL), "prepare", stream, stream, str(out), "--days", days]
        subprocess.run(command, check=True)
    return out / "posts.jsonl"


def core_labels(out: Path) -> dict[str, str]:
    """The happening of each post whose text shows it, the same text once."""
    found: dict[tuple[str, str], str] = {}
    for line in (out / "labels.jsonl").read_text(encoding="utf-8").splitlines():
        label = json.loads(line)
        if label["core"]:
            found.setdefault((label["incident"], label["text"]), label["id"])
    return {id_: happening for (happening, _), id_ in found.items()}


def microblog(id_: str, at: datetime, text: str, author: str | None = None) -> RawPost:
    """A post as a crawler would have it."""
    return RawPost(
        id=id_,
        source="bench",
        platform="weibo",
        at=at,
        seen_at=at,
        jurisdiction=JURISDICTION,
        text=text,
        author=author,
    )


def told(posts: Path) -> list[RawPost]:
    """The posts of a prepared file, in its order."""
    rows = map(json.loads, posts.read_text(encoding="utf-8").splitlines())
    return [microblog(row["id"], datetime.fromisoformat(row["at"]), row["text"]) for row in rows]


def batches(posts: Path) -> list[list[AnalysedPost]]:
    """Prepared and labelled posts, in the order of the file."""
    return labelled(told(posts))


def tagged(posts: list[RawPost], shared: Path, days: str, share: float) -> list[RawPost]:
    """The posts, some as they were before the tool took their hashtags out."""
    spec = importlib.util.spec_from_file_location("incident_eval", shared / TOOL)
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    chosen, whole = set(days.split(",")), []
    rows = (row for row in tool.read(shared / "data" / "incidents" / "weibo_stream.csv.gz") if row["date"] in chosen)
    for number, row in enumerate(rows):
        bare = tool.strip(row["text"])
        if len(tool.letters(bare)) >= SHORTEST:  # as the tool does, in its order
            whole.append((row["date"], hashlib.sha1(f"{number}|{bare}".encode()).hexdigest(), bare, row["text"]))
    whole.sort(key=lambda one: one[:2])
    assert [one[2] for one in whole] == [post.text for post in posts], (
        "the tool prepares posts in another way than this expects"
    )
    chance = random.Random(SEED)
    return [
        replace(post, text=text) if chance.random() < share else post
        for post, (*_, text) in zip(posts, whole, strict=True)
    ]


def labelled(raws: list[RawPost]) -> list[list[AnalysedPost]]:
    """The posts as the pipeline has them before detection, by the fast tier, in batches."""
    chosen = Settings(encoder="off")
    windows, analyser = Windows(), build_analyser(chosen, build_gazetteer(chosen))
    cut = (raws[start : start + BATCH] for start in range(0, len(raws), BATCH))
    return [analyse(prepare(batch, NoMemory(), windows).posts, analyser) for batch in cut]


def replay(given: list[list[AnalysedPost]], config: DetectorConfig, assignments: Path) -> float:
    """Run a fresh detector over the posts and write what it assigned; posts per CPU second."""
    detector = Detector(JURISDICTION, config)
    began = time.process_time()
    assigned = [one for batch in given for one in detector.observe(batch).assigned]
    took = time.process_time() - began
    write(assignments, [(one.post, one.incident, one.known_at) for one in assigned])
    return sum(map(len, given)) / took


def rival(group: Callable[[Sequence[Told]], list[Put]], posts: Sequence[Told], assignments: Path) -> float:
    """Run another's detector likewise."""
    began = time.process_time()
    found = group(posts)
    took = time.process_time() - began
    write(assignments, [(one.id, str(one.cluster), one.known_at) for one in found])
    return len(posts) / took


def write(assignments: Path, rows: Sequence[tuple[str, str | None, datetime]]) -> None:
    """As the tool reads them; the last line of a post holds."""
    lines = (json.dumps({"id": id_, "incident": to, "known_at": at.isoformat()}) + "\n" for id_, to, at in rows)
    with assignments.open("w", encoding="utf-8") as out:
        out.writelines(lines)


def row(name: str, tool: str, out: Path, speed: float) -> str:
    """A line of the table, scored by the tool."""
    command = [sys.executable, tool, "score", str(out), str(out / f"{name}.jsonl")]
    result = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    core = result["core_unique"]
    figures = " | ".join(f"{core[key]:.3f}" for key in ("AMI_in_day", "B3_P", "B3_R", "B3_F1", "found"))
    delay = f"{core['delay_h_median']} / {core['delay_h_p90']}"
    return f"| {name} | {figures} | {delay} | {result['clusters_per_day_10plus']} | {speed:.0f} |"


def main() -> None:
    """Prepare if need be, replay, score."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--days", default=DAYS)
    parser.add_argument("--hashtags", type=float, default=0.0, help="share of the posts that keep theirs")
    given = parser.parse_args()
    raws = told(prepared(given.shared, given.out, given.days))
    if given.hashtags:
        raws = tagged(raws, given.shared, given.days, given.hashtags)
    posts = labelled(raws)
    zone = datetime.fromisoformat(f"{given.days[:10]}T00:00:00+08:00").tzinfo
    read = [Told(one.id, one.at.astimezone(zone), one.group or one.id, one.search) for part in posts for one in part]
    speeds = {
        "decayed centroids": rival(decayed_centroids, read, given.out / "decayed centroids.jsonl"),
        "word graph per day": rival(word_graph, read, given.out / "word graph per day.jsonl"),
        "huiying, every cluster": replay(
            posts, DetectorConfig(report_all=True), given.out / "huiying, every cluster.jsonl"
        ),
        "huiying, raised": replay(posts, DetectorConfig(), given.out / "huiying, raised.jsonl"),
    }
    print(HEADING)
    print("|---" * (HEADING.count("|") - 1) + "|")
    for name, speed in speeds.items():
        print(row(name, str(given.shared / TOOL), given.out, speed), flush=True)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB, with all posts and models")


if __name__ == "__main__":
    main()
