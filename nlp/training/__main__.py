"""`make models`: trains every head, prints its figures, writes the weights and the figures of docs/models.md."""

import argparse
import hashlib
import re
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.labels import MODEL
from nlp.linear import Head, LinearModel, Vocabulary, load, save
from nlp.training.composed import taught
from nlp.training.data import Task, legible
from nlp.training.fit import Fitted, fit, quantised, vocabulary
from nlp.training.score import HEADING, row

CARD = Path(__file__).resolve().parents[2] / "docs" / "models.md"
BETWEEN = re.compile(r"(<!-- figures -->\n).*(<!-- /figures -->)", re.DOTALL)
STRENGTHS = {"sentiment": 0.3, "emotion": 0.3, "domain": 1, "intent": 1, "offensive": 0.3, "danger": 1}
"""Inverse regularisation of each head, chosen on the development sets among 0.03, 0.1, 0.3, 0.5, 1."""


def assemble(heads: list[tuple[Task, Fitted]], known: Vocabulary) -> LinearModel:
    """One matrix of all heads, in 8 bits, with a version that follows from its content."""
    weights, scales = quantised(np.hstack([fitted.weights for _, fitted in heads]))
    named, first = [], 0
    for task, _ in heads:
        named.append(Head(task.head, task.classes, first))
        first += len(task.classes)
    parts = {
        name: np.concatenate([getattr(fitted, name) for _, fitted in heads]).astype(np.float32)
        for name in ("bias", "slopes", "shifts")
    }
    model = LinearModel(version="", heads=tuple(named), vocabulary=known, weights=weights, scales=scales, **parts)
    arrays: list[NDArray[Any]] = [known.buckets, known.rarity, weights, scales, *parts.values()]
    content = b"".join(array.tobytes() for array in arrays)
    return replace(model, version="fast-" + hashlib.sha256(content).hexdigest()[:10])


def main() -> None:
    """Train, measure the quantised model as it will serve, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of research data")
    parser.add_argument("--out", type=Path, default=MODEL)
    chosen = parser.parse_args()
    made = [legible(task) for task in taught(chosen.data)]
    known = vocabulary(sorted({example.text for task in made for example in (*task.train, *task.composed)}))
    print(f"{len(known.buckets)} n-grams", flush=True)
    heads: list[tuple[Task, Fitted]] = []
    for task in made:
        began = time.perf_counter()
        heads.append((task, fit(task, known, STRENGTHS[task.head])))
        print(f"{task.head}: {len(task.train)} texts, {time.perf_counter() - began:.0f} s", flush=True)
    save(assemble(heads, known), chosen.out)
    model = load(chosen.out)
    table = [HEADING, *(row(model, task, name) for task, _ in heads for name in task.dev)]
    size = chosen.out.stat().st_size / 1e6
    figures = "\n".join([*table, "", f"Version `{model.version}`, {size:.1f} MB. Command: `make models`.", ""])
    print(figures)
    if CARD.exists() and chosen.out == MODEL:
        CARD.write_text(
            BETWEEN.sub(lambda m: m[1] + figures + m[2], CARD.read_text(encoding="utf-8")), encoding="utf-8"
        )


if __name__ == "__main__":
    main()
