"""From corrections to a model that may replace the one in use: what is learnt from, what is held out, and the judgement.

Every head is judged alone, for its weights are its own. A head is renewed when, on corrections that it has not seen, it is
not worse than the model in use, and when it still says what that one was sure of about texts that nobody corrected.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from core.records import Correction
from nlp.analyse import KNOWN
from nlp.dodges import shipped_dodges
from nlp.duplicates import alike, fingerprints
from nlp.features import Ints
from nlp.language import detect
from nlp.learning import Lesson, learn
from nlp.linear import PER_CLASS, Floats, Head, LinearModel, read

LEAST = 10
"""Corrections of a head below which nothing is learnt for it."""
LEAST_HELD = 2
HELD = 5
"""One text in so many is held out; near-duplicates are on one side, and a text is always on the same."""
SURE = 0.9
"""From this probability on the model is sure."""
AGREEING = 0.98
"""Of what it was sure of it must still say so much."""
LEAST_GUARDS = 50
MOST_TEXTS = 4_000
"""Texts that are learnt from, the newest; and as many of those that keep the model from forgetting."""
BATCH = 512


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a head: its `held` corrections that were right, and the share of `guards` that it says as before."""

    head: str
    corrections: int
    held: int = 0
    right_before: int = 0
    right_after: int = 0
    guards: int = 0
    agreement: float = 1.0
    why: str = ""
    """Why it is not renewed; empty when it is."""

    @property
    def renewed(self) -> bool:
        """Whether the new weights are better or as good."""
        return not self.why


@dataclass(frozen=True, slots=True)
class Study:
    """The verdicts of all heads with corrections, and the model that they allow: the one in use when they allow none."""

    model: LinearModel
    verdicts: list[Verdict]

    @property
    def corrections(self) -> int:
        """How many corrections there were to learn from and to judge by."""
        return sum(v.corrections for v in self.verdicts)


@dataclass(frozen=True, slots=True)
class _Corrected:
    """The texts that were corrected for a head, with the number of the class, and which are held out."""

    texts: list[str]
    truth: Ints
    held: NDArray[np.bool_]


def study(shipped: LinearModel, used: LinearModel, corrections: Sequence[Correction], texts: Sequence[str]) -> Study:
    """Learn from the corrections, beginning at the shipped weights; `texts` are folded ones that nobody corrected.

    Corrections of other languages than the model is asked about are left out.
    """
    said = [msgspec.structs.replace(c, text=_as_labelled(c.text)) for c in corrections if detect(c.text) in KNOWN]
    corrected = _corrected(shipped, said)
    anchors, guards = _apart([_as_labelled(text) for text in texts], {c.text for c in said})
    lessons = {name: _lessons(of, shipped, name, anchors) for name, of in corrected.items() if len(of.texts) >= LEAST}
    learnt = learn(shipped, lessons)
    verdicts = [
        _judge(head, corrected[head.name], used, learnt, guards) for head in shipped.heads if head.name in corrected
    ]
    renewed = {v.head for v in verdicts if v.renewed}
    return Study(_joined(used, shipped, learnt, renewed) if renewed else used, verdicts)


def _as_labelled(text: str) -> str:
    """A folded text as the model has it before it when a post is labelled (`nlp.analyse`)."""
    return shipped_dodges().plain(text).text


def named(model: LinearModel) -> str:
    """The version that a model's content gives it."""
    parts: list[NDArray[Any]] = [model.vocabulary.buckets, model.vocabulary.rarity, model.weights, model.scales]
    parts += [model.bias, model.slopes, model.shifts]
    return "fast-" + hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()[:10]


def _joined(used: LinearModel, shipped: LinearModel, learnt: LinearModel, renewed: set[str]) -> LinearModel:
    """The learnt heads that are renewed; the others from the model in use if it began at these weights too, else as shipped."""
    weights = learnt.weights.copy()
    rest = used if _same_beginning(used, shipped) else shipped
    for head in shipped.heads:
        if head.name not in renewed:
            weights[:, head.columns] = rest.weights[:, head.columns]
    made = replace(learnt, weights=weights)
    return replace(made, version=named(made))


def _same_beginning(one: LinearModel, other: LinearModel) -> bool:
    """Whether all that learning leaves as it is agrees: only then do columns of weights mean the same in both."""
    agree = all(map(np.array_equal, one.vocabulary, other.vocabulary))
    return agree and all(np.array_equal(getattr(one, part), getattr(other, part)) for part in PER_CLASS)


def _corrected(model: LinearModel, corrections: Iterable[Correction]) -> dict[str, _Corrected]:
    """By head; of a text the newest counts."""
    newest: dict[tuple[str, str], Correction] = {}
    for one in sorted(corrections, key=lambda c: (c.at, c.id)):
        newest.pop((one.head, one.text), None)
        newest[one.head, one.text] = one
    found: dict[str, _Corrected] = {}
    for head in model.heads:
        ones = [c for (name, _), c in newest.items() if name == head.name and c.label in head.classes][-MOST_TEXTS:]
        if ones:
            truth = np.array([head.classes.index(c.label) for c in ones], np.int64)
            found[head.name] = _Corrected([c.text for c in ones], truth, _held(ones))
    return found


def _held(ones: Sequence[Correction]) -> NDArray[np.bool_]:
    """Which are held out: by the fingerprint of the first of their near-duplicates, whenever it is asked."""
    prints = np.array([c.fingerprint for c in ones], np.int64)
    held = np.zeros(len(ones), bool)
    done = np.zeros(len(ones), bool)
    for index in np.lexsort((prints,)).tolist():
        if not done[index]:
            group = alike(prints, int(prints[index])) & ~done
            held[group] = _chance(f"held {prints[index]}") % HELD == 0
            done |= group
    return held


def _chance(text: str) -> int:
    """A number that is as good as drawn, and the same everywhere."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big")


def _apart(texts: Sequence[str], corrected: set[str]) -> tuple[list[str], list[str]]:
    """Texts to keep in mind while learning, and others to see afterwards whether that was enough; none alike on both sides."""
    distinct = list(dict.fromkeys(t for t in texts if t and t not in corrected))[:MOST_TEXTS]
    sides: tuple[list[str], list[str]] = ([], [])
    for text, print_ in zip(distinct, fingerprints(distinct).tolist() if distinct else [], strict=True):
        sides[_chance(f"guard {print_}") % 2].append(text)
    return sides


def _lessons(of: _Corrected, shipped: LinearModel, name: str, anchors: Sequence[str]) -> list[Lesson]:
    """What people said, and what the shipped model was sure of."""
    classes = len(next(head.classes for head in shipped.heads if head.name == name))
    said = np.eye(classes)[of.truth]
    found = [
        Lesson(text, tuple(row))
        for text, row, held in zip(of.texts, said.tolist(), of.held.tolist(), strict=True)
        if not held
    ]
    kept = probabilities(shipped, anchors, name)
    sure = kept.max(axis=1) >= SURE
    return found + [Lesson(anchors[n], tuple(kept[n].tolist())) for n in np.flatnonzero(sure).tolist()]


def _judge(head: Head, of: _Corrected, used: LinearModel, learnt: LinearModel, guards: Sequence[str]) -> Verdict:
    if len(of.texts) < LEAST:
        return Verdict(head.name, len(of.texts), why=f"fewer than {LEAST} corrections")
    held = [text for text, out in zip(of.texts, of.held.tolist(), strict=True) if out]
    truth = of.truth[of.held]
    before, after = (int((_given(model, held, head.name) == truth).sum()) for model in (used, learnt))
    answers = probabilities(used, guards, head.name)
    sure = np.flatnonzero(answers.max(axis=1) >= SURE)
    same = answers[sure].argmax(axis=1) == _given(learnt, [guards[n] for n in sure.tolist()], head.name)
    agreement = float(same.mean()) if len(sure) else 1.0
    verdict = Verdict(head.name, len(of.texts), len(held), before, after, len(sure), round(agreement, 4))
    return replace(verdict, why=_objection(verdict))


def _objection(v: Verdict) -> str:
    if v.held < LEAST_HELD:
        return "too few corrections to hold any out"
    if v.guards < LEAST_GUARDS:
        return "too few other posts to see whether it forgets"
    if v.right_after < v.right_before:
        return "worse on corrections that it had not seen"
    if v.agreement < AGREEING:
        return "forgets what it was sure of"
    return ""


def _given(model: LinearModel, texts: Sequence[str], name: str) -> Ints:
    found: Ints = probabilities(model, texts, name).argmax(axis=1)
    return found


def probabilities(model: LinearModel, texts: Sequence[str], name: str) -> Floats:
    """What a model says of the texts for one head: texts x classes."""
    head = next(head for head in model.heads if head.name == name)
    rows = [
        model.probabilities(read(texts[begin : begin + BATCH], model.vocabulary))[name]
        for begin in range(0, len(texts), BATCH)
    ]
    return np.concatenate([np.zeros((0, len(head.classes)), np.float32), *rows])
