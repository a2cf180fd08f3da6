import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nlp.features import BUCKETS, HEAD, LONGEST, clip, grams, windows

TEXT = st.text(st.characters(), max_size=40) | st.sampled_from(
    ["", "停水了", "😡😡[泪]", "𠮷野家", "\ud800", "a\udc00b"]
)


@given(st.lists(TEXT, max_size=8))
def test_a_text_has_the_same_buckets_in_a_batch_as_alone(texts: list[str]) -> None:
    batch = grams(texts)
    for number, text in enumerate(texts):
        own = batch.buckets[batch.starts[number] : batch.starts[number + 1]]
        assert own.tolist() == grams([text]).buckets.tolist()


@given(st.lists(TEXT, max_size=8))
def test_windows_carry_just_the_buckets_of_their_text_and_point_into_it(texts: list[str]) -> None:
    found = windows(texts)
    for number, text in enumerate(texts):
        own = found.owner == number
        assert np.unique(found.buckets[own]).tolist() == grams([text]).buckets.tolist()
        ends = found.begin[own] + found.order[own]
        assert (found.begin[own] >= 0).all()
        assert (ends <= len(clip(text))).all()
    assert found.distinct.buckets.tolist() == grams(texts).buckets.tolist()


@given(TEXT)
def test_buckets_are_in_range_and_distinct(text: str) -> None:
    buckets = grams([text]).buckets
    assert len(np.unique(buckets)) == len(buckets)
    assert all(0 <= bucket < BUCKETS for bucket in buckets.tolist())


def test_an_empty_text_and_an_empty_batch_have_no_buckets() -> None:
    assert grams([""]).starts.tolist() == [0, 0]
    assert grams([]).starts.tolist() == [0]


def test_a_long_text_is_read_at_both_its_ends() -> None:
    read = clip("头" * HEAD + "中" * 1000 + "尾" * 100)
    assert len(read) == LONGEST
    assert read.startswith("头" * HEAD)
    assert read.endswith("尾" * 100)
    assert clip("短") == "短"
