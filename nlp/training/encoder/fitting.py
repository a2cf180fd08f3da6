"""From scores to probabilities, and when to ask the encoder: fitted on the texts that were held out of all training."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.isotonic import IsotonicRegression

from nlp.encoder import Calibration
from nlp.training.data import Example

Array = NDArray[np.float64]


class Held(NamedTuple):
    """A head's held-out texts: their true classes and weights, and both tiers' raw scores (texts x classes)."""

    truth: NDArray[np.int64]
    weights: Array
    encoder: Array
    fast: Array


def held(examples: list[Example], classes: tuple[str, ...], encoder: Array, fast: Array) -> Held:
    """What the examples and their scores make."""
    truth = np.array([classes.index(e.label) for e in examples])
    return Held(truth, np.array([e.weight for e in examples]), encoder, fast)


def calibrate(given: Held, *, together: bool) -> Calibration:
    """Weights of both tiers' scores and a shift per class that minimise log loss."""

    def logits(parameters: Array) -> Array:
        mixed: Array = given.encoder * np.exp(parameters[0]) + parameters[2:]
        return mixed + given.fast * np.exp(parameters[1]) if together else mixed

    def loss(parameters: Array) -> float:
        scores = logits(parameters)
        scores = scores - scores.max(axis=1, keepdims=True)
        logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        each = -given.weights * logs[np.arange(len(given.truth)), given.truth]
        return float(each.sum() / given.weights.sum() + 0.001 * np.square(parameters[2:]).sum())

    found = minimize(loss, np.zeros(given.encoder.shape[1] + 2), method="L-BFGS-B").x
    fast = float(np.exp(found[1])) if together else 0.0
    return Calibration(own=float(np.exp(found[0])), fast=fast, shifts=tuple(np.round(found[2:], 5).tolist()))


def probabilities(given: Held, how: Calibration) -> Array:
    """Texts x classes."""
    scores = how.own * given.encoder + how.fast * given.fast + np.array(how.shifts)
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Array = powers / powers.sum(axis=1, keepdims=True)
    return result


def below(confidence: Array, gain: Array, least: float) -> float:
    """The confidence of the fast tier under which asking the encoder mends at least `least` labels a text.

    `gain` is 1 where only both tiers together were right, -1 where only the fast one was; how it falls with growing
    confidence is fitted by isotonic regression.
    """
    fitted = IsotonicRegression(increasing=False).fit(confidence, gain)
    steps = np.linspace(0, 1, 201)
    worth = steps[fitted.predict(np.clip(steps, confidence.min(), confidence.max())) >= least]
    return round(float(worth.max()), 3) if len(worth) else 0.0
