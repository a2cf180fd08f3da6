from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp import linear
from nlp.features import BUCKETS, grams
from nlp.linear import Head, LinearModel, load, save
from nlp.training.__main__ import assemble
from nlp.training.data import Example, Task
from nlp.training.fit import Fitted, fit, matrix, rarity

BAD = [f"{place}停水{days}天没人管" for place in ("东苑", "西街", "南巷", "北里") for days in "一二三四五"]
GOOD = [f"{place}医生耐心{thing}点赞" for place in ("东苑", "西街", "南巷", "北里") for thing in "真很好太棒"]


@pytest.fixture(scope="module")
def trained() -> tuple[LinearModel, Fitted]:
    examples = [Example(text, "bad", 1.0, "own") for text in BAD] + [Example(text, "good", 1.0, "own") for text in GOOD]
    task = Task("mood", ("bad", "good"), examples, {})
    rare = rarity([example.text for example in examples])
    fitted = fit(task, rare, 1.0)
    return assemble([(task, fitted)], rare), fitted


@given(st.lists(st.text(max_size=30), max_size=6))
def test_probabilities_of_every_text_sum_to_one(trained: tuple[LinearModel, Fitted], texts: list[str]) -> None:
    assert np.allclose(trained[0].probabilities(texts)["mood"].sum(axis=1), 1, atol=1e-5)


def test_eight_bits_score_like_the_weights_they_stand_for(trained: tuple[LinearModel, Fitted]) -> None:
    model, fitted = trained
    texts = [*BAD, *GOOD]
    plain = np.ones(BUCKETS, np.float16)
    rare = model.rarity.astype(np.float32)
    lengths = np.sqrt(matrix(texts, plain).astype(bool) @ np.square(rare))
    exact = (matrix(texts, plain).astype(bool) @ fitted.weights) / lengths[:, None] + fitted.bias
    assert np.abs(model.scores(grams(texts)) - exact).max() < 0.1


def test_a_saved_model_answers_as_before(trained: tuple[LinearModel, Fitted], tmp_path: Path) -> None:
    save(trained[0], tmp_path / "m.npz")
    again = load(tmp_path / "m.npz")
    assert again.version == trained[0].version
    assert again.heads == (Head("mood", ("bad", "good"), 0),)
    assert np.array_equal(again.probabilities([*BAD, ""])["mood"], trained[0].probabilities([*BAD, ""])["mood"])


def test_a_model_for_other_features_is_refused(
    trained: tuple[LinearModel, Fitted], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(trained[0], tmp_path / "m.npz")
    monkeypatch.setattr(linear, "BITS", 12)
    with pytest.raises(ValueError, match="18 bits, not 12"):
        load(tmp_path / "m.npz")


def test_reasons_are_passages_of_the_text_heaviest_first_none_within_another(
    trained: tuple[LinearModel, Fitted],
) -> None:
    texts = ["", "东苑停水两天没人管", "西街医生很耐心，点赞"]
    found = trained[0].reasons(texts, {"mood": ["bad", "bad", "good"]}, 4)["mood"]
    assert found[0] == []
    for text, reasons in zip(texts[1:], found[1:], strict=True):
        weights = [weight for _, weight in reasons]
        assert 0 < len(reasons) <= 4
        assert weights == sorted(weights, reverse=True)
        assert all(passage in text for passage, _ in reasons)
        assert not any(a != b and a in b for a, _ in reasons for b, _ in reasons)


def test_taking_a_reason_out_makes_its_class_less_likely(trained: tuple[LinearModel, Fitted]) -> None:
    text = "东苑停水两天没人管"
    passage = trained[0].reasons([text], {"mood": ["bad"]}, 1)["mood"][0][0][0]
    whole, less = trained[0].probabilities([text, text.replace(passage, "")])["mood"][:, 0]
    assert less < whole


def test_reasons_of_a_text_do_not_depend_on_its_batch(trained: tuple[LinearModel, Fitted]) -> None:
    texts = [*BAD, "", *GOOD]
    batch = trained[0].reasons(texts, {"mood": ["bad"] * len(texts)}, 3)["mood"]
    assert batch == [trained[0].reasons([text], {"mood": ["bad"]}, 3)["mood"][0] for text in texts]
