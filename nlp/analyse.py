"""The analyse stage: prepared posts in, labelled posts out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from msgspec.structs import replace

from core.records import AnalysedPost, Label, Labels, Ngram, Offence, Place, Post, Risk, Target
from nlp.dodges import Dodges, Plain, shipped_dodges
from nlp.labels import Judgement, Labeller
from nlp.targets import find_target

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
    dodges: Dodges = field(default_factory=shipped_dodges)


def analyse(posts: Sequence[Post], analyser: Analyser) -> list[AnalysedPost]:
    """The posts with their labels, in order. A language that the models do not know is said to be unknown, not guessed.

    Models and risk read through dodged spellings; reasons quote what was written.
    """
    plain = [analyser.dodges.plain(post.search) for post in posts]
    known = [read.text for post, read in zip(posts, plain, strict=True) if post.lang in KNOWN]
    judged = iter(analyser.labeller.label(known))
    unknown = _unknown(analyser.labeller)
    return [
        _analysed(post, read, next(judged) if post.lang in KNOWN else unknown, analyser)
        for post, read in zip(posts, plain, strict=True)
    ]


def _analysed(post: Post, read: Plain, given: Judgement, analyser: Analyser) -> AnalysedPost:
    places = analyser.places.find(post.search, post.jurisdiction)
    labels = Labels(
        sentiment=given.sentiment,
        emotion=given.emotion,
        domain=given.domain,
        intent=given.intent,
        offensive=given.offensive,
        places=places,
        risk=analyser.risk.score(read.text),
        reasons=_quoted(given.reasons, read) if read.changes else given.reasons,
        model=analyser.labeller.version,
        target=_target(read, given, places),
    )
    return AnalysedPost(**{name: getattr(post, name) for name in _FIELDS}, labels=labels)


def _target(read: Plain, given: Judgement, places: Sequence[Place]) -> Target | None:
    """What a feeling is about, in the words of the post; what is neutral is about nothing."""
    if given.sentiment.label == "neutral":
        return None
    found = find_target(read.text, given.reasons.get("sentiment", ()), places)
    return replace(found, text=read.quoted(found.text)) if found and read.changes else found


def _quoted(reasons: dict[str, tuple[Ngram, ...]], read: Plain) -> dict[str, tuple[Ngram, ...]]:
    """The reasons in the words of the post; two that quote the same words are one, the heavier."""
    found: dict[str, tuple[Ngram, ...]] = {}
    for head, ngrams in reasons.items():
        quotes: dict[str, Ngram] = {}
        for ngram in ngrams:
            text = read.quoted(ngram.text)
            quotes.setdefault(text, Ngram(text=text, weight=ngram.weight))
        found[head] = tuple(quotes.values())
    return found


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
