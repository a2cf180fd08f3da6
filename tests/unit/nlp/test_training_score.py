"""Figures of calibration: what is right by its own word has no error but that of chance."""

import numpy as np
import pytest

from nlp.training.score import calibration_error, error_by_chance


def certainties(number: int) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of two classes, and truths drawn by them."""
    chance = np.random.default_rng(1)
    first = chance.uniform(0.5, 1.0, number)
    return np.stack([first, 1 - first], axis=1).astype(np.float32), (chance.random(number) >= first).astype(np.int64)


@pytest.mark.parametrize("number", [150, 1500, 15_000])
def test_what_is_calibrated_errs_as_chance_does_less_with_more_texts(number: int) -> None:
    probabilities, truth = certainties(number)
    by_chance = error_by_chance(probabilities)
    assert calibration_error(probabilities, truth) == pytest.approx(by_chance, abs=0.7 * by_chance)
    assert by_chance == pytest.approx(0.9 / np.sqrt(number), rel=0.35)


def test_what_is_too_sure_errs_by_as_much_as_it_is_too_sure() -> None:
    probabilities = np.tile(np.array([[0.9, 0.1]], np.float32), (1000, 1))
    truth = np.repeat([0, 1], [600, 400])
    assert calibration_error(probabilities, truth) == pytest.approx(0.3, abs=1e-6)
