"""Figures of a head on a development set."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, f1_score

from nlp.linear import LinearModel, read
from nlp.training.data import Task

BINS = 15
BOOTSTRAPS = 200
HEADING = (
    "| head | development set | texts | macro-F1 (95 % interval) | floor (tuned SVM) | accuracy | calibration error |\n"
    "|---|---|---|---|---|---|---|"
)
FLOORS = {
    "weibo_three": 0.694,
    "chnsenticorp": 0.887,
    "smp2020_usual": 0.703,
    "smp2020_virus": 0.600,
    "domain": 0.918,
    "cold": 0.795,
}
"""Macro-F1 of a character n-gram SVM tuned and trained for one set alone."""


def row(model: LinearModel, task: Task, name: str) -> str:
    """A row of the model card; macro-F1 over the classes that the set has."""
    examples = task.dev[name]
    probabilities = model.probabilities(read([e.text for e in examples], model.vocabulary))[task.head]
    truth = np.array([task.classes.index(e.label) for e in examples])
    allowed, given = answers(truth, probabilities)
    f1 = f1_score(truth, given, average="macro", labels=allowed)
    low, high = interval(truth, given, allowed)
    error = calibration_error(probabilities, truth)
    floor = f"{FLOORS[name]:.3f}" if name in FLOORS else "–"
    accuracy = accuracy_score(truth, given)
    figures = f"{len(examples)} | {f1:.3f} ({low:.3f}–{high:.3f}) | {floor} | {accuracy:.3f} | {error:.3f}"
    return f"| {task.head} | {name} | {figures} |"


def answers(truth: NDArray[np.int64], scores: NDArray[Any]) -> tuple[list[int], NDArray[np.int64]]:
    """The classes that a set has, and for each of its texts the best of them.

    A set that lacks a class cannot be wrong about it: so others measure it.
    """
    allowed = sorted(set(truth.tolist()))
    best = np.array(allowed)[scores[:, allowed].argmax(axis=1)] if len(allowed) > 1 else scores.argmax(axis=1)
    return allowed, best


def macro(truth: NDArray[np.int64], scores: NDArray[Any]) -> float:
    """Macro-F1 of scores or probabilities (texts x classes) over the classes that the set has."""
    allowed, given = answers(truth, scores)
    return float(f1_score(truth, given, average="macro", labels=allowed))


def interval(truth: NDArray[np.int64], given: NDArray[np.int64], labels: list[int]) -> tuple[float, float]:
    """The 95 % interval of macro-F1 by bootstrap, seeded."""
    chance = np.random.default_rng(7)
    found = []
    for _ in range(BOOTSTRAPS):
        drawn = chance.integers(0, len(truth), len(truth))
        found.append(f1_score(truth[drawn], given[drawn], average="macro", labels=labels, zero_division=0))
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)


def calibration_error(probabilities: NDArray[np.float32], truth: NDArray[np.int64]) -> float:
    """Expected calibration error over 15 bins of equal width (Naeini et al. 2015)."""
    return _error(probabilities.max(axis=1), probabilities.argmax(axis=1) == truth)


def error_by_chance(probabilities: NDArray[np.float32]) -> float:
    """The calibration error that these probabilities would show if they were right: with few texts a bin, chance alone makes
    some. The mean over `BOOTSTRAPS` draws of who is right, seeded.
    """
    chance, confidence = np.random.default_rng(7), probabilities.max(axis=1)
    drawn = [_error(confidence, chance.random(len(confidence)) < confidence) for _ in range(BOOTSTRAPS)]
    return float(np.mean(drawn))


def _error(confidence: NDArray[np.float32], right: NDArray[np.bool_]) -> float:
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    off = np.bincount(bins, confidence - right, minlength=BINS)
    return float(np.abs(off).sum() / len(confidence))
