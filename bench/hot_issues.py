"""Prints the hottest incidents of the bundled sample, or of a replayed mailbox, to be read and judged.

    python -m bench.hot_issues sample
    python -m bench.hot_issues mailbox --shared ../shared

The verdicts are in docs/incidents.md. The letters are of real people: what is printed is for reading, not for keeping.
"""

import argparse
import csv
import gzip
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from app.judgement import build_analyser, build_gazetteer
from app.offline import NoMemory
from app.sample.playback import load_sample
from core.errors import Refused
from core.records import JURISDICTION_SAMPLE, AnalysedPost, Incident
from core.settings import Settings
from nlp.admission import Admission, admit
from nlp.analyse import analyse
from nlp.incidents.config import DetectorConfig
from nlp.incidents.detector import Detector
from nlp.prepare import Windows, prepare

BATCH = 500
MAILBOX = "430100"
SAMPLE_ENDS = datetime.fromisoformat("2026-06-02T21:30:00+08:00")


def letters(shared: Path) -> list[dict[str, object]]:
    """The mailbox in time order, as items of the push API."""
    path = shared / "data" / "gov_messages" / "hot_issue_stream.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        rows = sorted(csv.DictReader(lines), key=lambda row: row["time"])
    return [
        {"id": row["id"], "title": row["title"], "text": row["body"], "at": row["time"], "author": row["user"]}
        for row in rows
    ]


def understood(
    items: Sequence[Mapping[str, object]], jurisdiction: str, chosen: Settings | None = None
) -> list[AnalysedPost]:
    """The items as the pipeline has them before detection; those that are refused are left out."""
    chosen = chosen or Settings()
    now = datetime.fromisoformat(str(items[-1]["at"]))
    rules = Admission(jurisdiction=jurisdiction, salt="bench", now=now, origin="bench", source="bench")
    analyser, windows = build_analyser(chosen, build_gazetteer(chosen)), Windows()
    posts: list[AnalysedPost] = []
    for start in range(0, len(items), BATCH):
        admitted = []
        for item in items[start : start + BATCH]:
            try:
                admitted.append(admit(item, rules))
            except Refused:
                continue
        posts += analyse(prepare(admitted, NoMemory(), windows).posts, analyser)
    return posts


def incidents(posts: Sequence[AnalysedPost], jurisdiction: str) -> tuple[list[Incident], dict[str, str | None]]:
    """Every incident as it was last told, hottest first, merged ones left out; and where each post is."""
    detector = Detector(jurisdiction, DetectorConfig())
    told: dict[str, Incident] = {}
    where: dict[str, str | None] = {}
    for start in range(0, len(posts), BATCH):
        seen = detector.observe(posts[start : start + BATCH])
        told |= {incident.id: incident for incident in seen.incidents}
        where |= {one.post: one.incident for one in seen.assigned}
    kept = (incident for incident in told.values() if incident.merged_into is None)
    return sorted(kept, key=lambda incident: (-incident.heat, incident.id)), where


def described(incident: Incident, posts: Iterable[AnalysedPost], shown: int) -> str:
    """An incident in a few lines: its figures, its terms, and every n-th of its posts."""
    members = list(posts)
    words = " ".join(f"{term.text}/{term.posts}" for term in incident.terms)
    why = " ".join(reason.code for reason in incident.reasons)
    days = (incident.last_at - incident.first_at).total_seconds() / 86400
    heading = f"{incident.heat:7.1f}  {incident.posts} posts  {incident.authors} authors  {days:.1f} days"
    risks = " ".join(hit.category for hit in incident.risk.hits)
    places = " ".join(f"{place.name}/{place.posts}" for place in incident.places[:3])
    lines = [
        f"{heading}  {incident.domain}  [{why}]  {risks}",
        f"         {incident.title}",
        f"         {words} | {places}",
    ]
    step = max(1, len(members) // shown) if shown else 1
    lines += [f"           - {(post.title or post.text)[:70]}" for post in members[::step][:shown]]
    return "\n".join(lines)


def main() -> None:
    """Replay and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stream", choices=("sample", "mailbox"))
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--hottest", type=int, default=20)
    parser.add_argument("--posts", type=int, default=5, help="posts shown of each incident")
    given = parser.parse_args()
    is_sample = given.stream == "sample"
    jurisdiction = JURISDICTION_SAMPLE if is_sample else MAILBOX
    posts = understood(load_sample(SAMPLE_ENDS) if is_sample else letters(given.shared), jurisdiction)
    found, where = incidents(posts, jurisdiction)
    print(f"{len(posts)} posts, {len(found)} incidents")
    for number, incident in enumerate(found[: given.hottest], 1):
        members = [post for post in posts if where.get(post.id) == incident.id]
        print(f"{number:3}", described(incident, members, given.posts))


if __name__ == "__main__":
    main()
