"""English posts: their sentiment, by a small encoder of its own; what no set teaches stays unsaid."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from core.records import Label
from nlp.cascade import explain
from nlp.encoder import Encoder
from nlp.labels import Judgement, unsaid
from nlp.linear import Head

SHIPPED = Path(str(files("nlp") / "models" / "english"))
MOST = 50
"""English posts that are read of a batch; a flood of them must not hold up the others."""


@dataclass(frozen=True, slots=True)
class English:
    """Labels English texts; `heads` are those of the Chinese tiers, whose form the labels have."""

    encoder: Encoder
    heads: tuple[Head, ...]

    def label(self, texts: Sequence[str]) -> list[Judgement]:
        """One judgement per text, in order; from the `MOST`-th on they say nothing."""
        nothing = unsaid(self.heads, self.encoder.version)
        reads = self.encoder.read(texts[:MOST])
        if not reads:
            return []
        probabilities = self.encoder.probabilities(reads)
        reasons = explain(self.encoder, texts[:MOST], reads, probabilities)
        classes = self.encoder.heads[0].classes
        found = []
        for row, why in zip(probabilities["sentiment"].astype(float).round(4).tolist(), reasons, strict=True):
            sentiment = Label(label=classes[row.index(max(row))], probs=dict(zip(classes, row, strict=True)))
            found.append(Judgement(sentiment, nothing.emotion, nothing.domain, nothing.intent, nothing.offensive, why,
                                   self.encoder.version))  # fmt: skip
        return found + [nothing] * (len(texts) - len(found))
