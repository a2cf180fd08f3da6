"""The fast tier of labels: sentiment, emotion, domain, intent and offence of every post, calibrated, with reasons."""

from collections.abc import Mapping, Sequence
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

Reasons = dict[str, tuple[Ngram, ...]]
"""By head, the passages that carried its decision."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The five labels of a text and the passages that carried them."""

    sentiment: Label
    emotion: Label
    domain: Label
    intent: Label
    offensive: Offence
    reasons: Reasons


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
        labels = {head.name: _labels(head, found[head.name]) for head in self.model.heads}
        reasons = self._reasons(texts, labels)
        return [
            _judgement({name: column[number] for name, column in labels.items()}, reasons[number])
            for number in range(len(texts))
        ]

    def _reasons(self, texts: Sequence[str], labels: Mapping[str, list[Label]]) -> list[Reasons]:
        wanted = {name: [label.label for label in labels[name]] for name in EXPLAINED}
        given: list[Reasons] = [{} for _ in texts]
        for name, column in self.model.reasons(texts, wanted, REASONS).items():
            for reasons, found in zip(given, column, strict=True):
                reasons[name] = _ngrams(found)
        rude = [n for n, label in enumerate(labels["offensive"]) if label.probs["offensive"] >= LIKELY]
        offending = {"offensive": ["offensive"] * len(rude)}
        for number, found in zip(
            rude, self.model.reasons([texts[n] for n in rude], offending, REASONS)["offensive"], strict=True
        ):
            given[number]["offensive"] = _ngrams(found)
        return given


def _judgement(labels: Mapping[str, Label], reasons: Reasons) -> Judgement:
    offence = labels["offensive"].probs["offensive"]
    return Judgement(
        sentiment=labels["sentiment"],
        emotion=labels["emotion"],
        domain=labels["domain"],
        intent=labels["intent"],
        offensive=Offence(label="offensive" if offence >= LIKELY else "clean", prob=offence),
        reasons=reasons,
    )


def _ngrams(found: Sequence[tuple[str, float]]) -> tuple[Ngram, ...]:
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
