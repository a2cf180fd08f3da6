"""How much of the training labels is wrong, and whether leaving those out helps.

    python -m nlp.training.noise --data ../shared/data [--head sentiment]

Every text is labelled by a model that has not seen it (five folds, near-duplicates in one). A label is doubted where the model
is as sure of another class as it is, on average, of that class among those who bear it: off the diagonal of the confident
joint (Northcutt, Jiang and Chuang 2021). What a model doubts is not always wrong; the share is an upper guess. Then each head
is fitted with all texts and without the doubted ones, and both are measured on the development sets, whose labels stay as
they are.
"""

import argparse
from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlp.duplicates import fingerprints
from nlp.linear import Vocabulary
from nlp.training.__main__ import STRENGTHS
from nlp.training.data import SEED, Example, Task, legible, tasks
from nlp.training.fit import Array, calibrate, matrix, svm, vocabulary
from nlp.training.score import macro

FOLDS = 5


def unseen(task: Task, known: Vocabulary) -> Array:
    """Probabilities (texts x classes) of every training text by a model that was fitted without it."""
    marks, where = np.unique(fingerprints([e.name for e in task.train]), return_inverse=True)
    fold = np.random.default_rng(SEED).integers(0, FOLDS, len(marks))[where]
    scores = np.zeros((len(task.train), len(task.classes)))
    for number in range(FOLDS):
        learnt = [e for e, of in zip(task.train, fold, strict=True) if of != number]
        weights, bias = svm(learnt, task.classes, known, STRENGTHS[task.head])
        left = np.flatnonzero(fold == number)
        scores[left] = matrix([task.train[n].text for n in left], known) @ weights + bias
        print(f"{task.head}: fold {number + 1} of {FOLDS}", flush=True)
    slopes, shifts = calibrate(scores, task.train, task.classes)
    powers = np.exp(scores * slopes + shifts - (scores * slopes + shifts).max(axis=1, keepdims=True))
    probabilities: Array = powers / powers.sum(axis=1, keepdims=True)
    return probabilities


def doubted(probabilities: Array, given: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which labels are doubted. `given` has the number of each text's class."""
    classes = probabilities.shape[1]
    usual = np.array([probabilities[given == n, n].mean() if (given == n).any() else 1.0 for n in range(classes)])
    sure = np.where(probabilities >= usual, probabilities, 0.0)
    found: NDArray[np.bool_] = (sure.max(axis=1) > 0) & (sure.argmax(axis=1) != given)
    return found


def compared(task: Task, known: Vocabulary, kept: list[Example]) -> list[str]:
    """Macro-F1 on every development set with all texts and with those kept."""
    both = [svm(examples, task.classes, known, STRENGTHS[task.head]) for examples in (task.train, kept)]
    lines = []
    for name, dev in task.dev.items():
        seen = matrix([e.text for e in dev], known)
        truth = np.array([task.classes.index(e.label) for e in dev])
        figures = [macro(truth, np.asarray(seen @ weights + bias)) for weights, bias in both]
        lines.append(f"| {task.head} | {name} | {figures[0]:.3f} | {figures[1]:.3f} |")
    return lines


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder of research data")
    parser.add_argument("--head", choices=sorted(STRENGTHS))
    chosen = parser.parse_args()
    shares = ["| head | training set | texts | doubted | most often |", "|---|---|---|---|---|"]
    effects = ["| head | development set | all texts | without the doubted |", "|---|---|---|---|"]
    for task in map(legible, tasks(chosen.data)):
        if chosen.head not in (None, task.head):
            continue
        known = vocabulary(sorted({example.text for example in task.train}))
        probabilities = unseen(task, known)
        given = np.array([task.classes.index(e.label) for e in task.train])
        found = doubted(probabilities, given)
        shares += _shares(task, probabilities, found)
        effects += compared(task, known, [e for e, no in zip(task.train, found, strict=True) if not no])
    print("\n".join(["", *shares, "", *effects]))


def _shares(task: Task, probabilities: Array, found: NDArray[np.bool_]) -> list[str]:
    lines = []
    better = probabilities.argmax(axis=1)
    for origin, texts in sorted(Counter(e.origin for e in task.train).items()):
        rows = [n for n, e in enumerate(task.train) if found[n] and e.origin == origin]
        turns = Counter(f"{task.train[n].label} → {task.classes[better[n]]}" for n in rows).most_common(1)
        most = f"{turns[0][0]} ({turns[0][1]})" if turns else "–"
        lines.append(f"| {task.head} | {origin} | {texts} | {len(rows)} ({len(rows) / texts:.1%}) | {most} |")
    return lines


if __name__ == "__main__":
    main()
