"""Learning from what people correct, on the office's own machine: numpy only, no training data needed.

The shipped weights are the prior. What is learnt is a step away from them, as small as will do:

    sum of w_i * cross entropy(text i) + stiffness / 2 * |step|^2

over the corrected texts and over texts that the model was sure of (they keep their answers: what a correction teaches
about one text must not be forgotten about others). The step lives in the n-grams of those texts and nowhere else;
biases and calibration stay. The problem is convex: the same texts give the same step.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nlp.linear import Floats, Head, LinearModel, read

Array = NDArray[np.float64]

STIFFNESS = 5.0
"""How dear a step is, in units of the loss of one text; chosen among 0.5, 2, 5, 10 on development sets (docs/models.md)."""
PASSES = 300
ENOUGH = 1e-5
"""The fit ends when a pass moves no weight by more."""
POWERS = 12


@dataclass(frozen=True, slots=True)
class Lesson:
    """A folded text with the probabilities of the head's classes that it shall have, and how much it counts."""

    text: str
    wanted: tuple[float, ...]
    weight: float = 1.0


def learn(model: LinearModel, lessons: Mapping[str, Sequence[Lesson]], stiffness: float = STIFFNESS) -> LinearModel:
    """The model after lessons by head; heads without any stay as they are, and so does the version."""
    weights = model.weights.copy()
    for head in model.heads:
        given = lessons.get(head.name)
        if given:
            rows, step = _step(model, head, given, stiffness)
            scales = model.scales[head.columns]
            moved = weights[rows, head.columns] * scales + step
            weights[rows, head.columns] = np.clip(np.round(moved / scales), -127, 127).astype(np.int8)
    return replace(model, weights=weights)


def _step(
    model: LinearModel, head: Head, lessons: Sequence[Lesson], stiffness: float
) -> tuple[NDArray[np.int64], Floats]:
    """Rows of the matrix, and what is added to each of them in the columns of the head."""
    texts = _Texts.of(model, [lesson.text for lesson in lessons])
    slope = model.slopes[head.columns].astype(np.float64)
    fixed = texts.scores[:, head.columns] * slope + model.shifts[head.columns]
    wanted = np.array([lesson.wanted for lesson in lessons])
    weight = np.array([[lesson.weight] for lesson in lessons])
    # Nesterov's method; the step size is safe for the steepest direction there is (softmax curves by a half at most).
    steepest = float(np.square(slope.max())) / 2 * texts.largest(weight) + stiffness
    step = np.zeros((len(texts.rows), len(head.classes)))
    ahead = step
    for number in range(PASSES):
        errors = _softmax(fixed + texts.times(ahead) * slope) - wanted
        before, step = step, ahead - (texts.back(errors * weight * slope) + stiffness * ahead) / steepest
        ahead = step + number / (number + 3) * (step - before)
        if np.abs(step - before).max(initial=0) < ENOUGH:
            break
    return texts.rows, (step * texts.rarity[:, None]).astype(np.float32)


def _softmax(logits: Array) -> Array:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    found: Array = powers / powers.sum(axis=1, keepdims=True)
    return found


@dataclass(frozen=True, slots=True)
class _Texts:
    """Texts as a sparse matrix: `values[j]` in row `owner[j]` and column `place[j]`, which is row `rows[place[j]]` of the
    model and has `rarity[place[j]]`. Each text has length one, as the model sees it. `scores` are what it gives them now.
    """

    scores: Array
    rows: NDArray[np.int64]
    rarity: Array
    owner: NDArray[np.int64]
    place: NDArray[np.int64]
    values: Array

    @classmethod
    def of(cls, model: LinearModel, texts: Sequence[str]) -> "_Texts":
        reading = read(texts, model.vocabulary)
        owner = np.repeat(np.arange(len(texts)), np.diff(reading.starts))
        rows, place = np.unique(reading.known, return_inverse=True)
        rarity = model.vocabulary.rarity.astype(np.float64)
        values = rarity[reading.known] / reading.lengths[owner]
        return cls(model.scores(reading).astype(np.float64), rows, rarity[rows], owner, place, values)

    def times(self, step: Array) -> Array:
        """What a step adds to the scores: texts x classes."""
        count = len(self.scores)
        return np.stack([np.bincount(self.owner, self.values * of[self.place], count) for of in step.T], axis=1)

    def back(self, errors: Array) -> Array:
        """What errors of the scores say of each column: columns x classes."""
        count = len(self.rows)
        return np.stack([np.bincount(self.place, self.values * of[self.owner], count) for of in errors.T], axis=1)

    def largest(self, weight: Array) -> float:
        """The largest eigenvalue of the weighted texts, by power iteration, with a little to spare."""
        vector = np.ones((len(self.rows), 1))
        size = 0.0
        for _ in range(POWERS):
            vector /= max(float(np.linalg.norm(vector)), 1e-12)
            vector = self.back(self.times(vector) * weight)
            size = float(np.linalg.norm(vector))
        return 1.1 * size
