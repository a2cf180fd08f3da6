"""Real posts for tests, where the research data lies beside the checkout; else posts of the sample's generator.

Nothing of the real data is in the repository. A test that needs thousands of varied posts takes either.
"""

import csv
import gzip
import json
import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from app.sample import generate
from tests.e2e import outage

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def posts(number: int) -> list[dict[str, Any]]:
    """So many posts of the last three days in the format of the push API, in time order, ids `r0`, `r1`, ..."""
    stream = SHARED / "incidents" / "weibo_stream.csv.gz"
    texts = _weibo(stream) if stream.exists() else _made()
    begin, step = datetime.now(UTC) - timedelta(days=3), timedelta(days=3) / number
    return [
        {
            "id": f"r{n}",
            "source": "real",
            "platform": "weibo",
            "at": (begin + n * step).isoformat(),
            "author": f"a{n % 5000}",
            "text": text,
        }
        for n, text in enumerate(islice(texts, number))
    ]


COMPLAINT = re.compile("投诉|违规|违法|扰民|噪音|强制|拖欠|污染|乱收费|捆绑")
"""Titles of letters that complain; questions and suggestions open no case by the default rules, rightly."""


def matters(number: int, voices: int) -> list[list[str]]:
    """So many different complaints, each in so many voices: clauses of one real letter to a city, mixed in every voice."""
    letters = SHARED / "gov_messages" / "hot_issue_stream.csv.gz"
    if not letters.exists():
        return [[f"{name}{voice}{clause}" for voice, clause in enumerate(outage.VOICES)] for name in MADE[:number]]
    chance = random.Random(7)
    with gzip.open(letters, "rt", encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if 150 < len(row["body"]) < 600 and COMPLAINT.search(row["title"])]
    chosen = rows[:: max(1, len(rows) // number)][:number]
    return [[_voice(row, chance) for _ in range(voices)] for row in chosen]


def _voice(letter: dict[str, str], chance: random.Random) -> str:
    clauses = [c for c in re.split(r"[，。！？；\s]", letter["body"]) if len(c) > 5]
    return f"{letter['title']}，{'，'.join(chance.sample(clauses, min(3, len(clauses))))}"


MADE = tuple(f"{a}{b}苑" for a in "春夏秋冬" for b in "松竹梅兰荷")
"""Names of estates that nobody has, for machines without the research data."""


def write_lines(path: Path, items: list[dict[str, Any]]) -> Path:
    """The items as JSON Lines."""
    path.write_text("".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items), encoding="utf-8")
    return path


def _weibo(stream: Path) -> Iterator[str]:
    with gzip.open(stream, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["text"].strip():
                yield row["text"]


def _made() -> Iterator[str]:
    """The sample's generator, seed after seed."""
    seed = 0
    while True:
        seed += 1
        for item in generate(seed, datetime.fromisoformat("2026-06-01T00:00:00+08:00")):
            yield f"{item['text']} {seed}"
