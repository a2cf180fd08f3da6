"""Linear models over hashed n-grams: several heads in one matrix, so that one look-up serves them all.

A head's score for a class is the mean-square-normalised sum of the class's weights over the text's buckets, plus a bias; its
probabilities are the softmax of `slope * score + shift` per class (vector scaling, Guo et al. 2017, fitted on held-out
data). Weights are stored as 8-bit integers with a scale per class.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from nlp.features import BITS, Grams, Ints, grams, windows

Floats = NDArray[np.float32]


class Head(NamedTuple):
    """A head's name, its classes, and the columns of the matrix that are theirs."""

    name: str
    classes: tuple[str, ...]
    first: int

    @property
    def columns(self) -> slice:
        """The head's columns."""
        return slice(self.first, self.first + len(self.classes))


@dataclass(frozen=True, slots=True)
class LinearModel:
    """`weights` (buckets x classes of all heads, int8), `scales`, `bias`, `slopes` and `shifts` (one per class)."""

    version: str
    heads: tuple[Head, ...]
    weights: NDArray[np.int8]
    scales: Floats
    bias: Floats
    slopes: Floats
    shifts: Floats

    def probabilities(self, texts: Sequence[str]) -> dict[str, Floats]:
        """For each head an array (texts x classes) whose rows sum to 1."""
        scores = self.scores(grams(texts))
        return {head.name: self._calibrated(head, scores[:, head.columns]) for head in self.heads}

    def scores(self, found: Grams) -> Floats:
        """Raw scores, texts x all classes."""
        counts = np.diff(found.starts)
        sums = np.zeros((len(counts), self.weights.shape[1]), np.float32)
        full = counts > 0
        if full.any():
            gathered = self.weights[found.buckets].astype(np.int32)
            sums[full] = np.add.reduceat(gathered, found.starts[:-1][full], axis=0)
        norms = np.sqrt(np.maximum(counts, 1)).astype(np.float32)
        scores: Floats = sums * self.scales / norms[:, None] + self.bias
        return scores

    def reasons(self, text: str, head: str, class_: str, most: int) -> list[tuple[str, float]]:
        """The passages that speak most for a class against the mean of the others, heaviest first, with their log-odds."""
        chosen = next(h for h in self.heads if h.name == head)
        column = chosen.first + chosen.classes.index(class_)
        passages, buckets = windows(text)
        if not passages:
            return []
        rows = self.weights[buckets][:, chosen.columns] * self.scales[chosen.columns]
        others = (rows.sum(axis=1) - rows[:, column - chosen.first]) / max(1, len(chosen.classes) - 1)
        gain = (rows[:, column - chosen.first] - others) * self.slopes[column] / np.sqrt(len(set(buckets.tolist())))
        return _distinct(passages, gain, most)

    def _calibrated(self, head: Head, scores: Floats) -> Floats:
        logits = scores * self.slopes[head.columns] + self.shifts[head.columns]
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        probabilities: Floats = powers / powers.sum(axis=1, keepdims=True)
        return probabilities


def _distinct(passages: Sequence[str], gain: NDArray[Any], most: int) -> list[tuple[str, float]]:
    """The best passages, none of which lies within another."""
    order: Ints = np.argsort(-gain, kind="stable")[: most * 6]
    chosen: dict[str, float] = {}
    for index in order.tolist():
        passage, weight = passages[index].strip(), float(gain[index])
        if weight <= 0 or len(chosen) >= most:
            break
        if passage and not any(passage in other or other in passage for other in chosen):
            chosen[passage] = round(weight, 3)
    return list(chosen.items())


class _Meta(msgspec.Struct):
    version: str
    bits: int
    heads: list[tuple[str, list[str]]]


def save(model: LinearModel, path: Path) -> None:
    """Write a model to one compressed file."""
    meta = _Meta(model.version, BITS, [(h.name, list(h.classes)) for h in model.heads])
    arrays = {"scales": model.scales, "bias": model.bias, "slopes": model.slopes, "shifts": model.shifts}
    text = np.frombuffer(msgspec.json.encode(meta), np.uint8)
    # Columns of one class compress better than rows of all classes.
    np.savez_compressed(path, meta=text, weights=np.ascontiguousarray(model.weights.T), **arrays)


def load(path: Path) -> LinearModel:
    """Read a model; raises `ValueError` when it was made for other features."""
    with np.load(path) as file:
        meta = msgspec.json.decode(file["meta"].tobytes(), type=_Meta)
        if meta.bits != BITS:
            raise ValueError(f"{path} was made for {meta.bits} bits, not {BITS}")
        heads, first = [], 0
        for name, classes in meta.heads:
            heads.append(Head(name, tuple(classes), first))
            first += len(classes)
        weights = np.ascontiguousarray(file["weights"].T)
        rest = {name: file[name] for name in ("scales", "bias", "slopes", "shifts")}
    return LinearModel(version=meta.version, heads=tuple(heads), weights=weights, **rest)
