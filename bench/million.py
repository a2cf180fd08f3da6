"""A million posts stored: memory of the server, search, and the board's first view."""

import os
import random
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import msgspec
import psutil

from app.judgement import build_analyser, build_gazetteer
from app.lines import Line
from app.offline import offline
from bench.report import Report, percentile
from core.effects import Effects
from core.records import AnalysedPost
from core.settings import load_settings
from core.storage.sqlite import open_storage
from tests import real
from tests.e2e.product import Serving

POSTS = 1_000_000
DISTINCT = 20_000
BATCH = 2_000
QUERIES = 200
DAYS = 30


def run(folder: Path, report: Report) -> None:
    """Labels are made once for the distinct texts; what is measured is the storage and the server over it."""
    posts = analysed()
    fill(folder / "data", posts)
    words = _words(posts)
    with Serving(folder / "data") as serving, serving.client("admin") as http:
        times = {"search": [], "filtered": [], "board": []}  # type: dict[str, list[float]]
        for word in words:
            times["search"].append(_timed(http, "/api/v1/posts", q=word, limit=20))
            times["filtered"].append(_timed(http, "/api/v1/posts", q=word, sentiment="negative", limit=20))
        times["board"] = [_timed(http, "/api/v1/board") for _ in range(20)]
        context = _timed(http, "/api/v1/board/context")
        http.post("/api/v1/posts", json=real.posts(1000))
        memory = psutil.Process(serving.process.pid).memory_info().rss / 1e9
    for name, what in (("search", "search, ms"), ("filtered", "search and a filter, ms")):
        p50, p95 = (1000 * percentile(times[name], share) for share in (0.5, 0.95))
        report.add(f"{what}, {POSTS} posts", f"p50 {p50:.0f}, p95 {p95:.0f}", "p95 100", met=p95 <= 100)
    first = times["board"][0]
    report.add(
        f"board's first view (API), {POSTS} posts, s",
        f"{first:.2f}, then {percentile(times['board'], 0.5):.2f}",
        "1",
        met=first < 1,
    )
    report.add(f"board's context, made new, {POSTS} posts, s", f"{context:.2f}", "1", met=context < 1)
    report.add(f"memory of serve, {POSTS} posts, GB", f"{memory:.2f}", "1", met=memory < 1)
    size = sum(f.stat().st_size for f in (folder / "data").iterdir()) / 1e9
    report.add(f"disk, {POSTS} posts, GB", f"{size:.2f}", "-", met=True)


def analysed() -> list[AnalysedPost]:
    """The distinct posts with their labels."""
    settings = load_settings(os.environ)
    worker = offline(build_analyser(settings, build_gazetteer(settings)), "330106")
    made: list[AnalysedPost] = []
    items = real.posts(DISTINCT)
    for start in range(0, len(items), 500):
        lines = [Line(start + n, item) for n, item in enumerate(items[start : start + 500])]
        made.extend(u.post for u in worker.understand(lines)[0])
    return made


def fill(directory: Path, posts: list[AnalysedPost]) -> None:
    """Stores a million posts of the last thirty days, the given ones again and again under new ids."""
    storage = open_storage(directory)
    end = datetime.now(UTC)
    step = timedelta(days=DAYS) / POSTS
    began = time.perf_counter()
    for start in range(0, POSTS, BATCH):
        batch = [_again(posts[n % len(posts)], n, end - (POSTS - n) * step) for n in range(start, start + BATCH)]
        storage.commit(Effects(posts=batch))
    print(f"filled {POSTS / (time.perf_counter() - began):.0f} posts/s", flush=True)
    storage.close()


def _again(post: AnalysedPost, number: int, at: datetime) -> AnalysedPost:
    id_ = f"m{number}"
    return msgspec.structs.replace(post, id=id_, group=id_, at=at, seen_at=at, source=f"s{number % 40}")


def _words(posts: list[AnalysedPost]) -> list[str]:
    """Two to four characters from anywhere in the posts, as people type."""
    chance = random.Random(7)
    words: list[str] = []
    while len(words) < QUERIES:
        text = chance.choice(posts).search
        if len(text) > 10:
            start = chance.randrange(len(text) - 5)
            words.append(text[start : start + chance.choice((2, 2, 3, 4))])
    return words


def _timed(http: httpx.Client, path: str, **params: str | int) -> float:
    began = time.perf_counter()
    http.get(path, params=params).raise_for_status()
    return time.perf_counter() - began
