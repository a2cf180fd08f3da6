"""From scores to probabilities, by the length of the text."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.calibration import LENGTHS, Calibration, nearness
from nlp.linear import softmax

HOW = Calibration(own=(1.0, 2.0, 4.0), fast=(0.0, 0.0, 1.0), shifts=((0.0, 0.0), (0.5, -0.5), (1.0, -1.0)))


@pytest.mark.parametrize("number", range(len(LENGTHS)))
def test_a_text_of_a_known_length_has_what_is_given_for_it(number: int) -> None:
    counts = HOW.counts([LENGTHS[number]])
    assert (counts.own[0], counts.fast[0], tuple(counts.shifts[0])) == (
        HOW.own[number],
        HOW.fast[number],
        HOW.shifts[number],
    )


def test_halfway_by_ratio_it_has_the_mean_of_both() -> None:
    counts = HOW.counts([16, 64])
    assert counts.own == pytest.approx([1.5, 3.0], abs=1e-5)
    assert counts.fast == pytest.approx([0.0, 0.5], abs=1e-5)
    assert counts.shifts[0] == pytest.approx([0.25, -0.25], abs=1e-5)


def test_shorter_and_longer_texts_have_what_the_nearest_known_length_has() -> None:
    counts = HOW.counts([0, 1, 8, 128, 100_000])
    assert counts.own.tolist() == [1.0, 1.0, 1.0, 4.0, 4.0]


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=40))
def test_shares_of_the_lengths_sum_to_one_and_do_not_depend_on_what_else_is_asked(tokens: list[int]) -> None:
    near = nearness(tokens)
    assert near.sum(axis=1) == pytest.approx(np.ones(len(tokens)))
    one_by_one = [HOW.counts([n]) for n in tokens]
    together = HOW.counts(tokens)
    assert together.own.tolist() == [one.own[0] for one in one_by_one]
    assert together.shifts.tolist() == [one.shifts[0].tolist() for one in one_by_one]


def test_probabilities_of_far_scores_are_finite() -> None:
    assert softmax(np.array([[1000.0, -1000.0]], np.float32)).tolist() == [[1.0, 0.0]]
