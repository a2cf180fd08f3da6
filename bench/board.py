"""The screens in a real Chromium over a million stored posts: what their readers wait for, point by point."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from math import inf
from pathlib import Path
from statistics import median

import httpx
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, ViewportSize, expect, sync_playwright

from bench.latency import VOICES, outbreak
from bench.million import POSTS, analysed, fill
from bench.report import Report, percentile
from bench.stream import Stream
from core.clock import derived_id
from tests import real
from tests.e2e.browser import LAUNCH_ARGS, chromium
from tests.e2e.product import Serving, until
from tests.e2e.test_board import SOON_MS, enter

STANDING = 8
"""Matters that broke out before anything is measured, so that lists have rows."""
NEW = 8
VIEWS = 5
UPDATES_PER_S = 50
FLOW_S = 20
IDLE_S = 5
DAY_MINUTES = 24 * 60
WARM_MINUTES = 60
"""The first hour fills what is kept; after it nothing may be added."""
FIRST_VIEW_S = 1.0
ROW_S = 2.0
FRAMES_PER_S = 60
NEAR = 0.98
"""A count of frames over some seconds is off by one at either end."""
SCRIPT_KB = 350
HEAP_MB = 1.0
SOME_HOURS = 6
WIDE: ViewportSize = {"width": 1920, "height": 1080}

FIRST_SEEN = """selector => {
  window.seen = new Promise(resolve => {
    const look = () => document.querySelector(selector)
      ? requestAnimationFrame(() => resolve(performance.now() / 1000))
      : requestAnimationFrame(look)
    requestAnimationFrame(look)
  })
}"""
"""Notes the frame after the one that drew the first such element, in seconds since the navigation began."""

ROWS_SEEN = """() => {
  window.rowsSeen = {}
  const look = () => {
    for (const row of document.querySelectorAll('.incidents a.row'))
      window.rowsSeen[row.getAttribute('href').split('/').pop()] ??= Date.now()
    requestAnimationFrame(look)
  }
  look()
}"""

FRAMES = """ms => new Promise(resolve => {
  const began = performance.now()
  const gaps = []
  let last = began
  const frame = at => {
    gaps.push(at - last)
    last = at
    if (at - began < ms) requestAnimationFrame(frame)
    else resolve({ perSecond: gaps.length / ((at - began) / 1000), longest: Math.max(...gaps) })
  }
  requestAnimationFrame(frame)
})"""


def run(folder: Path, report: Report) -> None:
    """One server, one browser, everything in one run."""
    fill(folder / "data", analysed())
    with Serving(folder / "data") as serving, serving.client("admin") as http, _browser() as browser:
        matters = real.matters(STANDING + NEW, VOICES)
        state = _state(browser, serving, folder)
        for number in range(STANDING):
            _break_out(http, number, matters)
        until(lambda: len(http.get("/api/v1/cases").json()["items"]) >= 3, 60, "no cases were opened")
        opened = partial(browser.new_context, viewport=WIDE, storage_state=state)
        for name, path, shown in (("board", "/", ".incidents a.row"), ("inbox", "/#/cases", ".case-row")):
            _first_view(report, name, [_seen(opened(), serving.url + path, shown) for _ in range(VIEWS)])
        _script(report, opened(), serving.url)
        _new_rows(report, opened(), http, serving.url, matters)
        _frames(report, opened(), http, serving.url)
        _day(report, browser.new_context(viewport=WIDE), http, serving.url)


@contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium()), args=list(LAUNCH_ARGS))
        yield browser
        browser.close()


def _state(browser: Browser, serving: Serving, folder: Path) -> Path:
    """The cookies of an administrator."""
    context = browser.new_context()
    context.set_default_timeout(SOON_MS)
    enter(context.new_page(), serving)
    context.storage_state(path=folder / "state.json")
    context.close()
    return folder / "state.json"


def _break_out(http: httpx.Client, number: int, matters: list[list[str]]) -> None:
    http.post("/api/v1/posts", json=outbreak(number, matters)).raise_for_status()


def _seen(context: BrowserContext, url: str, selector: str) -> float:
    """Seconds from the navigation of an empty browser until such an element is on the screen."""
    page = context.new_page()
    page.add_init_script(f"({FIRST_SEEN})({selector!r})")
    page.goto(url)
    seconds: float = page.evaluate("window.seen")
    context.close()
    return seconds


def _first_view(report: Report, name: str, times: list[float]) -> None:
    report.add(
        f"first view of the {name} in an empty browser, {POSTS} posts, s",
        f"{times[0]:.2f} right after the start, then p50 {percentile(times[1:], 0.5):.2f}, worst {max(times[1:]):.2f}",
        f"{FIRST_VIEW_S:.0f}",
        met=max(times) < FIRST_VIEW_S,
    )


def _script(report: Report, context: BrowserContext, url: str) -> None:
    """What came over the line, charts included: they are our own, in vector graphics, and small."""
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    scripts: set[str] = set()
    sizes: dict[str, float] = {}
    line.on("Network.responseReceived", lambda e: scripts.add(e["requestId"]) if e["type"] == "Script" else None)
    line.on("Network.loadingFinished", lambda e: sizes.update({e["requestId"]: e["encodedDataLength"]}))
    page.goto(url)
    page.wait_for_selector(".volume .bar", timeout=SOON_MS)
    size = sum(sizes[one] for one in scripts if one in sizes) / 1000
    context.close()
    report.add(
        f"script of the first load with its charts, kB compressed, {len(scripts)} files",
        f"{size:.0f}",
        f"{SCRIPT_KB}",
        met=0 < size <= SCRIPT_KB,
    )


def _new_rows(report: Report, context: BrowserContext, http: httpx.Client, url: str, matters: list[list[str]]) -> None:
    page = _open_board(context, url)
    page.evaluate(ROWS_SEEN)
    sent: dict[int, float] = {}
    for number in range(STANDING, STANDING + NEW):
        sent[number] = time.time()
        _break_out(http, number, matters)
        page.wait_for_timeout(4_000)
    seen: dict[str, float] = page.evaluate("window.rowsSeen")
    context.close()
    delays = [_delay(_incidents(http, number), seen, at) for number, at in sent.items()]
    joined = sum(delay is None for delay in delays)
    own = [delay for delay in delays if delay is not None]
    report.add(
        "push of a new incident's posts to its row on the screen, s",
        f"p50 {percentile(own, 0.5):.2f}, worst {max(own):.2f} ({len(own)} matters; {joined} more joined others)",
        f"{ROW_S:.0f}",
        met=len(own) >= NEW / 2 and max(own) < ROW_S,
    )


def _delay(incidents: set[str], seen: dict[str, float], sent: float) -> float | None:
    """Until the first row of a matter's incidents; None when it joined incidents that were on the screen before."""
    rows = {one: seen[one] / 1000 - sent if one in seen else inf for one in incidents}
    return min((delay for delay in rows.values() if delay > 0), default=None)


def _open_board(context: BrowserContext, url: str) -> Page:
    """The board, all rows shown, its events flowing."""
    context.set_default_timeout(SOON_MS)
    page = context.new_page()
    page.goto(url)
    expect(page.locator(".incidents a.row").first).to_be_visible(timeout=SOON_MS)
    if page.locator(".incidents .more").count():
        page.locator(".incidents .more").click()
    return page


def _incidents(http: httpx.Client, number: int) -> set[str]:
    posts = (http.get(f"/api/v1/posts/{derived_id('bench', f'm{number}-{voice}')}").json() for voice in range(VOICES))
    return {post["incident"] for post in posts if post["incident"]}


def _frames(report: Report, context: BrowserContext, http: httpx.Client, url: str) -> None:
    incidents = [row["incident"] for row in http.get("/api/v1/board").json()["incidents"]]
    with Stream(url, incidents, UPDATES_PER_S) as stream:
        page = _open_board(context, stream.url)
        page.wait_for_timeout(3_000)
        found = page.evaluate(FRAMES, 1000 * FLOW_S)
        empty = context.new_page().evaluate(FRAMES, 1000 * IDLE_S)
        first = page.locator(".incidents a.row strong").first.inner_text()
        page.wait_for_timeout(1_000)
        moved = page.locator(".incidents a.row strong").first.inner_text() != first
    context.close()
    assert moved, "the events did not reach the screen"
    report.add(
        f"frames a second while {UPDATES_PER_S} updates a second arrive, {FLOW_S} s",
        f"{found['perSecond']:.1f}, longest gap {found['longest']:.0f} ms (an empty page: {empty['perSecond']:.1f})",
        f"{FRAMES_PER_S}",
        met=found["perSecond"] >= NEAR * FRAMES_PER_S,
    )


def _day(report: Report, context: BrowserContext, http: httpx.Client, url: str) -> None:
    """A paired wall screen whose clock runs through a day, minute by minute, while posts come."""
    context.set_default_timeout(SOON_MS)
    page = context.new_page()
    page.clock.install()
    code = http.post("/api/v1/screens", json={"name": "wall"}).raise_for_status().json()["code"]
    page.goto(f"{url}/?theme=dark#/pair")
    page.fill("[name=code]", code)
    page.keyboard.press("Enter")
    expect(page.locator(".scene-now")).to_be_visible(timeout=SOON_MS)
    line = context.new_cdp_session(page)
    reads: list[str] = []
    page.on("response", lambda answer: reads.append(answer.url) if "/api/v1/board?" in answer.url else None)
    posts = real.posts(DAY_MINUTES)
    heap: list[tuple[float, int]] = []
    for minute in range(DAY_MINUTES + 1):
        if minute % WARM_MINUTES == 0 and minute:
            heap.append(_heap(line))
        item = {**posts[minute % DAY_MINUTES], "source": "wall", "at": datetime.now(UTC).isoformat()}
        http.post("/api/v1/posts", json=[item]).raise_for_status()
        page.clock.run_for(60_000)
        page.wait_for_timeout(20)
    context.close()
    _grown(report, heap, len(reads))


def _heap(line: CDPSession) -> tuple[float, int]:
    """Megabytes in use after the garbage went, and how many nodes there are."""
    line.send("HeapProfiler.collectGarbage")
    used: float = line.send("Runtime.getHeapUsage")["usedSize"] / 1e6
    return used, line.send("Memory.getDOMCounters")["nodes"]


def _grown(report: Report, heap: list[tuple[float, int]], reads: int) -> None:
    """By the median of some hours: what one hour finds goes up and down with the scene that is on just then."""
    first, last = (median(used for used, _ in hours) for hours in (heap[:SOME_HOURS], heap[-SOME_HOURS:]))
    print("heap by the hour, MB:", *(f"{used:.2f}" for used, _ in heap), flush=True)
    report.add(
        f"heap of a wall screen in the first and the last {SOME_HOURS} hours of a day of {reads} reads, median, MB",
        f"{first:.1f}, {last:.1f} ({heap[0][1]} and {heap[-1][1]} nodes)",
        f"+{HEAP_MB:.0f}",
        met=last - first < HEAP_MB and reads > DAY_MINUTES / 2,
    )
