"""The English encoder that ships, and who labels which language."""

from collections import Counter
from collections.abc import Sequence

import pytest

from nlp.analyse import Analyser, analyse
from nlp.cascade import READ, SHED, SLICE, Patience
from nlp.encoder import Encoder
from nlp.english import SHIPPED, English
from nlp.labels import Judgement, load_labeller
from nlp.risk import load_risk_lexicon
from tests.unit.nlp.test_analyse import Harmless, Nowhere, post


@pytest.fixture(scope="module")
def english() -> English:
    return English(Encoder(SHIPPED), load_labeller().heads)


@pytest.mark.parametrize(
    ("text", "sentiment"),
    [
        ("the water has been off for three days and nobody answers the phone, this is a disgrace", "negative"),
        ("thank you so much to the wonderful bus driver who helped my grandmother, you are great", "positive"),
        ("the library on renmin road opens at nine on saturday", "neutral"),
    ],
)
def test_english_gets_its_sentiment_with_reasons_and_nothing_else(english: English, text: str, sentiment: str) -> None:
    given = english.label([text])[0]
    assert given.sentiment.label == sentiment
    assert sum(given.sentiment.probs.values()) == pytest.approx(1, abs=0.001)
    assert all(ngram.text in text for ngram in given.reasons["sentiment"])
    assert (given.domain.label, given.intent.label) == ("none", "none")
    assert len(set(given.domain.probs.values())) == 1
    assert given.model == english.encoder.version


def test_a_flood_of_english_is_read_as_far_as_time_allows_in_order(english: English) -> None:
    clock = iter([0.0, 0.1, 0.9, 2.0])
    told: Counter[str] = Counter()

    def count(answer: str, number: int) -> None:
        told[answer] += number

    hurried = English(english.encoder, english.heads, Patience(1.0, 1.0, 400), count, lambda: next(clock))
    given = hurried.label(["this is terrible"] * 3 * SLICE)
    assert [len(set(g.sentiment.probs.values())) > 1 for g in given] == [True] * 2 * SLICE + [False] * SLICE
    assert told == {READ: 2 * SLICE, SHED: SLICE}
    assert len(english.label(["this is terrible"] * 3 * SLICE)) == 3 * SLICE


def test_urgent_english_is_read_first(english: English) -> None:
    clock = iter([0.0, 0.1, 2.0])
    hurried = English(english.encoder, english.heads, Patience(1.0, 1.0, 400), now=lambda: next(clock))
    last = 2 * SLICE - 1
    given = hurried.label(["this is terrible"] * 2 * SLICE, [n == last for n in range(2 * SLICE)])
    read = [n for n, g in enumerate(given) if len(set(g.sentiment.probs.values())) > 1]
    assert read == [*range(SLICE - 1), last]


def test_english_posts_with_risk_words_are_urgent() -> None:
    asked: list[tuple[list[str], list[bool]]] = []

    class Asked:
        def label(self, texts: Sequence[str], urgent: Sequence[bool] = ()) -> list[Judgement]:
            asked.append((list(texts), list(urgent)))
            return load_labeller().label(texts)

    posts = [post("1", "a fine day", "en"), post("2", "three days without water, people say 集体上访", "en")]
    analyse(posts, Analyser(load_labeller(), Nowhere(), load_risk_lexicon(), english=Asked()))
    assert asked == [([p.search for p in posts], [False, True])]


def test_each_language_goes_to_who_reads_it(english: English) -> None:
    analyser = Analyser(load_labeller(), Nowhere(), Harmless(), english=english)
    posts = [
        post("1", "This is a disgrace, three days without water", "en"),
        post("2", "太差劲了，三天没水", "zh-Hans"),
        post("3", "三日間断水です", "ja"),
    ]
    labels = [found.labels for found in analyse(posts, analyser)]
    assert [given.model for given in labels] == [
        english.encoder.version,
        analyser.labeller.version,
        analyser.labeller.version,
    ]
    assert [given.sentiment.label for given in labels] == ["negative", "negative", "neutral"]
    assert len(set(labels[2].sentiment.probs.values())) == 1


def test_no_texts_give_no_judgements(english: English) -> None:
    assert english.label([]) == []
