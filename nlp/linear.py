"""Linear models over hashed n-grams: several heads in one matrix, so that one look-up serves them all.

A text is the set of its known n-grams, each weighing as much as it is rare, scaled to length one. A head's score for a
class is the product with the class's weights (the rarities are multiplied into them) plus a bias; its probabilities are
the softmax of `slope * score + shift` per class (vector scaling, Guo et al. 2017, fitted on held-out data). Weights are
8-bit integers with a scale per class.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple, TypeVar
from zipfile import BadZipFile

import msgspec
import numpy as np
from numpy.typing import NDArray

from nlp.features import BITS, BUCKETS, Ints, Windows, distinct, windows

Floats = NDArray[np.float32]
Number = TypeVar("Number", np.int32, np.float32)


class Head(NamedTuple):
    """A head's name, its classes, and the columns of the matrix that are theirs."""

    name: str
    classes: tuple[str, ...]
    first: int

    @property
    def columns(self) -> slice:
        """The head's columns."""
        return slice(self.first, self.first + len(self.classes))


class Vocabulary(NamedTuple):
    """The n-grams that a model knows: `rows` gives the row of every bucket, 0 for one it does not know.

    `rarity` has one figure per row; row 0 weighs nothing.
    """

    rows: NDArray[np.int32]
    rarity: Floats

    @classmethod
    def of(cls, buckets: NDArray[np.integer], rarity: Floats) -> "Vocabulary":
        """`buckets` from row 1 on, with the rarity of each."""
        rows = np.zeros(BUCKETS, np.int32)
        rows[buckets] = np.arange(1, len(buckets) + 1)
        return cls(rows, np.concatenate([np.zeros(1, np.float32), rarity.astype(np.float32)]))

    @property
    def buckets(self) -> Ints:
        """The bucket of every row from 1 on."""
        known = np.flatnonzero(self.rows)
        return known[np.argsort(self.rows[known])]


class Reading(NamedTuple):
    """Texts as a model reads them.

    `rows` has the row of every window, as `windows.buckets` has its bucket. The distinct rows of text i are
    `known[starts[i]:starts[i + 1]]`; `lengths[i]` is the length of its vector, 1 when it has none.
    """

    windows: Windows
    rows: NDArray[np.int32]
    known: Ints
    starts: Ints
    lengths: Floats

    def of(self, texts: Ints) -> "Reading":
        """The same of some of the texts (their numbers, rising)."""
        if len(texts) == len(self.lengths):
            return self
        seen, kept = self.windows.of(texts)
        begins, sizes = self.starts[texts], np.diff(self.starts)[texts]
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
        known = self.known[np.repeat(begins - starts[:-1], sizes) + np.arange(starts[-1])]
        return Reading(seen, self.rows[:, kept], known, starts, self.lengths[texts])


def read(texts: Sequence[str], vocabulary: Vocabulary) -> Reading:
    """What a model sees of the texts."""
    seen = windows(texts)
    rows = vocabulary.rows[seen.buckets]
    known, starts = distinct(seen.owner, rows, len(texts))
    squares = _sums(np.square(vocabulary.rarity[known]), starts)
    return Reading(seen, rows, known, starts, np.sqrt(np.where(squares > 0, squares, 1)).astype(np.float32))


@dataclass(frozen=True, slots=True)
class LinearModel:
    """`weights` (rows x classes of all heads, int8); `scales`, `bias`, `slopes`, `shifts` have one figure per class."""

    version: str
    heads: tuple[Head, ...]
    vocabulary: Vocabulary
    weights: NDArray[np.int8]
    scales: Floats
    bias: Floats
    slopes: Floats
    shifts: Floats

    def probabilities(self, reading: Reading) -> dict[str, Floats]:
        """For each head an array (texts x classes) whose rows sum to 1."""
        return self.calibrated(self.scores(reading))

    def calibrated(self, scores: Floats) -> dict[str, Floats]:
        """The probabilities that `scores` mean, by head."""
        return {head.name: self._calibrated(head, scores[:, head.columns]) for head in self.heads}

    def scores(self, reading: Reading) -> Floats:
        """Raw scores, texts x all classes."""
        sums = _sums(self.weights.take(reading.known, axis=0).astype(np.int32), reading.starts)
        scores: Floats = (sums * self.scales / reading.lengths[:, None] + self.bias).astype(np.float32)
        return scores

    def gains(self, reading: Reading, head: Head, given: Ints, slopes: Floats | None = None) -> Floats:
        """How much every window (as in `Reading.rows`) speaks for class number `given[i]` of its text i, in log-odds.

        Against the mean of the head's other classes. A window that a text repeats has its whole gain at each place. `slopes`
        are what the scores of the head's classes count: as this model is calibrated, if none are given.
        """
        count = len(head.classes)
        versus = np.full((len(given), count), -1 / max(1, count - 1), np.float32)
        versus[np.arange(len(given)), given] = 1
        counted = self.slopes[head.columns] if slopes is None else slopes
        versus *= self.scales[head.columns] * counted / reading.lengths[:, None]
        each = versus[reading.windows.owner]
        # Whole rows are taken, then columns: picking both at once copies class by class.
        gains: Floats = np.stack(
            [np.einsum("pc,pc->p", self.weights.take(rows, axis=0)[:, head.columns], each) for rows in reading.rows]
        )
        return gains

    def _calibrated(self, head: Head, scores: Floats) -> Floats:
        return softmax(scores * self.slopes[head.columns] + self.shifts[head.columns])


def softmax(scores: Floats) -> Floats:
    """Probabilities (texts x classes), rows summing to 1."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    probabilities: Floats = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
    return probabilities


def _sums(values: NDArray[Number], starts: Ints) -> NDArray[Number]:
    """Sum over each stretch of the first axis; 0 for an empty one, to which `reduceat` would give its neighbour's first."""
    found = np.zeros((len(starts) - 1, *values.shape[1:]), values.dtype)
    full = np.diff(starts) > 0
    if full.any():
        found[full] = np.add.reduceat(values, starts[:-1][full], axis=0)
    return found


class _Meta(msgspec.Struct):
    version: str
    bits: int
    heads: list[tuple[str, list[str]]]


PER_CLASS = ("scales", "bias", "slopes", "shifts")
"""Fields of a model that have one figure per class."""


def save(model: LinearModel, path: Path | BinaryIO) -> None:
    """Write a model to one compressed file."""
    meta = _Meta(model.version, BITS, [(h.name, list(h.classes)) for h in model.heads])
    np.savez_compressed(
        path,
        meta=np.frombuffer(msgspec.json.encode(meta), np.uint8),
        # Steps between sorted buckets, and columns of one class, compress better than buckets and rows of all classes.
        steps=np.diff(model.vocabulary.buckets, prepend=0).astype(np.uint16),
        rarity=model.vocabulary.rarity[1:].astype(np.float16),
        weights=np.ascontiguousarray(model.weights[1:].T),
        **{name: getattr(model, name) for name in PER_CLASS},
    )


def load(path: Path | BinaryIO) -> LinearModel:
    """Read a model; raises `ValueError` when it is none, is damaged, or was made for other features."""
    try:
        return _load(path)
    except (BadZipFile, zlib.error, EOFError, KeyError, IndexError) as error:
        raise ValueError(f"{path} is no model: {error}") from error


def _load(path: Path | BinaryIO) -> LinearModel:
    with np.load(path) as file:
        meta = msgspec.json.decode(file["meta"].tobytes(), type=_Meta)
        if meta.bits != BITS:
            raise ValueError(f"{path} was made for {meta.bits} bits, not {BITS}")
        heads, first = [], 0
        for name, classes in meta.heads:
            heads.append(Head(name, tuple(classes), first))
            first += len(classes)
        stored = file["weights"]
        weights = np.zeros((stored.shape[1] + 1, first), np.int8)
        weights[1:] = stored.T
        vocabulary = Vocabulary.of(np.cumsum(file["steps"], dtype=np.int64), file["rarity"])
        rest = {name: file[name] for name in PER_CLASS}
    return LinearModel(version=meta.version, heads=tuple(heads), vocabulary=vocabulary, weights=weights, **rest)
