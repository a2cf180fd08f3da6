"""Fits one head: linear SVM weights over the very features of serving, then calibration on held-out texts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, vstack
from sklearn.preprocessing import normalize
from sklearn.svm import LinearSVC

from nlp.features import BUCKETS, distinct, windows
from nlp.linear import Vocabulary, read
from nlp.training.data import SEED, Example, Task, split

Array = NDArray[np.float64]

RAREST = 6
"""An n-gram of fewer texts is not learnt: it costs space and, by chance alone, accuracy."""
CHUNK = 4096


@dataclass(frozen=True, slots=True)
class Fitted:
    """A head's weights (rows x classes), biases, and calibration."""

    weights: NDArray[np.float32]
    bias: Array
    slopes: Array
    shifts: Array


def vocabulary(texts: Sequence[str]) -> Vocabulary:
    """The n-grams of at least `RAREST` texts, each with the root of its smoothed inverse document frequency."""
    counts = np.zeros(BUCKETS, np.int64)
    for chunk in _chunks(texts):
        seen = windows(chunk)
        counts += np.bincount(distinct(seen.owner, seen.buckets, len(chunk))[0], minlength=BUCKETS)
    kept = np.flatnonzero(counts >= RAREST)
    rarity = np.sqrt(np.log((len(texts) + 1) / (counts[kept] + 1)) + 1)
    # Rounded as it is stored, so that serving computes what training did.
    return Vocabulary.of(kept, rarity.astype(np.float16).astype(np.float32))


def matrix(texts: Sequence[str], known: Vocabulary) -> csr_matrix:
    """Rarity of the known n-grams of each text, each text of length one."""
    parts = []
    for chunk in _chunks(texts):
        seen = read(chunk, known)
        values = known.rarity[seen.known].astype(np.float64)
        parts.append(csr_matrix((values, seen.known, seen.starts), shape=(len(chunk), len(known.rarity))))
    return normalize(vstack(parts, format="csr"), copy=False)


def _chunks(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    for begin in range(0, len(texts), CHUNK):
        yield texts[begin : begin + CHUNK]


def fit(task: Task, known: Vocabulary, strength: float) -> Fitted:
    """Weights from the whole training part, calibrated by weights from nine tenths on the last tenth."""
    most, held = split(task.train, 0.1)
    weights, bias = svm([*most, *task.composed], task.classes, known, strength)
    slopes, shifts = calibrate(matrix([e.text for e in held], known) @ weights + bias, held, task.classes)
    weights, bias = svm([*task.train, *task.composed], task.classes, known, strength)
    return Fitted((weights * known.rarity[:, None]).astype(np.float32), bias, slopes, shifts)


def svm(examples: list[Example], classes: tuple[str, ...], known: Vocabulary, strength: float) -> tuple[Array, Array]:
    """Weights (rows x classes) and biases of a linear SVM over `matrix`."""
    names = [classes.index(e.label) for e in examples]
    svm = LinearSVC(C=strength, class_weight="balanced", dual=True, max_iter=2000, random_state=SEED)
    svm.fit(matrix([e.text for e in examples], known), names, sample_weight=[e.weight for e in examples])
    if len(classes) > 2:
        return svm.coef_.T, svm.intercept_
    # One column decides between two classes; both get one, mirrored, so that all heads look alike.
    return np.vstack([-svm.coef_, svm.coef_]).T, np.array([-svm.intercept_[0], svm.intercept_[0]])


def calibrate(scores: Array, held: list[Example], classes: tuple[str, ...]) -> tuple[Array, Array]:
    """One slope for the head and a shift per class that minimise log loss (temperature with bias; Guo et al. 2017)."""
    truth = np.array([classes.index(e.label) for e in held])
    weights = np.array([e.weight for e in held])

    def loss(parameters: Array) -> float:
        logits = scores * np.exp(parameters[0]) + parameters[1:]
        logits = logits - logits.max(axis=1, keepdims=True)
        logs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        penalty = 0.001 * float(np.square(parameters[1:]).sum())
        return float(-(weights * logs[np.arange(len(truth)), truth]).sum() / weights.sum()) + penalty

    found = minimize(loss, np.zeros(len(classes) + 1), method="L-BFGS-B").x
    return np.full(len(classes), np.exp(found[0])), found[1:]


def quantised(weights: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Eight bits per weight and a scale per class; the few heaviest weights are clipped."""
    scales = np.maximum(np.quantile(np.abs(weights), 0.99995, axis=0), 1e-9) / 127
    return np.clip(np.round(weights / scales), -127, 127).astype(np.int8), scales.astype(np.float32)
