"""What scores count, and where the cascade asks the encoder."""

import numpy as np

from nlp.calibration import LENGTHS
from nlp.linear import softmax
from nlp.training.data import Example
from nlp.training.encoder.fitting import Held, Scores, below, calibrate, held, probabilities


def drawn(count: int) -> Held:
    """Texts of all lengths whose true classes follow their scores, those of the longest text counting four times as much as
    those of the shortest."""
    chance = np.random.default_rng(5)
    tokens = np.repeat(LENGTHS, count)
    scores = chance.normal(size=(len(tokens), 3))
    true = softmax((scores * np.repeat([0.5, 1.0, 2.0], count)[:, None] + [0.0, 0.7, 0.0]).astype(np.float32))
    truth = (true.cumsum(axis=1) < chance.random(len(tokens))[:, None]).sum(axis=1)
    return Held(truth, np.ones(len(tokens)), scores, np.zeros_like(scores), tokens.tolist())


def test_what_scores_count_is_found_for_every_length() -> None:
    given = drawn(4000)
    how = calibrate(given, together=False)
    assert np.allclose(how.own, [0.5, 1.0, 2.0], atol=0.15)
    assert all(shift[1] - (shift[0] + shift[2]) / 2 > 0.5 for shift in how.shifts)
    said = probabilities(given, how)
    assert abs(said.max(axis=1).mean() - (said.argmax(axis=1) == given.truth).mean()) < 0.02


def test_a_tier_that_says_nothing_counts_nothing_where_it_is_not_asked() -> None:
    assert calibrate(drawn(200), together=False).fast == (0.0,) * len(LENGTHS)


def test_a_set_counts_as_the_root_of_its_size() -> None:
    examples = [Example("好", "a", 1.0, "large")] * 100 + [Example("坏", "b", 1.0, "small")] * 4
    made = held(examples, ("a", "b"), Scores(np.zeros((104, 2)), [8] * 104), np.zeros((104, 2)))
    assert round(float(made.weights[:100].sum()), 9) == 10
    assert made.weights[100:].sum() == 2


def test_the_encoder_is_asked_below_the_confidence_at_which_it_mends_enough() -> None:
    confidence = np.linspace(0.3, 1, 700)
    mended = np.zeros(700)
    mended[:200] = [n % 2 for n in range(200)]  # half of those under 0.5, none above
    assert 0.48 < below(confidence, mended, 0.08) < 0.53
    assert below(confidence, mended, 0.6) < 0.35
    assert below(confidence, -mended, 0.08) == 0.0
