"""Two thousand sources on a local server: what the service costs beside bare Scrapy, whether its memory stays, and how soon
an item that appeared lies in the log.

Bare Scrapy is a spider as a careful person would write it: the same requests, robots.txt, the same parser, the same items,
which are only counted. Ours has leases, manners, health and states in the Store on top. CPU time is that of the process
that collects; the server is another one. `python -m bench crawl` takes about eight minutes.
"""

import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import mean
from typing import Any

import msgspec

from bench.crawl_process import Job
from bench.feeds import SHOWN, appeared
from bench.report import Report, percentile

SOURCES = 2_000
INTERVAL_S = 60
"""The interval of the sources whose delay is measured: 33 visits a second."""
GROWS_S = 100.0
SECONDS = 190.0
ROUNDS, A_ROUND = 500, 10
SETTLED = 50
"""Rounds at the beginning in which caches fill and modules are loaded."""


def run(folder: Path, report: Report) -> None:
    """All three."""
    _cost(folder, report)
    _memory(folder, report)
    _delay(folder, report)


def _cost(folder: Path, report: Report) -> None:
    expected = SOURCES * SHOWN
    with feeds(1e6, SOURCES) as (port, _):
        items: Counter[str] = Counter()
        seconds: dict[str, float] = defaultdict(float)
        for turn, way in enumerate(("bare", "watched", "logged", "watched", "bare")):  # what else runs hits both alike
            place = str(folder / f"{way}{turn}")
            found = collect(Job(way=way, folder=place, port=port, sources=SOURCES, items=expected))
            items[way] += found["items"]
            seconds[way] += found["cpu_s"]
    rates = {way: items[way] / seconds[way] for way in items}
    share = rates["watched"] / rates["bare"]
    report.add("items a CPU second, the service / bare Scrapy", f"{rates['watched']:.0f} / {rates['bare']:.0f} = {share:.0%}",
               "80 %", met=share >= 0.8)  # fmt: skip
    report.add("the same with admission, masking and the log", f"{rates['logged']:.0f}", "-", met=True)


def _memory(folder: Path, report: Report) -> None:
    with feeds(5.0, A_ROUND) as (port, _):
        job = Job(way="rounds", folder=str(folder), port=port, sources=A_ROUND, rounds=ROUNDS)
        resident = [size / 2**20 for size in collect(job)["resident"]]
    early, late = mean(resident[SETTLED : SETTLED + 50]), mean(resident[-50:])
    change = late / early - 1
    figure = f"{early:.0f} to {late:.0f} MiB ({change:+.1%}), highest {max(resident):.0f}"
    report.add(f"resident memory over {ROUNDS} rounds of {A_ROUND} sources", figure, "±5 %", met=abs(change) <= 0.05)


def _delay(folder: Path, report: Report) -> None:
    with feeds(GROWS_S, SOURCES) as (port, begun):
        place = str(folder / "delays")
        job = Job(way="delays", folder=place, port=port, sources=SOURCES, interval_s=INTERVAL_S, seconds=SECONDS)
        came: dict[str, float] = collect(job)["at"]
    waits, missing = _waits(came, begun)
    p50, p95, goal = percentile(waits, 0.5), percentile(waits, 0.95), INTERVAL_S + 2
    figure = f"p50 {p50:.0f}, p95 {p95:.1f}, longest {max(waits):.1f} ({len(waits)} items, {missing} missing)"
    what = f"item's appearance to the log, {SOURCES} sources every {INTERVAL_S} s, s"
    report.add(what, figure, f"p95 {goal}", met=p95 <= goal and not missing)


def _waits(came: dict[str, float], begun: float) -> tuple[list[float], int]:
    """Of items that appeared once every source had its first visit, and a quarter more than an interval before the end."""
    last = max(came.values())
    waits, missing = [], 0
    for source in range(SOURCES):
        item = SHOWN
        while (at := appeared(begun, GROWS_S, SOURCES, source, item)) < last - INTERVAL_S - 15:
            key = f"{source}-{item}"
            if at > begun + INTERVAL_S:
                missing += key not in came
                waits += [came[key] - at] if key in came else []
            item += 1
    return waits, missing


@contextmanager
def feeds(period_s: float, sources: int) -> Iterator[tuple[int, float]]:
    """The server: its port, and when it began."""
    command = [sys.executable, "-m", "bench.feeds", str(period_s), str(sources)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            port, begun = process.stdout.readline().split()
            yield int(port), float(begun)
        finally:
            process.kill()


def collect(job: Job) -> dict[str, Any]:
    """What the process that collects found."""
    command = [sys.executable, "-m", "bench.crawl_process", msgspec.json.encode(job).decode()]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    found: dict[str, Any] = msgspec.json.decode(done.stdout.splitlines()[-1])
    return found
