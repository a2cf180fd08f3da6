"""English posts: their sentiment, by a small encoder of its own; what no set teaches stays unsaid."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from time import monotonic

from nlp.cascade import READ, SHED, SLICE, UNHURRIED, Count, Patience, explain, uncounted
from nlp.encoder import Encoder, Read
from nlp.labels import Judgement, likeliest, unsaid
from nlp.linear import Head

SHIPPED = Path(str(files("nlp") / "models" / "english"))


@dataclass(frozen=True, slots=True)
class English:
    """Labels English texts; `heads` are those of the Chinese tiers, whose form the labels have.

    `count` is told what happened to how many.
    """

    encoder: Encoder
    heads: tuple[Head, ...]
    patience: Patience = UNHURRIED
    count: Count = uncounted
    now: Callable[[], float] = monotonic

    def label(self, texts: Sequence[str]) -> list[Judgement]:
        """One judgement per text, in order; those for which no time was left say nothing."""
        nothing = unsaid(self.heads, self.encoder.version)
        reads = self._read(texts)
        self.count(READ, len(reads))
        self.count(SHED, len(texts) - len(reads))
        if not reads:
            return [nothing] * len(texts)
        probabilities = self.encoder.probabilities(reads)
        reasons = explain(self.encoder, texts[: len(reads)], reads, probabilities)
        classes = self.encoder.heads[0].classes
        found = []
        for row, why in zip(probabilities["sentiment"].astype(float).round(4).tolist(), reasons, strict=True):
            sentiment = likeliest(classes[row.index(max(row))], dict(zip(classes, row, strict=True)))
            found.append(Judgement(sentiment, nothing.emotion, nothing.domain, nothing.intent, nothing.offensive, why,
                                   self.encoder.version))  # fmt: skip
        return found + [nothing] * (len(texts) - len(found))

    def _read(self, texts: Sequence[str]) -> list[Read]:
        """What the encoder made of the first texts, as far as it came in time."""
        ends = self.now() + self.patience.seconds(len(texts))
        found: list[Read] = []
        while len(found) < len(texts) and self.now() < ends:
            found += self.encoder.read(texts[len(found) : len(found) + SLICE])
        return found
