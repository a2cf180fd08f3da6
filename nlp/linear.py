"""Linear models over hashed n-grams: several heads in one matrix, so that one look-up serves them all.

A text is the vector of its buckets' inverse document frequencies, of length one. A head's score for a class is the
product with the class's weights (the frequencies are multiplied into them), plus a bias; its probabilities are the softmax
of `slope * score + shift` per class (vector scaling, Guo et al. 2017, fitted on held-out data). Weights are stored as 8-bit
integers with a scale per class.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from nlp.features import BITS, Grams, Ints, Windows, clip, grams, windows

Floats = NDArray[np.float32]


Reasons = list[tuple[str, float]]
"""Passages with their weights, heaviest first."""


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
            gathered = self.weights.take(found.buckets, axis=0)
            sums[full] = np.add.reduceat(gathered, found.starts[:-1][full], axis=0, dtype=np.int32)
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

    def reasons(self, texts: Sequence[str], wanted: Mapping[str, Sequence[str]], most: int) -> dict[str, list[Reasons]]:
        """By head, for each text, the passages that speak most for its wanted class against the mean of the others.

        Heaviest first, with what they add to the log-odds. `wanted` names a class per text for every head to explain.
        """
        found = windows(texts)
        weights = self.weights.take(found.buckets, axis=0)
        lengths = self._lengths(found.distinct)
        read = [clip(text) for text in texts]
        answer = {}
        for head in (head for head in self.heads if head.name in wanted):
            chosen = np.array([head.classes.index(class_) for class_ in wanted[head.name]], np.int64)
            gain = self._gain(head, weights, chosen[found.owner]) / lengths[found.owner]
            answer[head.name] = _heaviest(read, found, gain, most)
        return answer

    def _gain(self, head: Head, weights: NDArray[np.int8], chosen: Ints) -> Floats:
        """What every window adds to its chosen class's log-odds against the mean of the others, before normalising."""
        scales = (self.scales * self.slopes)[head.columns]
        own = weights[np.arange(len(weights)), chosen + head.first] * scales[chosen]
        others = (weights[:, head.columns] @ scales - own) / max(1, len(head.classes) - 1)
        return np.asarray(own - others, np.float32)

    def _calibrated(self, head: Head, scores: Floats) -> Floats:
        logits = scores * self.slopes[head.columns] + self.shifts[head.columns]
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        probabilities: Floats = powers / powers.sum(axis=1, keepdims=True)
        return probabilities


def _heaviest(read: Sequence[str], found: Windows, gain: Floats, most: int) -> list[Reasons]:
    """The best passages of every text, none of which lies within another."""
    speaking = np.flatnonzero(gain > 0)
    # One integer key sorts four times faster than two keys; a millionth of a log-odd is finer than what is shown.
    order = speaking[np.argsort((found.owner[speaking] << 40) - (gain[speaking] * 1e6).astype(np.int64), kind="stable")]
    starts = np.searchsorted(found.owner[order], np.arange(len(read) + 1))
    # Overlapping windows repeat each other: six candidates give one passage in the worst usual case.
    kept = [order[start : min(start + most * 6, end)] for start, end in pairwise(starts.tolist())]
    return [_distinct(text, found, gain, best, most) for text, best in zip(read, kept, strict=True)]


def _distinct(text: str, found: Windows, gain: Floats, best: Ints, most: int) -> Reasons:
    chosen: dict[str, float] = {}
    columns = (found.begin[best].tolist(), found.order[best].tolist(), gain[best].tolist())
    for begin, order, weight in zip(*columns, strict=True):
        passage = text[begin : begin + order].strip()
        if passage and not any(passage in other or other in passage for other in chosen):
            chosen[passage] = round(weight, 3)
            if len(chosen) == most:
                break
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
