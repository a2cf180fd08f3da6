"""Both tiers as one: the fast tier scores every text, the encoder reads what is uncertain, risky or new.

How long the encoder may take of a call is bounded, and less for a full batch, behind which others wait: under load the share
that it reads shrinks by itself. Its time begins when the fast tier has scored all texts, and so knows which come first. What it
had no time for keeps the fast tier's labels, and is counted.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from nlp.encoder import Encoder, Read
from nlp.features import Ints, unclip
from nlp.labels import (
    BATCH,
    REASONS,
    SUSPECTED,
    Judgement,
    Labeller,
    Reasons,
    Scored,
    add,
    dangers,
    judgements,
    parts,
    remarkable,
)
from nlp.linear import Floats, Head, Reading
from nlp.reasons import Letters, passages, per_character

STRANGE = 0.5
"""A text of whose pairs of characters the fast tier knows fewer than this is new to it."""
SLICE = 16
"""Texts between two looks at the clock."""

CERTAIN, READ, SHED = "certain", "read", "shed"
"""What happened to a text: the fast tier was certain, the encoder read it, the encoder had no time for it."""
Count = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds that the encoder may take of a call: `quiet_s` for a few texts, falling to `busy_s` for `full`, and as much again
    for as many more: a runner that takes much at once must not have other labels than one that takes little."""

    quiet_s: float = 0.25
    busy_s: float = 0.1
    full: int = 400

    def seconds(self, texts: int) -> float:
        """For a call with so many texts."""
        fullness = texts / self.full
        return self.busy_s * fullness if fullness > 1 else self.quiet_s + (self.busy_s - self.quiet_s) * fullness


Share = Callable[[Head, Ints, Ints], Iterable[Floats]]
"""What another tier adds at each character of some texts (their numbers) to their class of a head (its number), in log-odds."""
UNHURRIED = Patience(quiet_s=1e9, busy_s=1e9)
"""For files: nobody waits, and the same file gives the same labels."""


def uncounted(_: str, __: int) -> None:
    """Where nobody watches."""


@dataclass(frozen=True, slots=True)
class Cascade:
    """Labels folded texts, as `nlp.labels.Labeller` does; `count` is told what happened to how many texts."""

    fast: Labeller
    encoder: Encoder
    patience: Patience = Patience()
    count: Count = uncounted
    now: Callable[[], float] = monotonic

    @property
    def version(self) -> str:
        """Of both tiers; a record says which of them gave its labels."""
        return f"{self.fast.version}+{self.encoder.version}"

    @property
    def heads(self) -> tuple[Head, ...]:
        """The heads that both tiers answer."""
        return self.fast.heads

    def label(self, texts: Sequence[str], urgent: Sequence[bool] = ()) -> list[Judgement]:
        """One judgement per text, in order. Of all texts the urgent ones are read first, then the least certain ones."""
        given, order = self._glance(texts, urgent)
        ends = self.now() + self.patience.seconds(len(texts))
        done = 0
        for reads in read_in_time(self.encoder, texts, order, ends, self.now):
            done += len(reads)
            for number, judgement in self._judge(texts, reads):
                given[number] = judgement
        self.count(CERTAIN, len(texts) - len(order))
        self.count(READ, done)
        self.count(SHED, len(order) - done)
        return given

    def suspicion(self, texts: Sequence[str]) -> Floats:
        """How likely the fast tier finds it that each text tells of a danger."""
        return self.fast.suspicion(texts)

    def renewed(self, fast: Labeller) -> "Cascade":
        """The same with another fast tier."""
        return replace(self, fast=fast)

    def _glance(self, texts: Sequence[str], urgent: Sequence[bool]) -> tuple[list[Judgement], list[int]]:
        """The fast tier's judgements, and the texts that the encoder should read, the most pressing first."""
        given: list[Judgement] = []
        doubt = np.zeros(len(texts), np.float32)
        for part in parts(texts):
            scored = self.fast.score(part)
            doubt[len(given) : len(given) + len(part)] = doubts(scored, self.encoder.card.below)
            given += self.fast.judge(scored)
        doubt[np.flatnonzero(urgent)] = 2.0
        asked = np.flatnonzero(doubt > 0)
        order: list[int] = asked[np.argsort(-doubt[asked], kind="stable")].tolist()
        return given, order

    def _judge(self, texts: Sequence[str], reads: dict[int, Read]) -> Iterator[tuple[int, Judgement]]:
        """The judgements of what was read, by the text's number, from both tiers together."""
        texts, seen = [texts[n] for n in reads], list(reads.values())
        scored = self.fast.score(texts)  # anew: looking again is cheaper than keeping what it saw of all texts
        fast = {head.name: scored.scores[:, head.columns] for head in self.fast.heads}
        probabilities = self.encoder.probabilities(seen, fast)
        share = partial(self._share, texts, scored.reading, [len(read.scores) for read in seen])
        reasons = explain(self.encoder, texts, seen, probabilities, share)
        yield from zip(reads, judgements(self.encoder.heads, probabilities, reasons, self.version), strict=True)

    def _share(
        self, texts: Sequence[str], reading: Reading, tokens: list[int], head: Head, chosen: Ints, given: Ints
    ) -> Iterator[Floats]:
        """A `Share`: the fast tier's part of the answer."""
        counts = self.encoder.card.together[head.name].counts([tokens[n] for n in chosen.tolist()]).fast
        part = reading.of(chosen)
        gains = per_character(self.fast.model.gains(part, head, given, np.ones(len(head.classes), np.float32)))
        ends = np.searchsorted(part.windows.owner, np.arange(len(chosen) + 1)).tolist()
        for text, count, begin, end in zip(chosen.tolist(), counts.tolist(), ends, ends[1:], strict=False):
            yield unclip(count * gains[begin:end], len(texts[text]))


def read_in_time(
    encoder: Encoder, texts: Sequence[str], order: Sequence[int], ends: float, now: Callable[[], float]
) -> Iterator[dict[int, Read]]:
    """What the encoder makes of the texts of these numbers, in this order, until time is up; at most `BATCH` at once, for what
    it makes of a text is larger than the text."""
    found: dict[int, Read] = {}
    for begin in range(0, len(order), SLICE):
        if now() >= ends:
            break
        numbers = order[begin : begin + SLICE]
        found.update(zip(numbers, encoder.read([texts[n] for n in numbers]), strict=True))
        if len(found) + SLICE > BATCH:
            yield found
            found = {}
    if found:
        yield found


def doubts(scored: Scored, below: Mapping[str, float]) -> Floats:
    """How far the fast tier's confidence falls short of the bars, in the worst head: above 0 the encoder should read. What is
    new to it comes before that, and what may be a danger first."""
    doubt = np.zeros(len(scored.scores), np.float32)
    for name, bar in below.items():
        doubt = np.maximum(doubt, bar - scored.probabilities[name].max(axis=1))
    doubt[strange(scored)] = 1.0
    doubt[dangers(scored) >= SUSPECTED] = 1.5
    return doubt


def strange(scored: Scored) -> NDArray[np.bool_]:
    """Which texts are new to the fast tier: most of their pairs of characters were in too few texts that it learnt from."""
    seen = scored.reading.windows
    pairs = seen.buckets[1] > 0
    known = pairs & (scored.reading.rows[1] > 0)
    texts = len(seen.read)
    all_pairs = np.bincount(seen.owner[pairs], minlength=texts)
    new: NDArray[np.bool_] = np.bincount(seen.owner[known], minlength=texts) < STRANGE * all_pairs
    return new


def explain(
    encoder: Encoder,
    texts: Sequence[str],
    reads: Sequence[Read],
    probabilities: dict[str, Floats],
    share: Share | None = None,
) -> list[Reasons]:
    """The passages of every text that carried its labels; `share` is another tier's part in them."""
    reasons: list[Reasons] = [{} for _ in texts]
    for head in encoder.heads:
        given = probabilities[head.name].argmax(axis=1)
        chosen = remarkable(head, given)
        if not len(chosen):
            continue
        numbers = chosen.tolist()
        lengths = [len(texts[n]) for n in numbers]
        gains = encoder.gains([reads[n] for n in numbers], head, given[chosen], lengths)
        if share is not None:
            gains = [own + other for own, other in zip(gains, share(head, chosen, given[chosen]), strict=True)]
        letters = Letters.of([texts[n] for n in numbers])
        add(head, chosen, passages(letters, np.concatenate(gains), REASONS), reasons)
    return reasons
