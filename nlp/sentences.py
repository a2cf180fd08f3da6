"""A danger that one sentence tells among others.

The scores of both tiers are means over a text: where one sentence of five tells of a danger, four say that there is none. So
the fast tier looks at each sentence, and the one that it suspects most is judged by itself; in texts about a matter or with a
request only, for a sentence torn out of a story or a joke is often a danger.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from core.sentences import SENTENCE
from nlp.labels import DANGER, SUSPECTED, Judgement
from nlp.linear import Floats

SHORTEST = 6
"""Letters of a sentence that may tell of something."""


class Labeller(Protocol):
    """Judges texts, and says at a glance how likely each tells of a danger."""

    def label(self, texts: Sequence[str], urgent: Sequence[bool] = ()) -> list[Judgement]: ...

    def suspicion(self, texts: Sequence[str]) -> Floats: ...


def look_closer(texts: Sequence[str], given: Sequence[Judgement], labeller: Labeller) -> list[Judgement]:
    """The judgements, with the danger of a single sentence where it is likelier than that of the whole text."""
    found = list(given)
    suspects = _suspects(
        [text if _is_of_concern(one) else "" for text, one in zip(texts, given, strict=True)], labeller
    )
    if not suspects:
        return found
    closer = labeller.label(list(suspects.values()), [True] * len(suspects))
    for number, one in zip(suspects, closer, strict=True):
        if one.danger > found[number].danger:
            reasons = {**found[number].reasons, DANGER: one.reasons.get(DANGER, ())}
            found[number] = replace(found[number], danger=one.danger, reasons=reasons)
    return found


def _is_of_concern(given: Judgement) -> bool:
    return (given.domain.label, given.intent.label) != ("none", "none")


def _suspects(texts: Sequence[str], labeller: Labeller) -> dict[int, str]:
    """Of every text (by its number) with several sentences the one that is suspected most, if one is."""
    several = list(_several(texts))
    if not several:
        return {}
    suspicion = labeller.suspicion([sentence for _, sentence in several])
    most: dict[int, tuple[float, str]] = {}
    for (number, sentence), suspected in zip(several, suspicion.tolist(), strict=True):
        if suspected >= SUSPECTED and suspected > most.get(number, (0.0, ""))[0]:
            most[number] = suspected, sentence
    return {number: sentence for number, (_, sentence) in most.items()}


def _several(texts: Sequence[str]) -> Iterator[tuple[int, str]]:
    for number, text in enumerate(texts):
        sentences = [one for match in SENTENCE.finditer(text) if len(one := match[0].strip()) >= SHORTEST]
        if len(sentences) > 1:
            yield from ((number, sentence) for sentence in sentences)
