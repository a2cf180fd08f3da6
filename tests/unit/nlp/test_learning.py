"""The step away from the shipped weights: as small as will do, and nowhere else."""

import numpy as np
import pytest

from nlp.labels import load_labeller
from nlp.learning import Lesson, learn
from nlp.study import probabilities

TEXTS = [
    "云湾花园三号楼的电梯又停了，老人下不了楼",
    "请问幼儿园什么时候开始报名，需要带哪些材料",
    "河边的化工厂夜里偷排废水，河水发黑发臭",
    "感谢滨江派出所的民警帮我找回了钱包",
]
NEUTRAL = (0.0, 1.0, 0.0)


@pytest.fixture(scope="module")
def model():
    return load_labeller().model


def sentiment(model, texts):
    return probabilities(model, texts, "sentiment")


def test_what_is_taught_is_learnt_and_the_other_heads_stay_as_they_are(model):
    taught = learn(model, {"sentiment": [Lesson(TEXTS[0], NEUTRAL)] * 9}, stiffness=0.1)
    assert sentiment(model, TEXTS[:1]).argmax() != 1
    assert sentiment(taught, TEXTS[:1]).argmax() == 1
    for head in model.heads:
        assert np.array_equal(taught.weights[:, head.columns], model.weights[:, head.columns]) == (
            head.name != "sentiment"
        )


def test_a_text_that_shares_nothing_with_the_lesson_is_judged_as_before(model):
    taught = learn(model, {"sentiment": [Lesson("天气", NEUTRAL)] * 50})
    assert np.array_equal(sentiment(taught, TEXTS), sentiment(model, TEXTS))


def test_the_same_lessons_give_the_same_model_and_none_gives_the_old_one(model):
    lessons = {"sentiment": [Lesson(text, NEUTRAL) for text in TEXTS]}
    assert np.array_equal(learn(model, lessons).weights, learn(model, lessons).weights)
    assert np.array_equal(learn(model, {}).weights, model.weights)
    assert np.array_equal(learn(model, {"sentiment": []}).weights, model.weights)


def test_who_is_told_what_he_thinks_anyway_does_not_move(model):
    own = sentiment(model, TEXTS)
    lessons = [Lesson(text, tuple(row)) for text, row in zip(TEXTS, own.tolist(), strict=True)]
    assert np.array_equal(learn(model, {"sentiment": lessons}).weights, model.weights)


def test_a_stiffer_model_moves_less(model):
    lessons = {"sentiment": [Lesson(TEXTS[0], NEUTRAL)] * 3}
    soft, stiff = (sentiment(learn(model, lessons, stiffness), TEXTS[:1])[0, 1] for stiffness in (0.5, 50))
    assert soft > stiff >= sentiment(model, TEXTS[:1])[0, 1]


@pytest.mark.parametrize("text", ["", "😀", "\udcff", "x" * 100_000])
def test_any_text_may_be_a_lesson(model, text):
    learn(model, {"sentiment": [Lesson(text, NEUTRAL), Lesson(TEXTS[0], NEUTRAL)]})
