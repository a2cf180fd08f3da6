"""Which texts the encoder reads, in what order, for how long, and what happens to the others."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import count
from typing import cast

import numpy as np
import pytest

from nlp.calibration import Calibration
from nlp.cascade import CERTAIN, READ, SHED, SLICE, UNHURRIED, Cascade, Patience
from nlp.encoder import Card, Encoder, Read
from nlp.labels import BATCH, Labeller, Scored, load_labeller
from nlp.script import fold

UNSURE = 1.01
"""A bar that no confidence reaches: everything is asked."""


class FakeEncoder:
    """Finds every text angry, by its first character; remembers what it was asked. It counts `own`, the fast tier the rest."""

    def __init__(self, fast: Labeller, bar: float, own: float = 1.0) -> None:
        heads = {head.name: head.classes for head in fast.heads}
        together = {
            name: Calibration(own=(own,) * 3, fast=(1 - own,) * 3, shifts=((0.0,) * len(c),) * 3)
            for name, c in heads.items()
        }
        self.card = Card(version="fake", heads=heads, together=together, alone=together, below={"sentiment": bar})
        self.heads = fast.heads
        self.version = "fake"
        self.asked: list[str] = []

    def read(self, texts: Sequence[str]) -> list[Read]:
        self.asked += texts
        columns = {head.name: head for head in self.heads}
        scores = np.zeros((1, sum(len(head.classes) for head in self.heads)), np.float32)
        scores[0, columns["sentiment"].first + columns["sentiment"].classes.index("negative")] = 6
        return [Read(scores, np.array([[0, 1]]), np.zeros(4, np.float32)) for _ in texts]

    def probabilities(self, reads: Sequence[Read], fast: object = None) -> object:
        return Encoder.probabilities(cast(Encoder, self), reads, fast)  # type: ignore[arg-type]

    def gains(self, *args: object) -> object:
        return Encoder.gains(cast(Encoder, self), *args)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def fast() -> Labeller:
    return load_labeller()


def cascade(fast: Labeller, bar: float, patience: Patience = UNHURRIED, now: Iterator[float] | None = None):
    told: Counter[str] = Counter()

    def tell(answer: str, number: int) -> None:
        told[answer] += number

    encoder = FakeEncoder(fast, bar)
    clock = now or count(0.0, 0.0)
    return Cascade(fast, cast(Encoder, encoder), patience, tell, lambda: next(clock)), encoder, told


TEXTS = [fold(f"{n}号楼的邻居真好，今天很开心，谢谢大家") for n in range(40)]


def test_what_the_fast_tier_is_certain_of_is_not_asked(fast: Labeller) -> None:
    both, encoder, told = cascade(fast, 0.0)
    assert both.label(TEXTS) == fast.label(TEXTS)
    assert encoder.asked == []
    assert told == {CERTAIN: 40, READ: 0, SHED: 0}


def test_what_it_is_not_certain_of_gets_the_encoders_label_version_and_reasons(fast: Labeller) -> None:
    both, _, told = cascade(fast, UNSURE)
    given = both.label(TEXTS)
    assert {(g.sentiment.label, g.model) for g in given} == {("negative", f"{fast.version}+fake")}
    assert given[12].reasons["sentiment"][0].text == "1"
    assert told == {CERTAIN: 0, READ: 40, SHED: 0}


@pytest.mark.parametrize("long", ["", "记" * 300 + "事" * 400], ids=["short", "longer than the fast tier reads"])
def test_a_label_that_the_fast_tier_carried_quotes_what_carried_it_there(fast: Labeller, long: str) -> None:
    encoder = FakeEncoder(fast, UNSURE, own=0.0)
    text = fold(f"楼下烧烤摊油烟太大，{long}投诉了三次没人管")
    (given,) = Cascade(fast, cast(Encoder, encoder), UNHURRIED).label([text])
    (alone,) = fast.label([text])
    assert given.model.endswith("fake")
    for head in ("sentiment", "emotion", "domain", "intent"):
        assert getattr(given, head).label == getattr(alone, head).label
        assert [why.text for why in given.reasons[head]] == [why.text for why in alone.reasons[head]], head


def test_an_urgent_text_is_asked_however_certain_the_fast_tier_is_and_comes_first(fast: Labeller) -> None:
    both, encoder, _ = cascade(fast, UNSURE)
    both.label(TEXTS, [n == 33 for n in range(40)])
    assert encoder.asked[0] == TEXTS[33]
    sure, encoder, _ = cascade(fast, 0.0)
    sure.label(TEXTS, [n == 33 for n in range(40)])
    assert encoder.asked == [TEXTS[33]]


def test_a_text_of_unheard_characters_is_new_and_asked(fast: Labeller) -> None:
    both, encoder, _ = cascade(fast, 0.0)
    both.label([TEXTS[0], "蠹魖鼗黻齉麤龘"])
    assert encoder.asked == ["蠹魖鼗黻齉麤龘"]


def test_what_may_be_a_danger_is_asked_before_what_is_only_uncertain_or_new(fast: Labeller) -> None:
    both, encoder, _ = cascade(fast, 0.0)
    peril = fold("楼道里全是烟，三楼窗户往外蹿红光，老人抱着孩子下不来")
    both.label([TEXTS[0], "蠹魖鼗黻齉麤龘", peril])
    assert encoder.asked == [peril, "蠹魖鼗黻齉麤龘"]


def test_the_least_certain_come_first(fast: Labeller) -> None:
    texts = [*TEXTS[:20], *(fold(t) for t in ("还行吧", "气死我了，打了三天电话都没人管，太差劲了"))]
    both, encoder, _ = cascade(fast, UNSURE)
    both.label(texts)
    confidence = {text: g.sentiment.confidence for text, g in zip(texts, fast.label(texts), strict=True)}
    asked = [confidence[text] for text in encoder.asked]
    assert asked == sorted(asked)


def test_when_time_is_up_the_rest_keeps_the_fast_labels_and_is_counted(fast: Labeller) -> None:
    # The clock is looked at once at the start, then before every slice.
    both, encoder, told = cascade(fast, UNSURE, Patience(1.0, 1.0, 400), iter([0.0, 0.5, 1.5]))
    given = both.label(TEXTS)
    assert len(encoder.asked) == SLICE
    assert told == {CERTAIN: 0, READ: SLICE, SHED: 40 - SLICE}
    kept = [(g, f) for g, f in zip(given, fast.label(TEXTS), strict=True) if g.model == fast.version]
    assert len(kept) == 40 - SLICE
    assert all(g == f for g, f in kept)


def test_an_urgent_text_behind_many_others_is_read_before_them(fast: Labeller) -> None:
    texts = [*(f"{n}号" for n in range(BATCH)), *TEXTS]
    both, encoder, told = cascade(fast, UNSURE, Patience(1.0, 1.0, 400), iter([0.0, 0.5, 1.5]))
    given = both.label(texts, [n == BATCH + 33 for n in range(len(texts))])
    assert encoder.asked[0] == TEXTS[33]
    assert given[BATCH + 33].model.endswith("fake")
    assert told == {CERTAIN: 0, READ: SLICE, SHED: len(texts) - SLICE}


def test_the_time_that_the_fast_tier_takes_is_not_the_encoders(fast: Labeller, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    score = Labeller.score

    def slowly(self: Labeller, texts: Sequence[str]) -> Scored:
        clock[0] += 60
        return score(self, texts)

    monkeypatch.setattr(Labeller, "score", slowly)
    both, _, told = cascade(fast, UNSURE, Patience(1.0, 1.0, 400), (clock[0] for _ in count()))
    both.label(TEXTS)
    assert told[READ] == 40


def test_however_many_texts_are_given_each_is_judged_as_if_it_came_alone(fast: Labeller) -> None:
    texts = [fold(f"{n}号楼的路灯{'坏了没人修' if n % 3 else '修好了'}") for n in range(BATCH + 2 * SLICE)]
    both, encoder, _ = cascade(fast, UNSURE)
    given = both.label(texts)
    assert sorted(encoder.asked) == sorted(texts)
    some = range(0, len(texts), 37)
    assert [given[n] for n in some] == [both.label([texts[n]])[0] for n in some]


def test_a_fuller_batch_gets_less_time() -> None:
    seconds = [Patience(0.25, 0.1, 400).seconds(n) for n in (1, 100, 400)]
    assert seconds == sorted(seconds, reverse=True)
    assert (round(seconds[0], 2), seconds[2]) == (0.25, 0.1)


def test_many_batches_at_once_get_the_time_of_each() -> None:
    assert Patience(0.25, 0.1, 400).seconds(4000) == pytest.approx(10 * Patience(0.25, 0.1, 400).seconds(400))


def test_without_hurry_a_call_never_ends_early_however_full() -> None:
    assert all(UNHURRIED.seconds(n) > 1e8 for n in (1, 400, 1_000_000))


def test_no_texts_give_no_judgements(fast: Labeller) -> None:
    assert cascade(fast, UNSURE)[0].label([]) == []
