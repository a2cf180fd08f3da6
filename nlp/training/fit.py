"""Fits one head: linear SVM weights over the very features of serving, then calibration on held-out texts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from sklearn.preprocessing import normalize
from sklearn.svm import LinearSVC

from nlp.features import BUCKETS, grams
from nlp.training.data import SEED, Example, Task, split

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A head's weights (buckets x classes), biases, and calibration."""

    weights: NDArray[np.float32]
    bias: Array
    slopes: Array
    shifts: Array


def rarity(texts: list[str]) -> NDArray[np.float16]:
    """Smoothed inverse document frequency of every bucket."""
    counts = np.bincount(grams(texts).buckets, minlength=BUCKETS)
    return (np.log((len(texts) + 1) / (counts + 1)) + 1).astype(np.float16)


def matrix(texts: list[str], rare: NDArray[np.float16]) -> csr_matrix:
    """Rarity of the buckets present, each text of length one."""
    found = grams(texts)
    made = csr_matrix(
        (rare[found.buckets].astype(np.float64), found.buckets, found.starts), shape=(len(texts), BUCKETS)
    )
    return normalize(made, copy=False)


def fit(task: Task, rare: NDArray[np.float16], strength: float) -> Fitted:
    """Weights from the whole training part; calibration from a tenth of it, scored by weights of the other nine."""
    train, held = split(task.train, 0.1)
    coefficients, bias = separate(task, train, rare, strength)
    slopes, shifts = calibrate(matrix([e.text for e in held], rare) @ coefficients + bias, held, task.classes)
    coefficients, bias = separate(task, task.train, rare, strength)
    return Fitted((coefficients * rare.astype(np.float64)[:, None]).astype(np.float32), bias, slopes, shifts)


def separate(task: Task, train: list[Example], rare: NDArray[np.float16], strength: float) -> tuple[Array, Array]:
    """Coefficients (buckets x classes) and biases of a linear SVM over the examples."""
    features, weights = matrix([e.text for e in train], rare), np.array([e.weight for e in train])
    names = np.array([task.classes.index(e.label) for e in train])
    svm = LinearSVC(C=strength, class_weight="balanced", dual=True, max_iter=400, random_state=SEED)
    svm.fit(features, names, sample_weight=weights)
    if len(task.classes) == 2:
        # One column decides between two classes; both get one, mirrored, so that all heads look alike.
        return np.hstack([-svm.coef_.T, svm.coef_.T]), np.array([-svm.intercept_[0], svm.intercept_[0]])
    return svm.coef_.T, svm.intercept_


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
