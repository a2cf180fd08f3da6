"""Labels that people gave: to which texts they apply, and how a post's labels tell of them. Values only, no storage.

A correction is of a text: it holds for every post of the jurisdiction that says the same (equal folded text) or nearly the
same (`nlp.duplicates`: the measure by which copies are one item on the screen). Two things are not the same however much
they share: a text shorter than twelve letters holds for equal ones only, and who forwards a text with words of his own in
front has said something else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from msgspec.structs import replace

from core.records import AnalysedPost, Correction, Label, Labels, Ngram, Offence, Risk, RiskHit, Told
from nlp.duplicates import AGREEING, agreeing, bands, own_words
from nlp.labels import DANGER
from nlp.risk import weighed

CLASSES: dict[str, tuple[str, ...]] = {
    "sentiment": ("negative", "neutral", "positive"),
    "emotion": ("angry", "fear", "happy", "neutral", "sad", "surprise"),
    "domain": (
        "城乡建设",
        "劳动和社会保障",
        "教育文体",
        "商贸旅游",
        "环境保护",
        "卫生计生",
        "交通运输",
        "none",
    ),
    "intent": ("praise", "report", "suggestion", "inquiry", "help", "complaint", "none"),
    "offensive": ("offensive", "clean"),
    DANGER: (DANGER, "none"),
}
"""What may be said of a post, by head; the classes of the models that ship."""

FEELING = "sentiment"
"""The head whose label may have a target."""
WEIGHT = 0.5
"""Of a danger that only a person sees: what the table that ships (`nlp/data/risk.yaml`) gives one that only a model sees."""
LONGEST_PASSAGE = 20
"""Letters quoted of a text in which no model saw anything."""


class Found(NamedTuple):
    """The correction that holds for a text, and whether it is of a text near it rather than of the same."""

    correction: Correction
    near: bool


@dataclass(slots=True)
class Corrections:
    """The standing corrections of a jurisdiction, ready to be asked. The newest of a text and head holds."""

    _same: dict[str, dict[str, Correction]] = field(default_factory=dict)
    _bands: dict[tuple[int, int], list[Correction]] = field(default_factory=dict)

    @classmethod
    def of(cls, standing: Iterable[Correction]) -> "Corrections":
        """From all that are not withdrawn, in any order."""
        made = cls()
        for one in sorted(standing, key=lambda c: (c.at, c.id)):
            made._same.setdefault(one.text, {})[one.head] = one
        for heads in made._same.values():
            for one in heads.values():
                for band in bands(one.fingerprint):
                    made._bands.setdefault(band, []).append(one)
        return made

    def __bool__(self) -> bool:
        return bool(self._same)

    def find(self, text: str, fingerprint: int) -> dict[str, Found]:
        """What holds for a folded text, by head: a correction of the same text before one near it, the nearest and newest."""
        found = {head: Found(one, near=False) for head, one in self._same.get(text, {}).items()}
        best: dict[str, tuple[int, Correction]] = {}
        for one in self._near(text, fingerprint):
            alike = agreeing(one.fingerprint, fingerprint)
            if one.head not in found and alike >= AGREEING:
                rank = best.get(one.head)
                if rank is None or (alike, one.at, one.id) > (rank[0], rank[1].at, rank[1].id):
                    best[one.head] = (alike, one)
        return found | {head: Found(one, near=True) for head, (_, one) in best.items()}

    def _near(self, text: str, fingerprint: int) -> Iterable[Correction]:
        """Those that may be near; one comes as often as it shares a band."""
        if fingerprint & 1:
            return
        said = None
        for band in bands(fingerprint):
            for one in self._bands.get(band, ()):
                if one.fingerprint & 1:
                    continue
                said = own_words(text) if said is None else said
                if own_words(one.text) == said:
                    yield one


def told(post: AnalysedPost, found: Mapping[str, Found]) -> AnalysedPost:
    """The post with these people's labels and no others, the model's own beside them; the same object when it has them."""
    labels = _by_model(post.labels)
    for head, (one, near) in found.items():
        labels = _by_person(labels, head, one, near=near)
    if DANGER in found:
        labels = replace(labels, risk=_as_said(post, labels))
    return post if labels == post.labels else replace(post, labels=labels)


def model_label(labels: Labels, head: str) -> Label:
    """The model's own answer, whoever was asked after it."""
    return labels.told[head].model if head in labels.told else _label(labels, head)


def _label(labels: Labels, head: str) -> Label:
    given = getattr(labels, head)
    if isinstance(given, Offence):
        rest = round(1 - given.prob, 4)
        return Label(label=given.label, probs={"offensive": given.prob, "clean": rest}, unsure=given.unsure)
    label: Label = given
    return label


def _by_model(labels: Labels) -> Labels:
    if not labels.told:
        return labels
    fields: dict[str, object] = {head: _as_head(head, one.model) for head, one in labels.told.items()}
    reasons = {head: why for head, why in labels.reasons.items() if head not in labels.told}
    reasons |= {head: one.reasons for head, one in labels.told.items() if one.reasons}
    target = labels.told[FEELING].target if FEELING in labels.told else labels.target
    risk = labels.told[DANGER].risk if DANGER in labels.told else None
    return replace(labels, **fields, reasons=reasons, told={}, target=target, risk=risk or labels.risk)


def _by_person(labels: Labels, head: str, one: Correction, *, near: bool) -> Labels:
    model = _label(labels, head)
    sure = dict.fromkeys(CLASSES[head], 0.0) | {one.label: 1.0}
    mark = Told(
        who=one.who,
        at=one.at,
        correction=one.id,
        near=near,
        model=model,
        reasons=labels.reasons.get(head, ()),
        target=labels.target if head == FEELING else None,
        risk=labels.risk if head == DANGER else None,
    )
    why = (Ngram(text=f"correction {one.id}", weight=0.0),)
    return replace(
        labels,
        **{head: _as_head(head, Label(label=one.label, probs=sure))},
        reasons={**labels.reasons, head: why},
        told={**labels.told, head: mark},
        # What is neutral is about nothing.
        target=None if (head, one.label) == (FEELING, "neutral") else labels.target,
    )


def _as_said(post: AnalysedPost, labels: Labels) -> Risk:
    """The risk where a person said whether there is a danger: its hits of one go, or there is one at least."""
    risk = labels.risk
    dangers = [hit for hit in risk.hits if hit.danger]
    if labels.danger.label != DANGER:
        return weighed([hit for hit in risk.hits if not hit.danger]) if dangers else risk
    if dangers:
        return risk
    return weighed([*risk.hits, RiskHit(category=DANGER, word=_passage(post, labels), weight=WEIGHT, danger=True)])


def _passage(post: AnalysedPost, labels: Labels) -> str:
    """What tells of a danger that a person saw: what the model suspected, else how the text begins."""
    suspected = labels.told[DANGER].reasons
    return suspected[0].text if suspected else (post.title or post.text)[:LONGEST_PASSAGE]


def _as_head(head: str, label: Label) -> Label | Offence:
    if head != "offensive":
        return label
    return Offence(label=label.label, prob=label.probs["offensive"], unsure=label.unsure)
