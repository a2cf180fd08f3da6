"""The arithmetic of heads over shared rows, on a model small enough to compute by hand."""

from dataclasses import replace
from math import exp, sqrt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nlp.linear
from nlp.features import windows
from nlp.linear import Head, LinearModel, Vocabulary, load, read, save

GOOD, BAD = "好", "坏"
MOOD = Head("mood", ("bad", "good"), 0)
MATTER = Head("matter", ("water", "road", "none"), 2)


def _bucket(character: str) -> int:
    return int(windows([character]).buckets[0, 0])


@pytest.fixture(scope="module")
def model() -> LinearModel:
    """Knows two characters: 好 (rarity 1) and 坏 (rarity 2)."""
    known = sorted([(_bucket(GOOD), 1.0, [-10, 10, 0, 0, 5]), (_bucket(BAD), 2.0, [20, -20, 4, 4, 0])])
    buckets, rarity, weights = zip(*known, strict=True)
    return LinearModel(
        version="by-hand",
        heads=(MOOD, MATTER),
        vocabulary=Vocabulary.of(np.array(buckets), np.array(rarity, np.float32)),
        weights=np.array([[0] * 5, *weights], np.int8),
        scales=np.full(5, 0.1, np.float32),
        bias=np.array([0.0, 0.0, 0.0, 0.0, 1.0], np.float32),
        slopes=np.array([2.0, 2.0, 1.0, 1.0, 1.0], np.float32),
        shifts=np.array([0.0, 0.5, 0.0, 0.0, 0.0], np.float32),
    )


def test_scores_are_products_with_a_vector_of_length_one(model: LinearModel) -> None:
    scores = model.scores(read([GOOD + BAD], model.vocabulary))[0]
    length = sqrt(1**2 + 2**2)
    assert scores == pytest.approx([1 / length, -1 / length, 0.4 / length, 0.4 / length, 0.5 / length + 1], rel=1e-6)


def test_what_is_repeated_counts_once_and_what_is_unknown_not_at_all(model: LinearModel) -> None:
    once, often = model.scores(read([BAD, f"{BAD}某{BAD}{BAD}"], model.vocabulary))
    assert once == pytest.approx(often)


def test_probabilities_are_the_softmax_of_the_calibrated_scores(model: LinearModel) -> None:
    bad, good = model.probabilities(read([GOOD], model.vocabulary))["mood"][0]
    odds = exp((1.0 * 2 + 0.5) - (-1.0 * 2))
    assert good == pytest.approx(odds / (1 + odds), rel=1e-6)
    assert bad == pytest.approx(1 / (1 + odds), rel=1e-6)


@given(st.lists(st.text(GOOD + BAD + "某 ", max_size=8), max_size=6))
def test_probabilities_sum_to_one_and_do_not_depend_on_the_batch(model: LinearModel, texts: list[str]) -> None:
    together = model.probabilities(read(texts, model.vocabulary))
    for head, rows in together.items():
        assert rows.sum(axis=1) == pytest.approx(np.ones(len(texts)), abs=1e-5)
        for text, row in zip(texts, rows, strict=True):
            assert model.probabilities(read([text], model.vocabulary))[head][0] == pytest.approx(row, abs=1e-5)


@given(st.lists(st.tuples(st.text(GOOD + BAD + "某 ", max_size=8), st.booleans()), max_size=6))
def test_some_of_the_texts_are_read_as_if_they_were_all(model: LinearModel, given: list[tuple[str, bool]]) -> None:
    chosen = np.flatnonzero([is_chosen for _, is_chosen in given])
    some = read([text for text, _ in given], model.vocabulary).of(chosen)
    alone = read([text for text, is_chosen in given if is_chosen], model.vocabulary)
    assert some.windows.read == alone.windows.read
    for own, other in zip([*some.windows[1:], *some[1:]], [*alone.windows[1:], *alone[1:]], strict=True):
        assert np.array_equal(own, other)


def test_gains_are_against_the_mean_of_the_other_classes_in_log_odds(model: LinearModel) -> None:
    reading = read([BAD + GOOD], model.vocabulary)
    ones = model.gains(reading, MATTER, np.array([0]))[0]
    length = sqrt(5)
    assert ones == pytest.approx([(0.4 - (0.4 + 0.0) / 2) / length, -0.25 / length], rel=1e-5)
    twos = model.gains(reading, MOOD, np.array([1]))[0]
    assert twos == pytest.approx([2 * -4.0 / length, 2 * 2.0 / length], rel=1e-5)


def test_what_is_saved_is_what_is_loaded(model: LinearModel, tmp_path: Path) -> None:
    save(model, tmp_path / "m.npz")
    again = load(tmp_path / "m.npz")
    assert (again.version, again.heads) == (model.version, model.heads)
    reading = read([GOOD + BAD, ""], again.vocabulary)
    assert again.scores(reading) == pytest.approx(model.scores(reading))


def test_a_model_of_other_features_is_not_loaded(
    model: LinearModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nlp.linear, "BITS", 18)
    save(replace(model, version="old"), tmp_path / "m.npz")
    monkeypatch.undo()
    with pytest.raises(ValueError, match="made for 18 bits"):
        load(tmp_path / "m.npz")
