"""The labeller that ships, on sentences of our own."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.records import UNSURE
from nlp.labels import BATCH, REASONS, SURE, SURE_OF_TWO, Labeller, check_heads, load_labeller
from nlp.script import fold

LETTER = "小区违建没人管，投诉无门\n楼顶加盖了两层，物业不作为，业主们很气愤，请住建局查处拆除。"


@pytest.fixture(scope="module")
def labeller() -> Labeller:
    return load_labeller()


@pytest.mark.parametrize(
    ("text", "sentiment"),
    [
        ("气死我了，打了三天电话都没人管，太差劲了", "negative"),
        ("今天真开心，谢谢大家的帮助，太棒了[心]", "positive"),
    ],
)
def test_a_clear_mood_is_heard(labeller: Labeller, text: str, sentiment: str) -> None:
    assert labeller.label([fold(text)])[0].sentiment.label == sentiment


@pytest.mark.parametrize(
    ("text", "domain", "intent"),
    [
        (LETTER, "城乡建设", "complaint"),
        ("请问异地就医的医保怎么报销\n父母在外地住院，想知道需要哪些材料，去哪里办理。", "劳动和社会保障", "inquiry"),
        ("建议整顿出租车\n希望运管部门加强对出租车司机的管理，建议增设的士候客区。", "交通运输", "suggestion"),
        ("举报工厂违法排污\n河边的化工厂夜里偷排废水，河水发黑发臭", "环境保护", "report"),
    ],
)
def test_a_letter_gets_its_matter_and_its_purpose(labeller: Labeller, text: str, domain: str, intent: str) -> None:
    given = labeller.label([fold(text)])[0]
    assert (given.domain.label, given.intent.label) == (domain, intent)


def test_both_scripts_get_the_same_labels(labeller: Labeller) -> None:
    simplified, traditional = labeller.label([fold("这条路的路灯坏了很久没人修"), fold("這條路的路燈壞了很久沒人修")])
    assert simplified == traditional


def test_the_label_is_the_likeliest_class(labeller: Labeller) -> None:
    for label in (given := labeller.label([fold(LETTER)])[0]).sentiment, given.emotion, given.domain, given.intent:
        assert label.confidence == max(label.probs.values())
        assert sum(label.probs.values()) == pytest.approx(1, abs=0.001)


@given(text=st.text("好坏了水路灯!?不一", max_size=12))
def test_a_label_is_unsure_when_it_is_as_likely_wrong_as_right(labeller: Labeller, text: str) -> None:
    said = labeller.label([fold(text)])[0]
    for label in said.sentiment, said.emotion, said.domain, said.intent:
        assert label.unsure == (label.confidence < SURE)
        assert label.answer == (UNSURE if label.unsure else label.label)
    assert said.offensive.unsure == (1 - SURE_OF_TWO < said.offensive.prob < SURE_OF_TWO)


def test_reasons_are_words_of_the_text(labeller: Labeller) -> None:
    given = labeller.label([fold(LETTER)])[0]
    assert set(given.reasons) >= {"sentiment", "domain", "intent"}
    for ngrams in given.reasons.values():
        assert 1 <= len(ngrams) <= REASONS
        assert all(ngram.text in fold(LETTER) and ngram.weight > 0 for ngram in ngrams)


def test_an_emotion_is_explained_by_what_tells_of_it(labeller: Labeller) -> None:
    given = labeller.label([fold("通知已经发了，气死我了，这是什么态度")])[0]
    assert given.emotion.label == "angry"
    assert "气死" in given.reasons["emotion"][0].text


def test_what_is_unremarkable_needs_no_reason(labeller: Labeller) -> None:
    given = labeller.label([fold("今天和朋友去吃了火锅，晚安")])[0]
    assert (given.domain.label, given.offensive.label) == ("none", "clean")
    assert not {"domain", "offensive"} & set(given.reasons)
    plain = labeller.label([fold("会议定于下午三点在二楼举行，请各单位按时参加")])[0]
    assert plain.emotion.label == "neutral"
    assert "emotion" not in plain.reasons


def test_a_batch_over_several_reads_keeps_its_order(labeller: Labeller) -> None:
    texts = [fold(f"{n}号楼停水了" if n % 2 else f"{n}号楼的邻居真好") for n in range(BATCH + 3)]
    given = labeller.label(texts)
    assert [g.sentiment for g in given[-4:]] == [labeller.label([text])[0].sentiment for text in texts[-4:]]


@settings(max_examples=50)
@given(st.lists(st.text(st.characters(), max_size=20), max_size=4))
def test_any_text_gets_labels(labeller: Labeller, texts: list[str]) -> None:
    given = labeller.label(texts)
    assert len(given) == len(texts)
    assert all(0 <= g.offensive.prob <= 1 for g in given)


def test_a_model_that_names_the_classes_of_two_in_another_order_is_refused(labeller: Labeller) -> None:
    turned = [h._replace(classes=h.classes[::-1]) if h.name == "danger" else h for h in labeller.heads]
    with pytest.raises(ValueError, match="danger first"):
        check_heads(turned)
