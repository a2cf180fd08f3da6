"""Counts: every short form that sites show, and nothing invented for what is no count."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.counts import COUNT_LIMIT, parse_count


@pytest.mark.parametrize(
    ("shown", "count"),
    [
        ("1.2万", 12_000), ("3万+", 30_000), ("1,024", 1024), ("999+", 999), ("2.3K", 2300), ("2.3k+", 2300),
        ("1123.4w", 11_234_000), ("1.5亿", 150_000_000), ("513 万", 5_130_000), ("1.2萬", 12_000), ("１２", 12),
        ("12次", 12), ("88 評論", 88), ("3百万", 3_000_000), ("1.23456万", 12_345), ("0", 0), (" 7 ", 7), ("1M", 10**6),
        (12, 12), (12.0, 12), (0, 0), (COUNT_LIMIT, COUNT_LIMIT), ("1,234,567", 1_234_567),
    ],
)  # fmt: skip
def test_a_shown_count_is_read(shown: object, count: int) -> None:
    assert parse_count(shown) == count


@pytest.mark.parametrize(
    "value",
    [
        None, "", "-", "--", "转发", "很多", "1,02", "1.2.3", "-3", -1, True, float("nan"), float("inf"), -0.5, [], {},
        10**30, "9" * 17, "9999999999亿", "1e5", "12 34", "三",
    ],
)  # fmt: skip
def test_what_is_no_count_is_unknown_and_not_zero(value: object) -> None:
    assert parse_count(value) is None


@given(st.integers(0, COUNT_LIMIT))
def test_plain_and_grouped_digits_read_back(count: int) -> None:
    assert parse_count(str(count)) == count
    assert parse_count(f"{count:,}") == count


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.lists(st.integers())))
def test_nothing_makes_it_fail(value: object) -> None:
    count = parse_count(value)
    assert count is None or 0 <= count <= COUNT_LIMIT
