"""English posts: their sentiment, by a small encoder of its own; what no set teaches stays unsaid."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from time import monotonic

from nlp.cascade import READ, SHED, UNHURRIED, Count, Patience, explain, read_in_time, uncounted
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

    def label(self, texts: Sequence[str], urgent: Sequence[bool] = ()) -> list[Judgement]:
        """One judgement per text, in order. Urgent texts are read first; those for which no time was left say nothing."""
        found = [unsaid(self.heads, self.encoder.version)] * len(texts)
        flags = urgent or [False] * len(texts)
        order = sorted(range(len(texts)), key=lambda number: not flags[number])
        ends = self.now() + self.patience.seconds(len(texts))
        done = 0
        for reads in read_in_time(self.encoder, texts, order, ends, self.now):
            done += len(reads)
            for number, judgement in self._judge(texts, reads):
                found[number] = judgement
        self.count(READ, done)
        self.count(SHED, len(texts) - done)
        return found

    def _judge(self, texts: Sequence[str], reads: dict[int, Read]) -> Iterator[tuple[int, Judgement]]:
        """The judgements of what was read, by the text's number."""
        nothing, seen = unsaid(self.heads, self.encoder.version), list(reads.values())
        probabilities = self.encoder.probabilities(seen)
        reasons = explain(self.encoder, [texts[n] for n in reads], seen, probabilities)
        classes = self.encoder.heads[0].classes
        rows = probabilities["sentiment"].astype(float).round(4).tolist()
        for number, row, why in zip(reads, rows, reasons, strict=True):
            sentiment = likeliest(classes[row.index(max(row))], dict(zip(classes, row, strict=True)))
            yield number, replace(nothing, sentiment=sentiment, reasons=why)
