"""A danger that one sentence tells among others."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from core.records import Ngram
from nlp.labels import Judgement, Labeller, load_labeller
from nlp.linear import Floats
from nlp.script import fold
from nlp.sentences import look_closer

PERIL = "二楼窗户往外蹿红光，有人在窗口喊。"
LETTER = "小区停车越来越难，物业也不出来管一管。" + PERIL + "希望领导重视停车问题，谢谢。"


@pytest.fixture(scope="module")
def fast() -> Labeller:
    return load_labeller()


class Watched:
    """The fast tier, and what it was asked."""

    def __init__(self, fast: Labeller) -> None:
        self._fast = fast
        self.judged: list[tuple[str, bool]] = []
        self.calls = 0

    def label(self, texts: Sequence[str], urgent: Sequence[bool] = ()) -> list[Judgement]:
        self.calls += 1
        self.judged += zip(texts, urgent, strict=True)
        return self._fast.label(texts)

    def suspicion(self, texts: Sequence[str]) -> Floats:
        return self._fast.suspicion(texts)


def test_a_danger_in_the_middle_of_a_letter_is_as_likely_as_it_is_alone(fast: Labeller) -> None:
    whole, alone = fast.label([fold(LETTER), fold(PERIL)])
    assert whole.danger < 0.7 < alone.danger, "0.7 is the bar"
    (closer,) = look_closer([fold(LETTER)], [whole], fast)
    assert closer.danger == alone.danger
    assert closer.reasons["danger"] == alone.reasons["danger"]
    assert replace(closer, danger=whole.danger, reasons=whole.reasons) == whole, "nothing else is changed"


def test_of_each_text_the_most_suspected_sentence_alone_is_judged_and_it_is_urgent(fast: Labeller) -> None:
    watched = Watched(fast)
    texts = [fold(LETTER), fold("今天去看了樱花。天气真好，人也不多。"), fold(f"楼道里全是呛人的烟。{PERIL}")]
    given = look_closer(texts, fast.label(texts), watched)
    assert len(watched.judged) == 2
    assert all(urgent for _, urgent in watched.judged)
    assert given[1] == fast.label(texts)[1]


@pytest.mark.parametrize("text", ["", "。。。", fold(PERIL), "啊！救命！快！"])
def test_a_text_of_one_sentence_is_not_looked_at_again(fast: Labeller, text: str) -> None:
    watched = Watched(fast)
    given = fast.label([text])
    assert look_closer([text], given, watched) == given
    assert watched.calls == 0


def test_a_sentence_never_makes_a_danger_less_likely(fast: Labeller) -> None:
    (given,) = fast.label([fold(LETTER)])
    sure = replace(given, danger=1.0, reasons={"danger": (Ngram(text="停车", weight=1.0),)})
    assert look_closer([fold(LETTER)], [sure], fast) == [sure]


def test_suspicion_is_the_probability_of_danger_whatever_the_batch(fast: Labeller) -> None:
    texts = [fold(text) for text in (LETTER, PERIL, "今天去看了樱花")] * 200
    assert np.allclose(fast.suspicion(texts), [one.danger for one in fast.label(texts)], atol=1e-4)
    assert fast.suspicion([]).tolist() == []
