"""The whole embedded pipeline on real posts, against SnowNLP's sentiment alone (what a Python user reaches for)."""

import asyncio
import os
from pathlib import Path
from time import perf_counter
from typing import Any

from snownlp import SnowNLP

from app.compose import Product, build_product
from bench.report import Report
from core.settings import load_settings
from tests import real

POSTS = 20_000
SNOWNLP_POSTS = 600
GOAL_PER_S = 1500
GOAL_RATIO = 15


TIERS = {"shipped": "both tiers of labels", "off": "fast tier alone"}


def run(folder: Path, report: Report) -> None:
    """Admission to case, everything committed, one process, with and without the encoder; the baseline on the same texts."""
    items = real.posts(POSTS)
    rates = {encoder: _rate(folder / encoder, items, encoder, report) for encoder in TIERS}
    texts = [item["text"] for item in items[:SNOWNLP_POSTS]]
    began = perf_counter()
    for text in texts:
        _ = SnowNLP(text).sentiments
    baseline = SNOWNLP_POSTS / (perf_counter() - began)
    for encoder, rate in rates.items():
        report.add(
            f"pipeline ({TIERS[encoder]}) / SnowNLP sentiment alone",
            f"{rate / baseline:.1f} ({baseline:.0f}/s)",
            f"{GOAL_RATIO}",
            met=rate / baseline >= GOAL_RATIO,
        )


def _rate(folder: Path, items: list[dict[str, Any]], encoder: str, report: Report) -> float:
    """Posts a second."""
    settings = load_settings(os.environ, data_dir=folder / "data", max_backlog=10 * POSTS, encoder=encoder)
    product = build_product(settings)
    began, cpu = perf_counter(), os.times()
    for start in range(0, POSTS, 500):
        product.intake.receive(items[start : start + 500], "bench")
    admitted = perf_counter() - began
    asyncio.run(_drain(product))
    took = perf_counter() - began
    used = sum(os.times()[:2]) - sum(cpu[:2])
    product.storage.close()
    rate = POSTS / took
    report.add(f"pipeline, {TIERS[encoder]}, posts/s (2 cores)", f"{rate:.0f}", f"{GOAL_PER_S}", met=rate >= GOAL_PER_S)
    figure = f"{1000 * used / POSTS:.2f} (admission {1000 * admitted / POSTS:.2f} wall)"
    report.add(f"CPU per post, {TIERS[encoder]}, ms", figure, "-", met=True)
    return rate


async def _drain(product: Product) -> None:
    runner = product.runner
    task = asyncio.create_task(runner.run())
    await runner.drained()
    runner.stop()
    await task
