"""The analyse stage: prepared posts in, labelled posts out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from core.records import AnalysedPost, Label, Labels, Ngram, Offence, Place, Post, Risk
from nlp.labels import Judgement, Labeller

KNOWN = frozenset({"zh-Hans", "zh-Hant", "und"})
"""Languages that are judged; posts too short to tell (`und`: emoji, numbers, a word) are judged as Chinese."""
_FIELDS = Post.__struct_fields__


class PlaceFinder(Protocol):
    """Names the places of a folded text, as an office of `jurisdiction` reads it."""

    def find(self, text: str, jurisdiction: str) -> tuple[Place, ...]: ...


class RiskScorer(Protocol):
    """Weighs the risk words of a folded text."""

    def score(self, text: str) -> Risk: ...


@dataclass(frozen=True, slots=True)
class Analyser:
    """What judges posts."""

    labeller: Labeller
    places: PlaceFinder
    risk: RiskScorer


def analyse(posts: Sequence[Post], analyser: Analyser) -> list[AnalysedPost]:
    """The posts with their labels, in order. A language that the models do not know is said to be unknown, not guessed."""
    judged = iter(analyser.labeller.label([post.search for post in posts if post.lang in KNOWN]))
    unknown = _unknown(analyser.labeller)
    return [_analysed(post, next(judged) if post.lang in KNOWN else unknown, analyser) for post in posts]


def _analysed(post: Post, given: Judgement, analyser: Analyser) -> AnalysedPost:
    labels = Labels(
        sentiment=given.sentiment,
        emotion=given.emotion,
        domain=given.domain,
        intent=given.intent,
        offensive=given.offensive,
        places=analyser.places.find(post.search, post.jurisdiction),
        risk=analyser.risk.score(post.search),
        reasons=given.reasons,
        model=analyser.labeller.version,
    )
    return AnalysedPost(**{name: getattr(post, name) for name in _FIELDS}, labels=labels)


def _unknown(labeller: Labeller) -> Judgement:
    """Labels of a post in a language that the models were not trained on: neutral, none, all classes equally likely."""
    neutral = {"sentiment": "neutral", "emotion": "neutral", "domain": "none", "intent": "none"}
    even = {
        head.name: Label(label=neutral[head.name], probs=dict.fromkeys(head.classes, round(1 / len(head.classes), 4)))
        for head in labeller.model.heads
        if head.name in neutral
    }
    nothing: dict[str, tuple[Ngram, ...]] = {}
    return Judgement(
        sentiment=even["sentiment"],
        emotion=even["emotion"],
        domain=even["domain"],
        intent=even["intent"],
        offensive=Offence(label="clean", prob=0.5),
        reasons=nothing,
    )
