"""The fast tier of labels: sentiment, emotion, domain, intent and offence of every post, calibrated, with reasons."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np

from core.records import Label, Ngram, Offence
from nlp.linear import Floats, Head, LinearModel, Reading, load, read
from nlp.reasons import passages

MODEL = Path(str(files("nlp") / "models" / "fast.npz"))
LIKELY = 0.5
EXPLAINED = ("sentiment", "domain", "intent", "offensive")
"""Heads whose decision is explained, unless it is one of `UNREMARKABLE`."""
UNREMARKABLE = frozenset({"none", "clean"})
REASONS = 4
BATCH = 256
"""Texts read at once: their windows stay in the processor's cache."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The five labels of a text and the passages that carried them, by head."""

    sentiment: Label
    emotion: Label
    domain: Label
    intent: Label
    offensive: Offence
    reasons: dict[str, tuple[Ngram, ...]]


@dataclass(frozen=True, slots=True)
class Labeller:
    """Labels folded texts (`nlp.script.fold`: Simplified, lower case)."""

    model: LinearModel

    @property
    def version(self) -> str:
        """The model's version, kept on every record."""
        return self.model.version

    def label(self, texts: Sequence[str]) -> list[Judgement]:
        """One judgement per text, in order; the same whatever the batch."""
        found: list[Judgement] = []
        for begin in range(0, len(texts), BATCH):
            found.extend(self._label(texts[begin : begin + BATCH]))
        return found

    def _label(self, texts: Sequence[str]) -> list[Judgement]:
        reading = read(texts, self.model.vocabulary)
        probabilities = self.model.probabilities(reading)
        labels = {head.name: _labels(head, probabilities[head.name]) for head in self.model.heads}
        reasons: list[dict[str, tuple[Ngram, ...]]] = [{} for _ in texts]
        for head in self.model.heads:
            if head.name in EXPLAINED:
                self._explain(reading, head, probabilities[head.name], reasons)
        return [
            _judgement({name: of[number] for name, of in labels.items()}, reasons[number])
            for number in range(len(texts))
        ]

    def _explain(
        self, reading: Reading, head: Head, probabilities: Floats, reasons: list[dict[str, tuple[Ngram, ...]]]
    ) -> None:
        """Add the head's reasons to those of each text."""
        given = probabilities.argmax(axis=1)
        gains = self.model.gains(reading, head, given)
        for mute in UNREMARKABLE.intersection(head.classes):
            gains[:, (given == head.classes.index(mute))[reading.windows.owner]] = 0
        for of, found in zip(reasons, passages(reading.windows, gains, REASONS), strict=True):
            if found:
                of[head.name] = tuple(Ngram(text=passage, weight=weight) for passage, weight in found)


def _judgement(labels: dict[str, Label], reasons: dict[str, tuple[Ngram, ...]]) -> Judgement:
    offence = labels["offensive"].probs["offensive"]
    return Judgement(
        sentiment=labels["sentiment"],
        emotion=labels["emotion"],
        domain=labels["domain"],
        intent=labels["intent"],
        offensive=Offence(label="offensive" if offence >= LIKELY else "clean", prob=offence),
        reasons=reasons,
    )


def _labels(head: Head, probabilities: Floats) -> list[Label]:
    best = probabilities.argmax(axis=1).tolist()
    rows = probabilities.astype(np.float64).round(4).tolist()
    classes = head.classes
    return [
        Label(label=classes[top], probs=dict(zip(classes, row, strict=True)))
        for top, row in zip(best, rows, strict=True)
    ]


def load_labeller(path: Path = MODEL) -> Labeller:
    """The labeller that ships, or one trained elsewhere."""
    return Labeller(load(path))
