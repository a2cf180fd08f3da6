"""The fast tier of labels: sentiment, emotion, domain, intent and offence of every post, calibrated, with reasons."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np

from core.records import Label, Ngram, Offence
from nlp.linear import Floats, Head, LinearModel, load

MODEL = Path(str(files("nlp") / "models" / "fast.npz"))
LIKELY = 0.5
EXPLAINED = ("sentiment", "domain", "intent")
"""Heads whose decision is explained on every post; offence only where there is some."""
REASONS = 4


@dataclass(frozen=True, slots=True)
class Judgement:
    """The five labels of a text and the passages that carried them."""

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
        """One judgement per text, in order."""
        if not texts:
            return []
        found = self.model.probabilities(texts)
        heads = {head.name: _labels(head, found[head.name]) for head in self.model.heads}
        return [
            self._judgement(text, {name: labels[number] for name, labels in heads.items()})
            for number, text in enumerate(texts)
        ]

    def _judgement(self, text: str, labels: dict[str, Label]) -> Judgement:
        offence = labels["offensive"].probs["offensive"]
        explained = [*EXPLAINED, *(["offensive"] if offence >= LIKELY else [])]
        return Judgement(
            sentiment=labels["sentiment"],
            emotion=labels["emotion"],
            domain=labels["domain"],
            intent=labels["intent"],
            offensive=Offence(label="offensive" if offence >= LIKELY else "clean", prob=offence),
            reasons={name: self._reasons(text, name, labels[name].label) for name in explained},
        )

    def _reasons(self, text: str, head: str, class_: str) -> tuple[Ngram, ...]:
        found = self.model.reasons(text, head, class_, REASONS)
        return tuple(Ngram(text=passage, weight=weight) for passage, weight in found)


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
