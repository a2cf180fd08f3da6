"""What two hundred corrections teach: mistakes of the fast tier on one half of a development set, measured on the other.

    python -m bench teaching

Half of the set (by text, near-duplicates on one side) plays the office: 200 of its mistakes are corrected to the set's own
label, drawn by a seed, and the rest are its other posts, without labels. `nlp.study` then does what `huiying learn` does,
a fifth of the corrections held out. Figures are of the other half, which nothing was learnt from, as means over seeds.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bench.report import Report
from core.records import Correction
from nlp.duplicates import fingerprints
from nlp.labels import load_labeller
from nlp.lessons import Lessons
from nlp.linear import LinearModel
from nlp.study import Study, probabilities, study
from nlp.training.data import BINARY, EMOTIONS, MOODS, PARTS, Example, read
from tests.real import SHARED, posts
from tests.records import correction, post

SEEDS = (1, 2, 3, 4, 5)
CORRECTED = 200
SOME = 6_000
"""Texts drawn from a large set."""
POSTS, BATCH = 2_000, 400

Ints = NDArray[np.int64]


class Half(NamedTuple):
    """The numbers of the office's texts, and of the other ones."""

    office: Ints
    other: Ints


def run(_: Path, report: Report) -> None:
    """What corrections cost a post, then one row for each set."""
    for number in (0, 1_000, 10_000):
        waits = cost(number)
        report.add(f"a post, {number} corrections of its jurisdiction", f"{waits:.2f} µs", "20 µs", met=waits <= 20)
    model = load_labeller().model
    for name, (head, examples) in sets(SHARED).items():
        began = time.perf_counter()
        found = [once(model, head, examples, seed) for seed in SEEDS]
        seconds = (time.perf_counter() - began) / len(SEEDS)
        before = np.mean([f[0] for f in found], axis=0)
        after = np.mean([f[1] for f in found], axis=0)
        renewed = sum(f[2].verdicts[0].renewed for f in found)
        agreement = min(f[2].verdicts[0].agreement for f in found)
        figure = (
            f"accuracy {before[0]:.4f} → {after[0]:.4f}, macro-F1 {before[1]:.4f} → {after[1]:.4f};"
            f" renewed {renewed} of {len(SEEDS)}; least agreement {agreement:.1%}; {seconds:.1f} s"
        )
        report.add(f"{CORRECTED} corrections: {head}, {name}", figure, "not worse", met=bool(after[0] >= before[0]))


def cost(number: int) -> float:
    """Microseconds that a new post waits for so many corrections to be looked through; the best of five."""
    texts = [str(item["text"]) for item in posts(number + POSTS)]
    prints = fingerprints(texts).tolist()
    standing = [correction(f"k{n}", text=texts[n], fingerprint=prints[n]) for n in range(number)]
    new = [post(f"p{n}", texts[n]) for n in range(number, len(texts))]
    known = {(one.id, 0): mark for one, mark in zip(new, prints[number:], strict=True)}
    lessons = Lessons(_Corrected(standing))
    times = []
    for _ in range(5):
        began = time.perf_counter()
        for first in range(0, POSTS, BATCH):
            lessons.look()
            lessons.tell(new[first : first + BATCH], known)
        times.append(time.perf_counter() - began)
    return min(times) / POSTS * 1e6


class _Corrected:
    """A Store that holds corrections of one jurisdiction and nothing else."""

    def __init__(self, standing: list[Correction]) -> None:
        self._standing = standing

    def taught(self) -> str:
        return "always the same"

    def model_in_use(self) -> None:
        return None

    def weights(self, _: str) -> None:
        return None

    def standing_corrections(self, _: str | None) -> list[Correction]:
        return self._standing


def sets(data: Path) -> dict[str, tuple[str, list[Example]]]:
    """Sets that the shipped model has not learnt from, with their heads: the held-out part of what it has, then others."""
    folder = data / "sentiment"
    smp = [e for p in PARTS for e in read(folder / f"smp2020_{p}_dev.csv.gz", "content", "label", MOODS)]
    cold = read(data / "toxicity" / "cold_dev.csv.gz", "TEXT", "label", {"1": "offensive", "0": "clean"})
    found = {f"smp2020_{p}": ("emotion", _emotion(folder, p)) for p in PARTS}
    found |= {"smp2020": ("sentiment", smp), "cold": ("offensive", cold)}
    abusive = {"1.0": "offensive", "0.0": "clean"}
    goods = read(folder / "shopping_reviews_binary.csv.gz", "review", "label", BINARY)
    comments = read(data / "incidents" / "comments_by_incident.csv.gz", "content", "abusive", abusive)
    return found | {"goods (unlike)": ("sentiment", _some(goods)), "comments (unlike)": ("offensive", _some(comments))}


def _some(examples: list[Example]) -> list[Example]:
    drawn = np.random.default_rng(0).permutation(len(examples))[:SOME]
    return [examples[n] for n in drawn.tolist()]


def _emotion(folder: Path, part: str) -> list[Example]:
    return read(folder / f"smp2020_{part}_dev.csv.gz", "content", "label", EMOTIONS)


def once(
    model: LinearModel, head: str, examples: Sequence[Example], seed: int
) -> tuple[tuple[float, float], tuple[float, float], Study]:
    """Accuracy and macro-F1 on the other half before and after, and the study."""
    texts = [e.text for e in examples]
    classes = next(h.classes for h in model.heads if h.name == head)
    truth = np.array([classes.index(e.label) for e in examples])
    prints = fingerprints(texts).tolist()
    chance = np.random.default_rng(seed)
    half = halves(prints, chance)
    given = probabilities(model, texts, head)
    wrong = half.office[given[half.office].argmax(axis=1) != truth[half.office]]
    drawn = chance.permutation(wrong)[:CORRECTED].tolist()
    said = [
        correction(f"k{n}", head=head, label=classes[truth[n]], fingerprint=prints[n], text=texts[n]) for n in drawn
    ]
    found = study(model, model, said, [texts[n] for n in half.office.tolist() if n not in set(drawn)])
    new = probabilities(found.model, [texts[n] for n in half.other.tolist()], head)
    truth = truth[half.other]
    return score(truth, given[half.other].argmax(axis=1)), score(truth, new.argmax(axis=1)), found


def halves(prints: Sequence[int], chance: np.random.Generator) -> Half:
    """By fingerprint."""
    side = {mark: chance.random() < 0.5 for mark in sorted(set(prints))}
    office = np.array([side[mark] for mark in prints])
    return Half(np.flatnonzero(office), np.flatnonzero(~office))


def score(truth: Ints, given: Ints) -> tuple[float, float]:
    """Accuracy and macro-F1 over the classes that there are."""
    each = [
        2 * int(((truth == c) & (given == c)).sum()) / (int((truth == c).sum()) + int((given == c).sum()))
        for c in np.unique(truth)
    ]
    return float((truth == given).mean()), float(np.mean(each))
