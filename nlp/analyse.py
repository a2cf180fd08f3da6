"""The analyse stage: prepared posts in, labelled posts out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from msgspec.structs import replace

from core.records import AnalysedPost, Label, Labels, Ngram, Place, Post, Risk, Target
from core.storage.alignment import Origin, origins
from nlp.dodges import Dodges, Plain, shipped_dodges
from nlp.labels import DANGER, Judgement, Reasons, unsaid
from nlp.labels import Labeller as FastTier
from nlp.linear import Floats, Head
from nlp.risk import Danger
from nlp.script import fold
from nlp.sentences import look_closer
from nlp.targets import find_target

KNOWN = frozenset({"zh-Hans", "zh-Hant", "und"})
"""Languages that are judged; posts too short to tell (`und`: emoji, numbers, a word) are judged as Chinese."""
_FIELDS = Post.__struct_fields__


ENGLISH = "en"


class Labeller(Protocol):
    """Gives folded texts their labels; `urgent` ones with all the care it has."""

    @property
    def version(self) -> str: ...

    @property
    def heads(self) -> tuple[Head, ...]: ...

    def label(self, texts: Sequence[str], urgent: Sequence[bool] = ()) -> list[Judgement]: ...

    def suspicion(self, texts: Sequence[str]) -> Floats: ...

    def renewed(self, fast: FastTier) -> "Labeller": ...


class OtherLabeller(Protocol):
    """Gives folded texts of one other language what labels it can; `urgent` ones before the others."""

    def label(self, texts: Sequence[str], urgent: Sequence[bool] = ()) -> list[Judgement]: ...


class PlaceFinder(Protocol):
    """Names the places of a folded text, as an office of `jurisdiction` reads it."""

    def find(self, text: str, jurisdiction: str) -> tuple[Place, ...]: ...


class RiskScorer(Protocol):
    """Weighs the risk words of a folded text, and the danger that a model sees where no word names one."""

    def score(self, text: str) -> Risk: ...

    def unnamed(self, risk: Risk, danger: Danger) -> Risk: ...

    def tells(self, risk: Risk, probability: float) -> Label: ...


@dataclass(frozen=True, slots=True)
class Analyser:
    """What judges posts."""

    labeller: Labeller
    places: PlaceFinder
    risk: RiskScorer
    dodges: Dodges = field(default_factory=shipped_dodges)
    english: OtherLabeller | None = None


def analyse(posts: Sequence[Post], analyser: Analyser) -> list[AnalysedPost]:
    """The posts with their labels, in order. A language that the models do not know is said to be unknown, not guessed.

    Models and risk read through dodged spellings; reasons quote what was written.
    """
    plain = [analyser.dodges.plain(post.search) for post in posts]
    lines = [_by_line(*each, analyser.dodges) for each in zip(posts, plain, strict=True)]
    risks = [analyser.risk.score(each) for each in lines]
    given = _judged(posts, plain, lines, risks, analyser)
    return [_analysed(*each, analyser) for each in zip(posts, plain, given, risks, lines, strict=True)]


def _by_line(post: Post, read: Plain, dodges: Dodges) -> str:
    """Where risk is looked for: folding takes lines away, and a drill in the title says nothing of the fire below it."""
    lines = f"{post.title}\n{post.text}".strip().split("\n")
    return "\n".join([dodges.plain(fold(line)).text for line in lines]) if len(lines) > 1 else read.text


def _judged(
    posts: Sequence[Post], plain: Sequence[Plain], lines: Sequence[str], risks: Sequence[Risk], analyser: Analyser
) -> list[Judgement]:
    """The judgement of every post by whoever reads its language."""
    found = [unsaid(analyser.labeller.heads, analyser.labeller.version)] * len(posts)
    urgent = [bool(risk.hits) for risk in risks]
    known = [number for number, post in enumerate(posts) if post.lang in KNOWN]
    given = analyser.labeller.label([plain[n].text for n in known], [urgent[n] for n in known])
    given = look_closer([lines[n] for n in known], given, analyser.labeller)
    for number, judgement in zip(known, given, strict=True):
        found[number] = judgement
    english = [number for number, post in enumerate(posts) if post.lang == ENGLISH]
    if english and analyser.english is not None:
        given = analyser.english.label([posts[n].search for n in english], [urgent[n] for n in english])
        for number, judgement in zip(english, given, strict=True):
            found[number] = judgement
    return found


def _analysed(post: Post, read: Plain, given: Judgement, risk: Risk, lines: str, analyser: Analyser) -> AnalysedPost:
    places = analyser.places.find(post.search, post.jurisdiction)
    reasons = _as_written(_quoted(given.reasons, read) if read.changes else given.reasons, post)
    as_read, as_written = (next((one.text for one in why.get(DANGER, ())), "") for why in (given.reasons, reasons))
    risk = analyser.risk.unnamed(risk, Danger(given.danger, as_read, lines, as_written))
    labels = Labels(
        sentiment=given.sentiment,
        emotion=given.emotion,
        domain=given.domain,
        intent=given.intent,
        offensive=given.offensive,
        danger=analyser.risk.tells(risk, given.danger),
        places=places,
        risk=risk,
        reasons=reasons,
        model=given.model,
        target=_target(read, given, places),
    )
    return AnalysedPost(**{name: getattr(post, name) for name in _FIELDS}, labels=labels)


def _target(read: Plain, given: Judgement, places: Sequence[Place]) -> Target | None:
    """What a feeling is about, in the words of the post; what is neutral is about nothing."""
    if given.sentiment.label == "neutral":
        return None
    found = find_target(read.text, given.reasons.get("sentiment", ()), places)
    return replace(found, text=read.quoted(found.text)) if found and read.changes else found


def _as_written(reasons: Reasons, post: Post) -> Reasons:
    """The reasons with the letters of the post where folding took others: Traditional, full width, capitals."""
    passages = {ngram.text for ngrams in reasons.values() for ngram in ngrams}
    unlike = {passage for passage in passages if passage not in post.text and passage not in post.title}
    if not unlike or not (places := origins(post)):
        return reasons
    written = {passage: _slice(passage, post, places) for passage in unlike}
    return {
        head: tuple(Ngram(text=written.get(ngram.text, ngram.text), weight=ngram.weight) for ngram in ngrams)
        for head, ngrams in reasons.items()
    }


def _slice(passage: str, post: Post, places: Sequence[Origin | None]) -> str:
    """The first stretch of title or text that was folded to the passage; the passage where there is none."""
    start = post.search.find(passage)
    found = [place for place in places[start : start + len(passage)] if place is not None] if start >= 0 else []
    if not found or found[0].in_title != found[-1].in_title:
        return passage
    return (post.title if found[0].in_title else post.text)[found[0].start : found[-1].end]


def _quoted(reasons: Reasons, read: Plain) -> Reasons:
    """The reasons in the words of the post; two that quote the same words are one, the heavier."""
    found: Reasons = {}
    for head, ngrams in reasons.items():
        quotes: dict[str, Ngram] = {}
        for ngram in ngrams:
            text = read.quoted(ngram.text)
            quotes.setdefault(text, Ngram(text=text, weight=ngram.weight))
        found[head] = tuple(quotes.values())
    return found
