"""Cursors come back from callers, who may send anything."""

import pytest

from core.cursors import LONGEST, number


@pytest.mark.parametrize(("text", "expected"), [("0", 0), ("17", 17), ("9" * LONGEST, 10**LONGEST - 1)])
def test_digits_are_a_number(text: str, expected: int) -> None:
    assert number(text) == expected


@pytest.mark.parametrize("text", ["", "-1", "²", "٣", "1.0", "1e3", " 1", "nan", "9" * (LONGEST + 1)])
def test_everything_else_is_none(text: str) -> None:
    assert number(text) is None
