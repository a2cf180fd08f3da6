"""Where the cascade asks the encoder."""

import numpy as np

from nlp.training.encoder.fitting import below


def test_the_encoder_is_asked_below_the_confidence_at_which_it_mends_enough() -> None:
    confidence = np.linspace(0.3, 1, 700)
    mended = np.zeros(700)
    mended[:200] = [n % 2 for n in range(200)]  # half of those under 0.5, none above
    assert 0.48 < below(confidence, mended, 0.08) < 0.53
    assert below(confidence, mended, 0.6) < 0.35
    assert below(confidence, -mended, 0.08) == 0.0
