"""Measures detection on five days of Weibo: `python -m bench.incidents --shared ../shared --out /tmp/incidents`.

Prepares the silver benchmark of `shared/tools/incident_eval.py` (once), replays its posts through the stages that make
and group them, and prints the tool's scores with speed and memory.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

from app.judgement import build_analyser, build_gazetteer
from app.offline import NoMemory
from core.records import AnalysedPost, RawPost
from core.settings import Settings
from nlp.analyse import analyse
from nlp.incidents.config import DetectorConfig
from nlp.incidents.detector import Detector
from nlp.prepare import Windows, prepare

DAYS = ",".join(f"2020-02-{day}" for day in range(14, 19))
BATCH = 500
JURISDICTION = "420000"


def batches(posts: Path) -> list[list[AnalysedPost]]:
    """Prepared and labelled posts, in the order of the file."""
    windows, analyser = Windows(), build_analyser(Settings(), build_gazetteer(Settings()))
    raws = []
    for line in posts.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        at = datetime.fromisoformat(row["at"])
        raws.append(
            RawPost(
                id=row["id"],
                source="bench",
                platform="weibo",
                at=at,
                seen_at=at,
                jurisdiction=JURISDICTION,
                text=row["text"],
            )
        )
    cut = (raws[start : start + BATCH] for start in range(0, len(raws), BATCH))
    return [analyse(prepare(batch, NoMemory(), windows).posts, analyser) for batch in cut]


def replay(given: list[list[AnalysedPost]], config: DetectorConfig, assignments: Path) -> str:
    """Run a fresh detector over the posts, write what it assigned, and say how it went."""
    detector = Detector(JURISDICTION, config)
    size = rows = told = 0
    began = time.process_time()
    assigned = []
    for batch in given:
        seen = detector.observe(batch)
        assigned += seen.assigned
        told += len(seen.incidents)
        rows += sum(row.value is not None for row in seen.rows)
        size += sum(len(row.value or b"") for row in seen.rows)
    took = time.process_time() - began
    with assignments.open("w", encoding="utf-8") as out:
        for one in assigned:
            line = {"id": one.post, "incident": one.incident, "known_at": one.known_at.isoformat()}
            out.write(json.dumps(line) + "\n")
    posts = sum(map(len, given))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return f"{posts / took:.0f} posts per CPU second, {told} updates, {size / max(1, rows):.0f} bytes a row, peak {peak:.0f} MB"


def main() -> None:
    """Prepare if need be, replay, score."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--similarity", type=float, default=DetectorConfig().similarity)
    given = parser.parse_args()
    tool = str(given.shared / "tools" / "incident_eval.py")
    stream = str(given.shared / "data" / "incidents" / "weibo_stream.csv.gz")
    if not (given.out / "posts.jsonl").exists():
        subprocess.run([sys.executable, tool, "prepare", stream, stream, str(given.out), "--days", DAYS], check=True)
    posts = batches(given.out / "posts.jsonl")
    print("raised incidents:", replay(posts, DetectorConfig(similarity=given.similarity), given.out / "raised.jsonl"))
    config = DetectorConfig(similarity=given.similarity, report_all=True)
    print("all clusters:", replay(posts, config, given.out / "all.jsonl"))
    for name in ("raised", "all"):
        scored = subprocess.run(
            [sys.executable, tool, "score", str(given.out), str(given.out / f"{name}.jsonl")],
            check=True,
            capture_output=True,
        )
        result = json.loads(scored.stdout)
        print(name, json.dumps(result["core_unique"]), "clusters a day:", result["clusters_per_day_10plus"])


if __name__ == "__main__":
    main()
