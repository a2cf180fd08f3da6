"""Passages: runs of characters that gained most, in words that a reader finds in the text."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nlp.features import ORDERS, windows
from nlp.reasons import per_window


def _found(texts: list[str], ones: dict[str, float], pairs: dict[str, float] | None = None) -> list[list[str]]:
    """Passages when single characters and pairs gain as given, everything else nothing."""
    seen = windows(texts)
    joined = "".join(seen.read)
    gains = np.zeros(seen.buckets.shape, np.float32)
    gains[0] = [ones.get(character, 0) for character in joined]
    for position in range(len(joined) - 1):
        if seen.buckets[1, position] > 0:
            gains[1, position] = (pairs or {}).get(joined[position : position + 2], 0)
    return [[passage for passage, _ in of] for of in per_window(seen, gains, 3)]


def test_overlapping_windows_become_one_passage() -> None:
    assert _found(["楼上噪音扰民"], {}, {"噪音": 2.0, "音扰": 1.0, "扰民": 2.0}) == [["噪音扰民"]]


def test_a_passage_ends_with_its_text() -> None:
    assert _found(["停水", "水管"], {"停": 1, "水": 1}) == [["停水"], ["水"]]


def test_a_passage_does_not_reach_over_punctuation() -> None:
    assert _found(["臭,吵"], {"臭": 2, ",": 2, "吵": 1}) == [["臭", "吵"]]


def test_the_heaviest_come_first_and_only_so_many() -> None:
    assert _found(["甲某乙某丙某丁"], {"甲": 5, "乙": 7, "丙": 6, "丁": 4}) == [["乙", "丙", "甲"]]


def test_what_speaks_against_the_class_is_no_reason() -> None:
    assert _found(["甲乙", "丙"], {"甲": -1, "乙": -2}) == [[], []]


def test_a_strong_objection_where_nothing_speaks_for_the_class_is_no_reason() -> None:
    assert _found(["甲乙甲"], {"甲": -1e5, "乙": 0}) == [[]]


def test_the_same_words_are_told_once() -> None:
    assert _found(["臭某臭某臭"], {"臭": 1}) == [["臭"]]


@given(st.lists(st.text("甲乙丙 ,", max_size=12), max_size=5), st.randoms(use_true_random=False))
def test_every_passage_stands_in_its_text_and_speaks_for_the_class(texts: list[str], chance: object) -> None:
    seen = windows(texts)
    draw = np.random.default_rng(chance.randrange(1 << 30))  # type: ignore[attr-defined]  # a random.Random
    gains = draw.normal(size=(len(ORDERS), len(seen.codes))).astype(np.float32)
    found = per_window(seen, gains, 4)
    assert len(found) == len(texts)
    for text, of in zip(texts, found, strict=True):
        assert len(of) <= 4
        assert all(passage and passage in text and weight > 0 for passage, weight in of)
        assert [weight for _, weight in of] == sorted((weight for _, weight in of), reverse=True)
