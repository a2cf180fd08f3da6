"""Windows and their buckets: a text's never depend on its neighbours in the batch."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nlp.features import BUCKETS, HEAD, LONGEST, NO_BUCKET, ORDERS, clip, distinct, windows

any_text = st.text(st.characters(), max_size=30)  # lone surrogates included
any_texts = st.lists(any_text, max_size=6)


@given(any_texts)
def test_a_text_reads_the_same_alone_and_in_a_batch(texts: list[str]) -> None:
    together = windows(texts)
    for number, text in enumerate(texts):
        alone = windows([text])
        mine = together.owner == number
        assert together.buckets[:, mine].tolist() == alone.buckets.tolist()


@given(any_texts)
def test_every_window_within_a_text_has_a_bucket_and_no_other(texts: list[str]) -> None:
    seen = windows(texts)
    assert seen.buckets.min(initial=0) >= NO_BUCKET
    assert seen.buckets.max(initial=0) < BUCKETS
    for order, buckets in zip(ORDERS, seen.buckets, strict=True):
        expected = sum(max(0, len(text) - order + 1) for text in texts)
        assert np.count_nonzero(buckets != NO_BUCKET) == expected


@given(any_texts)
def test_distinct_values_are_those_of_each_text(texts: list[str]) -> None:
    seen = windows(texts)
    values, starts = distinct(seen.owner, seen.buckets, len(texts))
    for number in range(len(texts)):
        own = seen.buckets[:, seen.owner == number]
        assert values[starts[number] : starts[number + 1]].tolist() == sorted({int(b) for b in own.flat if b > 0})


def test_order_matters_and_so_does_every_character() -> None:
    seen = windows(["停水", "水停", "停电"])
    pairs = {int(seen.buckets[1, position]) for position in (0, 2, 4)}
    assert len(pairs) == 3


def test_a_long_text_is_read_at_both_ends() -> None:
    text = "头" * HEAD + "中" * 1000 + "尾" * 149
    read = clip(text)
    assert len(read) == LONGEST
    assert read == "头" * HEAD + " " + "尾" * 149


def test_no_texts_have_no_windows() -> None:
    seen = windows([])
    assert seen.buckets.shape == (len(ORDERS), 0)
    assert distinct(seen.owner, seen.buckets, 0)[1].tolist() == [0]
