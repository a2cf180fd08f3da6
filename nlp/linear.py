"""Linear models over hashed n-grams: several heads in one matrix, so that one look-up serves them all.

A text is the vector of its buckets' inverse document frequencies, of length one. A head's score for a class is the
product with the class's weights (the frequencies are multiplied into them), plus a bias; its probabilities are the softmax
of `slope * score + shift` per class (vector scaling, Guo et al. 2017, fitted on held-out data). Weights are stored as 8-bit
integers with a scale per class.
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
    """`rarity` (one per bucket); `weights` (buckets x classes of all heads, int8); the rest has one figure per class."""

    version: str
    heads: tuple[Head, ...]
    rarity: NDArray[np.float16]
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
        scores: Floats = sums * self.scales / self._lengths(found)[:, None] + self.bias
        return scores

    def _lengths(self, found: Grams) -> Floats:
        """Length of every text's vector, 1 for an empty one."""
        full = np.diff(found.starts) > 0
        squares = np.ones(len(full), np.float32)
        if full.any():
            squares[full] = np.add.reduceat(
                np.square(self.rarity[found.buckets], dtype=np.float32), found.starts[:-1][full]
            )
        lengths: Floats = np.sqrt(squares)
        return lengths

    def reasons(self, text: str, head: str, class_: str, most: int) -> list[tuple[str, float]]:
        """The passages that speak most for a class against the mean of the others, heaviest first, with their log-odds."""
        chosen = next(h for h in self.heads if h.name == head)
        column = chosen.first + chosen.classes.index(class_)
        passages, buckets = windows(text)
        if not passages:
            return []
        rows = self.weights[buckets][:, chosen.columns] * self.scales[chosen.columns]
        others = (rows.sum(axis=1) - rows[:, column - chosen.first]) / max(1, len(chosen.classes) - 1)
        gain = (rows[:, column - chosen.first] - others) * self.slopes[column] / self._lengths(grams([text]))[0]
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


_ARRAYS = ("rarity", "scales", "bias", "slopes", "shifts")


class _Meta(msgspec.Struct):
    version: str
    bits: int
    heads: list[tuple[str, list[str]]]


def save(model: LinearModel, path: Path) -> None:
    """Write a model to one compressed file."""
    meta = _Meta(model.version, BITS, [(h.name, list(h.classes)) for h in model.heads])
    arrays = {name: getattr(model, name) for name in _ARRAYS}
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
        rest = {name: file[name] for name in _ARRAYS}
    return LinearModel(version=meta.version, heads=tuple(heads), weights=weights, **rest)
