"""From scores to probabilities, by the length of the text: the score of a long one is a mean over more tokens."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from nlp.linear import Floats

LENGTHS = (8, 32, 128)
"""Tokens of the texts that a calibration is given for."""


class Counts(NamedTuple):
    """What both tiers' scores count for some texts (one figure each), and what is added to them (texts x classes)."""

    own: Floats
    fast: Floats
    shifts: Floats


class Calibration(msgspec.Struct, frozen=True):
    """How a head's scores become probabilities: softmax of `own * encoder + fast * fast tier + shifts`.

    Each is given for texts of `LENGTHS` tokens (`shifts`: lengths x classes). Between these it goes evenly with the logarithm
    of the length; beyond them it stays.
    """

    own: tuple[float, ...]
    fast: tuple[float, ...]
    shifts: tuple[tuple[float, ...], ...]

    @classmethod
    def plain(cls, classes: int) -> "Calibration":
        """The encoder's scores as they are."""
        each = len(LENGTHS)
        return cls(own=(1.0,) * each, fast=(0.0,) * each, shifts=((0.0,) * classes,) * each)

    def counts(self, tokens: Sequence[int]) -> Counts:
        """For texts of so many tokens."""
        near = nearness(tokens)[:, :, None]
        # Sums row by row: how a matrix product rounds depends on how many texts are asked at once.
        own, fast, shifts = (
            (near * np.array(given, np.float32).reshape(1, len(LENGTHS), -1)).sum(axis=1)
            for given in (self.own, self.fast, self.shifts)
        )
        return Counts(own[:, 0], fast[:, 0], shifts)


def nearness(tokens: Sequence[int]) -> Floats:
    """How much of each of `LENGTHS` a text of so many tokens has (texts x lengths), rows summing to 1."""
    known, length = np.log(LENGTHS), np.log(np.maximum(tokens, 1))
    shares = [np.interp(length, known, one) for one in np.eye(len(LENGTHS))]
    return np.stack(shares, axis=1).astype(np.float32)
