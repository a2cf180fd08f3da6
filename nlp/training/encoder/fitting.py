"""From scores to probabilities, and when to ask the encoder: fitted on the texts that were held out of all training."""

from collections import Counter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.isotonic import IsotonicRegression

from nlp.calibration import LENGTHS, Calibration, nearness
from nlp.linear import Floats, softmax
from nlp.training.data import Example

Array = NDArray[np.float64]

PENALTY = 0.001
"""On shifts, and on what differs from one length to the next."""


class Held(NamedTuple):
    """A head's held-out texts: their true classes and weights, both tiers' raw scores (texts x classes), and their tokens."""

    truth: NDArray[np.int64]
    weights: Array
    encoder: Array
    fast: Array
    tokens: list[int]


class Scores(NamedTuple):
    """What the encoder says of some texts (texts x classes), and how many tokens each has."""

    scores: Array
    tokens: list[int]


def held(examples: list[Example], classes: tuple[str, ...], encoder: Scores, fast: Array) -> Held:
    """What the examples and their scores make. A set counts as the root of its size: no large one decides for the others."""
    truth = np.array([classes.index(e.label) for e in examples])
    sizes = Counter(e.origin for e in examples)
    weights = np.array([e.weight / np.sqrt(sizes[e.origin]) for e in examples])
    return Held(truth, weights, encoder.scores, fast, encoder.tokens)


def calibrate(given: Held, *, together: bool) -> Calibration:
    """Counts of both tiers' scores and a shift per class, for each of `LENGTHS`, that minimise log loss."""
    near, known, classes = nearness(given.tokens).astype(np.float64), len(LENGTHS), given.encoder.shape[1]

    def loss(parameters: Array) -> float:
        own, fast, shifts = _parts(parameters, classes)
        scores = given.encoder * (near @ own)[:, None] + near @ shifts
        if together:
            scores = scores + given.fast * (near @ fast)[:, None]
        scores = scores - scores.max(axis=1, keepdims=True)
        logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        each = -given.weights * logs[np.arange(len(given.truth)), given.truth]
        uneven = sum(np.square(np.diff(part, axis=0)).sum() for part in (np.log(own), np.log(fast), shifts))
        return float(each.sum() / given.weights.sum() + PENALTY * (np.square(shifts).sum() / known + uneven))

    found = minimize(loss, np.zeros(known * (2 + classes)), method="L-BFGS-B").x
    own, fast, shifts = (np.round(part, 5).tolist() for part in _parts(found, classes))
    return Calibration(
        own=tuple(own), fast=tuple(fast) if together else (0.0,) * known, shifts=tuple(map(tuple, shifts))
    )


def _parts(parameters: Array, classes: int) -> tuple[Array, Array, Array]:
    """What the tiers count, which is more than nothing, and the shifts (lengths x classes)."""
    known = len(LENGTHS)
    return (
        np.exp(parameters[:known]),
        np.exp(parameters[known : 2 * known]),
        parameters[2 * known :].reshape(known, classes),
    )


def probabilities(given: Held, how: Calibration) -> Floats:
    """Texts x classes."""
    counts = how.counts(given.tokens)
    scores = counts.own[:, None] * given.encoder + counts.fast[:, None] * given.fast + counts.shifts
    return softmax(scores.astype(np.float32))


def below(confidence: Array, gain: Array, least: float) -> float:
    """The confidence of the fast tier under which asking the encoder mends at least `least` labels a text.

    `gain` is 1 where only both tiers together were right, -1 where only the fast one was; how it falls with growing
    confidence is fitted by isotonic regression.
    """
    fitted = IsotonicRegression(increasing=False).fit(confidence, gain)
    steps = np.linspace(0, 1, 201)
    worth = steps[fitted.predict(np.clip(steps, confidence.min(), confidence.max())) >= least]
    return round(float(worth.max()), 3) if len(worth) else 0.0
