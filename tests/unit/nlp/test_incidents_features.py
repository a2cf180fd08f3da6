"""Sparse vectors of posts."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nlp.incidents.features import BUCKETS, NORM, idf, shipped_idf, vectors

TABLE = np.full(BUCKETS, 100, dtype=np.uint8)


@given(st.lists(st.text(max_size=80), max_size=6))
def test_a_vector_does_not_depend_on_its_batch(texts: list[str]) -> None:
    assert vectors(texts, TABLE) == [vectors([text], TABLE)[0] for text in texts]


@given(st.text(alphabet="路灯坏了没人管abc12 ", max_size=200))
def test_vectors_have_one_length_or_none(text: str) -> None:
    (vector,) = vectors([text], shipped_idf())
    length = math.sqrt(sum(weight * weight for weight in vector.values()))
    assert not vector or abs(length - NORM) < 0.02 * NORM


def test_bigrams_do_not_reach_over_punctuation_or_into_the_next_text() -> None:
    one, other, both = vectors(["停水", "停，水", "停水"], TABLE)
    assert one == both
    assert other == {}


def test_words_and_numbers_are_features_and_links_and_names_are_not() -> None:
    plain, furnished = vectors(["地铁 line 12 停运", "地铁 line 12 停运 https://t.example/ab @某人"], TABLE)
    assert plain == furnished
    assert len(plain) == 4


def test_rare_features_weigh_more() -> None:
    table = idf(1000, np.array([0, 10, 999]))
    assert table[0] > table[1] > table[2] > 0
