"""The distributed set on this machine: what its runner costs beside the stages, how fast it indexes and alerts."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import thread_time
from typing import Any

import psutil
from elasticsearch import helpers
from msgspec import to_builtins
from msgspec.structs import replace
from sqlalchemy import text

from app.compose import Workshop, build_intake
from app.judgement import build_analyser, build_gazetteer
from app.offline import NoMemory
from bench.latency import FLOW_PER_S, add, alerts_under_flow
from bench.report import Report, percentile
from core.clock import derived_id, utc_now
from core.codec import encode
from core.effects import Consumed, Message, StateRow
from core.records import AnalysedPost
from core.settings import Settings, load_settings
from core.storage.elastic.documents import post_document
from core.storage.elastic.writer import ElasticWriter
from core.storage.sqlite import open_storage
from core.telemetry import Metrics
from core.topics import Topic
from nlp.admission import Admission, admit
from nlp.detect import Detectors, detect
from nlp.prepare import Windows
from stream.stages import Understand
from stream.topology import TOPOLOGY, topology
from tests import real
from tests.chaos.servers import Servers, started
from tests.e2e.answers import drain
from tests.e2e.composed import Composed
from tests.servers.distributed import Distributed, empty

POSTS = 12_000
DISTRICTS = 8
BATCH = 400
INDEXED = 10_000
SECONDS = 60
GOAL_S = 5.0
GOAL_OVERHEAD = 0.5
GOAL_BULK = 0.8
BULK_TURNS = 3
SETTLE_S = 12.0
BUSY = 0.15
"""Cores that all workers together use at most while nothing comes."""
WARM = 800
MANY = 1000
SALT = "bench"


def run(folder: Path, report: Report) -> None:
    """Stages alone, the set with one and with two workers a stage, the latencies, bulk indexing."""
    items = [{**item, "jurisdiction": f"3301{n % DISTRICTS:02}"} for n, item in enumerate(real.posts(POSTS))]
    alone = stages_alone(folder / "alone", items)
    with started() as servers:
        one, two = (_cost(servers, folder / f"workers{n}", items, n) for n in (1, 2))
        _report_cost(report, alone, one, two)
        _latencies(servers, folder / "latency", report)
        _bulk(servers, report)
    many_jurisdictions(report)


# --- cost ------------------------------------------------------------------------------------------------------------


def stages_alone(folder: Path, items: list[dict[str, Any]]) -> dict[str, float]:
    """CPU milliseconds per post inside each stage: its thread's time, whatever the runner around it does.

    Without the encoder, as in the workers: its threads are not counted here, and it has a bench of its own.
    """
    folder.mkdir()
    settings = load_settings(os.environ, data_dir=folder / "data", salt=SALT, encoder="off")
    storage = open_storage(settings.data_dir)
    build_intake(settings, storage, Metrics(), limit=10 * POSTS).receive(items, "bench")
    cost: dict[str, float] = {}
    for step in topology(Workshop(settings, storage)):
        step.run(storage.log.read(step.reads, 0, WARM), utc_now())
        step.stage.forget()
        spent, position = 0.0, 0
        while batch := storage.log.read(step.reads, position, BATCH):
            began = thread_time()
            effects = step.run(batch, utc_now())
            spent += thread_time() - began
            storage.commit(effects, Consumed(step.name, step.reads, batch[-1].position, position))
            position = batch[-1].position
        cost[step.name] = 1000 * spent / len(items)
    storage.close()
    return cost


def _cost(servers: Servers, home: Path, items: list[dict[str, Any]], workers: int) -> dict[str, float]:
    """CPU milliseconds per post of the worker processes of each stage, without start-up and what they use while idle."""
    with composed_set(servers, home, workers) as (composed, made):
        intake = build_intake(made.settings, made.storage, Metrics(), limit=10 * POSTS)
        intake.receive(items[:WARM], "bench")  # models and maps are read by the first posts
        drain(made.storage, 300)
        idle_from = _settled(composed)
        time.sleep(SETTLE_S)
        before, began = _cpu(composed), time.monotonic()
        intake.receive(items[WARM:], "bench")
        drain(made.storage, 300)
        after, took = _cpu(composed), time.monotonic() - began
        print(f"stored per post, bytes: {_stored(servers, made)}", flush=True)
    idle = {name: (before[name] - idle_from[name]) / SETTLE_S for name in TOPOLOGY}
    print(f"idle, share of a core: {idle}; {POSTS / took:.0f} posts/s with {workers} worker(s) a stage", flush=True)
    return {name: 1000 * (after[name] - before[name] - took * idle[name]) / (len(items) - WARM) for name in TOPOLOGY}


def _settled(composed: Composed) -> dict[str, float]:
    """CPU so far, once nobody starts, joins or leaves any more: until a while of quiet has passed."""
    while True:
        before = _cpu(composed)
        time.sleep(SETTLE_S / 2)
        after = _cpu(composed)
        if sum(after.values()) - sum(before.values()) < BUSY * SETTLE_S / 2:
            return after


def _cpu(composed: Composed) -> dict[str, float]:
    """CPU seconds so far of the processes of each stage."""
    used = {name: [psutil.Process(p.pid).cpu_times() for p in composed.running(name)] for name in TOPOLOGY}
    return {name: sum(t.user + t.system for t in times) for name, times in used.items()}


def _stored(servers: Servers, made: Distributed) -> dict[str, int]:
    """What the servers hold of a post, one copy each."""
    logs = [file for file in (servers.kafka.home / "data").glob(f"{made.prefix}.*/*.log") if file.is_file()]
    client = made.cluster.client
    client.indices.forcemerge(index=f"{made.prefix}-*", max_num_segments=1)
    index = client.indices.stats(index=f"{made.prefix}-*")["_all"]["primaries"]["store"]["size_in_bytes"]
    with made.database.write() as connection:
        tables = connection.execute(
            text(
                "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r'"
                " AND relnamespace = 'public'::regnamespace"
            )
        ).scalar_one()
        seen = connection.execute(text("SELECT pg_total_relation_size('seen')")).scalar_one()
    used = {
        "kafka": sum(f.stat().st_size for f in logs),
        "elasticsearch": index,
        "postgres": tables,
        "of it seen": seen,
    }
    return {name: int(size) // POSTS for name, size in used.items()}


def many_jurisdictions(report: Report) -> None:
    """The same posts to one detector, and spread over a thousand: CPU per post, memory, and reading the state again."""
    posts = _analysed()
    figures = []
    for number in (1, MANY):
        spread = [replace(post, jurisdiction=f"{n % number:06}") for n, post in enumerate(posts)]
        rows: dict[tuple[str, str], StateRow] = {}
        before, began = psutil.Process().memory_info().rss, thread_time()
        detectors = Detectors(NoMemory())
        for start in range(0, len(spread), BATCH):
            for row in detect(spread[start : start + BATCH], detectors).changes:
                if isinstance(row, StateRow):
                    rows[row.jurisdiction, row.key] = row
        spent = 1000 * (thread_time() - began) / len(posts)
        held = (psutil.Process().memory_info().rss - before) / 1e6
        stored = sum(len(row.value) for row in rows.values() if row.value is not None) / 1e6
        figures.append(f"{number}: {spent:.2f} ms a post, {held:.0f} MB held, {stored:.0f} MB of rows")
    report.add(f"detect, {INDEXED} posts over jurisdictions", "; ".join(figures), "-", met=True)


def _report_cost(report: Report, alone: dict[str, float], one: dict[str, float], two: dict[str, float]) -> None:
    for name in TOPOLOGY:
        figure = f"{alone[name]:.2f} in the stage, {one[name]:.2f} in its worker, {two[name]:.2f} in two workers"
        report.add(f"CPU per post of {name}, ms", figure, "-", met=True)
    stages, first, second = (sum(cost.values()) for cost in (alone, one, two))
    added = first / stages - 1
    figure = f"{100 * added:.0f} % ({stages:.2f} ms in the stages, {first:.2f} ms in the workers)"
    report.add(
        "added by the distributed runner, CPU", figure, f"{100 * GOAL_OVERHEAD:.0f} %", met=added <= GOAL_OVERHEAD
    )
    flat = second / first
    report.add("two workers a stage against one, CPU per post", f"{flat:.2f} times", "1.15", met=flat <= 1.15)


# --- latency -----------------------------------------------------------------------------------------------------------


def _latencies(servers: Servers, home: Path, report: Report) -> None:
    """Everything on this machine: servers, one worker a stage, the API, the load and the receiver."""
    found: list[float] = []
    with composed_set(servers, home, workers=1) as (composed, _), composed.client("admin") as http:
        watch = threading.Event()
        looking = threading.Thread(target=_look, args=(composed, found, watch))
        looking.start()
        delays = alerts_under_flow(http)
        watch.set()
        looking.join()
    p50, p95 = percentile(found, 0.5), percentile(found, 0.95)
    figure = f"p50 {p50:.2f}, p95 {p95:.2f} ({len(found)} posts)"
    report.add(f"push to found by id at {FLOW_PER_S} posts/s, s", figure, f"p95 {GOAL_S:.0f}", met=p95 <= GOAL_S)
    add(report, "distributed", delays, GOAL_S)


def _look(composed: Composed, found: list[float], stop: threading.Event) -> None:
    """Push a post of its own and ask for it until it is there, again and again."""
    with composed.client("responder") as http:
        number = 0
        while not stop.is_set():
            number += 1
            one = {"id": f"look{number}", "source": "bench", "text": f"第{number}次查看：滨河路第{number}盏路灯不亮"}
            began = time.monotonic()
            http.post("/api/v1/posts", json=[one]).raise_for_status()
            address = f"/api/v1/posts/{derived_id('bench', one['id'])}"
            while http.get(address).status_code != 200 and time.monotonic() < began + 30:
                time.sleep(0.05)
            found.append(time.monotonic() - began)


# --- indexing ----------------------------------------------------------------------------------------------------------


def _bulk(servers: Servers, report: Report) -> None:
    """The same documents by our writer and by the client's own helper, in turn."""
    posts = _analysed()
    documents = [{**post_document(post), "body": to_builtins(post)} for post in posts]
    ours, theirs = [], []
    for turn in range(BULK_TURNS):
        ours.append(_rate(servers, lambda made: _write(made, posts)))
        theirs.append(_rate(servers, lambda made: _helper(made, posts, documents)))
        print(f"bulk, turn {turn}: {ours[-1]:.0f} and {theirs[-1]:.0f} documents/s", flush=True)
    ratio = percentile([a / b for a, b in zip(ours, theirs, strict=True)], 0.5)
    figure = f"{ratio:.2f} ({percentile(ours, 0.5):.0f} and {percentile(theirs, 0.5):.0f} documents/s)"
    report.add("bulk indexing against elasticsearch.helpers.bulk", figure, f"{GOAL_BULK}", met=ratio >= GOAL_BULK)


def _rate(servers: Servers, write: Callable[[Distributed], None]) -> float:
    """Documents a second into new indices."""
    made = Distributed(*servers.addresses, partitions=1)
    began = time.perf_counter()
    write(made)
    rate = INDEXED / (time.perf_counter() - began)
    made.close()  # with its indices
    return rate


def _write(made: Distributed, posts: list[AnalysedPost]) -> None:
    writer = ElasticWriter(made.cluster)
    for start in range(0, len(posts), BATCH):
        writer.write(posts[start : start + BATCH], [], [], 1)


def _helper(made: Distributed, posts: list[AnalysedPost], documents: list[dict[str, Any]]) -> None:
    """The documents are there as dictionaries; the client makes JSON of them. (Ours are made of the posts.)"""
    actions = (
        {"_index": made.cluster.month(post.at), "_id": post.id, "_source": document}
        for post, document in zip(posts, documents, strict=True)
    )
    helpers.bulk(made.cluster.client, actions, chunk_size=BATCH)


def _analysed() -> list[AnalysedPost]:
    rules = Admission(jurisdiction="330106", salt=SALT, now=utc_now(), origin="bench", source="real")
    raws = [admit(item, rules) for item in real.posts(INDEXED)]
    stage = Understand(NoMemory(), Windows(), build_analyser(Settings(), build_gazetteer(Settings())))
    batch = [Message(topic=Topic.POSTS_RAW, key=raw.jurisdiction, id=raw.id, value=encode(raw)) for raw in raws]
    return stage(batch, utc_now()).posts


# --- the set -----------------------------------------------------------------------------------------------------------


@contextmanager
def composed_set(servers: Servers, home: Path, workers: int) -> Iterator[tuple[Composed, Distributed]]:
    """The set as compose starts it, over emptied tables, with so many workers of each stage."""
    home.mkdir()
    empty(servers.postgres.uri)
    with Composed(home, servers.addresses, HUIYING_SALT=SALT) as composed:
        for name in TOPOLOGY:
            while len(composed.running(name)) > workers:
                composed.stop(name)
            while len(composed.running(name)) < workers:
                composed.start(name)
        made = Distributed(*servers.addresses, partitions=8, prefix=composed.prefix)
        try:
            yield composed, made
        finally:
            made.close()
