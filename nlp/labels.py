"""Labels of a post: sentiment, emotion, domain, intent, offence and danger, calibrated, with reasons; and the fast tier that
gives them to every post.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from core.records import Label, Ngram, Offence
from nlp.features import Ints
from nlp.linear import Floats, Head, LinearModel, Reading, load, read
from nlp.reasons import Passages, per_window

MODEL = Path(str(files("nlp") / "models" / "fast.npz"))
LIKELY = 0.5
SURE = 0.5
"""A label of less probability is as likely wrong as right: the answer is `unsure`."""
SURE_OF_TWO = 0.6
"""The same where there are but two classes, of which one always has half."""
DANGER = "danger"
"""The head, the first of its two classes, and the category of risk that it gives where no word names one."""
HEADS = frozenset({"sentiment", "emotion", "domain", "intent", "offensive", DANGER})
UNREMARKABLE = {"emotion": "neutral", "domain": "none", "intent": "none", "offensive": "clean", DANGER: "none"}
"""What needs no reason, by head."""
SUSPECTED = 0.2
"""What the fast tier calls a danger with this probability is looked at closer, however sure it is: it knows few words of it."""
REASONS = 4
BATCH = 256
"""Texts read at once: their windows stay in the processor's cache."""

UNSAID = {"sentiment": "neutral", "emotion": "neutral", "domain": "none", "intent": "none"}
OF_TWO = ("offensive", DANGER)
"""Heads of two classes, named as the first of them."""

Reasons = dict[str, tuple[Ngram, ...]]


@dataclass(frozen=True, slots=True)
class Judgement:
    """The five labels of a text, the probability that it tells of a danger to life or limb, the passages that carried them, by
    head, and the version of the model that gave them."""

    sentiment: Label
    emotion: Label
    domain: Label
    intent: Label
    offensive: Offence
    danger: float
    reasons: Reasons
    model: str


class Scored(NamedTuple):
    """Texts as the fast tier sees them: the raw scores of all heads, and the probabilities by head."""

    reading: Reading
    scores: Floats
    probabilities: dict[str, Floats]


@dataclass(frozen=True, slots=True)
class Labeller:
    """The fast tier. Labels folded texts (`nlp.script.fold`: Simplified, lower case)."""

    model: LinearModel

    @property
    def version(self) -> str:
        """The model's version, kept on every record."""
        return self.model.version

    @property
    def heads(self) -> tuple[Head, ...]:
        """The heads that it answers."""
        return self.model.heads

    def label(self, texts: Sequence[str], urgent: Sequence[bool] = ()) -> list[Judgement]:
        """One judgement per text, in order; the same whatever the batch. `urgent` texts get no more than others."""
        return [judgement for part in parts(texts) for judgement in self.judge(self.score(part))]

    def renewed(self, fast: "Labeller") -> "Labeller":
        """The same with another fast tier: that."""
        return fast

    def score(self, texts: Sequence[str]) -> Scored:
        """At most `BATCH` texts, read and scored."""
        reading = read(texts, self.model.vocabulary)
        scores = self.model.scores(reading)
        return Scored(reading, scores, self.model.calibrated(scores))

    def suspicion(self, texts: Sequence[str]) -> Floats:
        """How likely each text tells of a danger."""
        return np.concatenate([dangers(self.score(part)) for part in parts(texts)] or [np.zeros(0, np.float32)])

    def judge(self, scored: Scored) -> list[Judgement]:
        """The judgements of scored texts."""
        reasons: list[Reasons] = [{} for _ in range(len(scored.scores))]
        for head in self.model.heads:
            self._explain(scored.reading, head, scored.probabilities[head.name].argmax(axis=1), reasons)
        return judgements(self.heads, scored.probabilities, reasons, self.version)

    def _explain(self, reading: Reading, head: Head, given: Ints, reasons: list[Reasons]) -> None:
        """Add the head's reasons to those of each text; `given` are the numbers of their classes."""
        texts = remarkable(head, given)
        part = reading.of(texts)
        gains = self.model.gains(part, head, given[texts])
        add(head, texts, per_window(part.windows, gains, REASONS), reasons)


def dangers(scored: Scored) -> Floats:
    """How likely each of the texts tells of a danger."""
    found: Floats = scored.probabilities[DANGER][:, 0]  # the first of its two classes
    return found


def remarkable(head: Head, given: Ints) -> Ints:
    """The numbers of the texts whose class wants a reason; `given` has the number of each text's class."""
    mute = UNREMARKABLE.get(head.name)
    return np.flatnonzero(given != head.classes.index(mute)) if mute in head.classes else np.arange(len(given))


def add(head: Head, texts: Ints, found: Sequence[Passages], reasons: Sequence[Reasons]) -> None:
    """Add the passages that were found in these texts to their reasons."""
    for text, passages in zip(texts.tolist(), found, strict=True):
        if passages:
            reasons[text][head.name] = tuple(Ngram(text=passage, weight=weight) for passage, weight in passages)


def parts(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """The texts in parts that are read at once."""
    for begin in range(0, len(texts), BATCH):
        yield texts[begin : begin + BATCH]


def judgements(
    heads: Sequence[Head], probabilities: dict[str, Floats], reasons: Sequence[Reasons], model: str
) -> list[Judgement]:
    """What the probabilities of all heads (texts x classes each) say of every text."""
    labels = {head.name: _labels(head, probabilities[head.name]) for head in heads if head.name in UNSAID}
    # Of two classes the first one's probability says all.
    offences, dangers = (probabilities[name][:, 0].astype(np.float64).round(4).tolist() for name in OF_TWO)
    rows = zip(*(labels[name] for name in UNSAID), offences, dangers, reasons, strict=True)
    return [
        Judgement(
            sentiment=sentiment,
            emotion=emotion,
            domain=domain,
            intent=intent,
            offensive=_offence(offence),
            danger=danger,
            reasons=why,
            model=model,
        )
        for sentiment, emotion, domain, intent, offence, danger, why in rows
    ]


def _offence(probability: float) -> Offence:
    return Offence(
        label="offensive" if probability >= LIKELY else "clean",
        prob=probability,
        unsure=max(probability, 1 - probability) < SURE_OF_TWO,
    )


def _labels(head: Head, probabilities: Floats) -> list[Label]:
    best = probabilities.argmax(axis=1).tolist()
    rows = probabilities.astype(np.float64).round(4).tolist()
    classes = head.classes
    return [likeliest(classes[top], dict(zip(classes, row, strict=True))) for top, row in zip(best, rows, strict=True)]


def likeliest(label: str, probs: dict[str, float]) -> Label:
    """The label with its probabilities, unsure where it should be."""
    return Label(label=label, probs=probs, unsure=probs[label] < SURE)


def of_two(one: str, other: str, probability: float, *, first: bool) -> Label:
    """`one` (where `first`) or the `other`, of which the former is so probable; unsure where the one given is not likelier."""
    probs = {one: probability, other: round(1 - probability, 4)}
    label = one if first else other
    return Label(label=label, probs=probs, unsure=probs[label] < SURE_OF_TWO)


def unsaid(heads: Sequence[Head], model: str) -> Judgement:
    """Labels of a post that no model here can read: neutral, none, all classes equally likely, unsure."""
    even = {
        head.name: likeliest(UNSAID[head.name], dict.fromkeys(head.classes, round(1 / len(head.classes), 4)))
        for head in heads
        if head.name in UNSAID
    }
    return Judgement(
        sentiment=even["sentiment"],
        emotion=even["emotion"],
        domain=even["domain"],
        intent=even["intent"],
        offensive=Offence(label="clean", prob=0.5, unsure=True),
        danger=0.5,
        reasons={},
        model=model,
    )


def load_labeller(path: Path | BinaryIO = MODEL) -> Labeller:
    """The labeller that ships, or another; raises `ValueError` when its file is none, or answers other heads than `HEADS`."""
    model = load(path)
    check_heads(model.heads)
    return Labeller(model)


def check_heads(heads: Sequence[Head]) -> None:
    """Raise `ValueError` when a model answers other heads than `HEADS`, as one of another release does, or names their classes
    in another order than is read here."""
    if (names := {head.name for head in heads}) != HEADS:
        raise ValueError(f"heads {', '.join(sorted(names))}; expected {', '.join(sorted(HEADS))}")
    for head in heads:
        if head.name in OF_TWO and (len(head.classes), head.classes[0]) != (2, head.name):
            raise ValueError(f"classes of {head.name}: {', '.join(head.classes)}; expected two, {head.name} first")
