"""Records survive the wire, also between versions."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.codec import decode, encode
from core.records import AnalysedPost, RawPost
from tests.records import NOON, incident, post

text = st.text(st.characters(exclude_categories=["Cs"]))


@given(text, text, st.dictionaries(text, text, max_size=3), st.integers(0, 2**53))
def test_a_post_comes_back_as_it_was(title: str, body: str, extra: dict[str, str], likes: int) -> None:
    before = post(title=title, text=body, extra=extra, likes=likes)
    assert decode(encode(before), AnalysedPost) == before


def test_an_older_reader_ignores_the_fields_of_a_newer_record() -> None:
    data = msgspec.json.decode(encode(incident()))
    newer = msgspec.json.encode({**data, "v": 2, "mood": "new in version 2"})
    assert decode(newer, type(incident())).title == incident().title


def test_a_newer_reader_fills_what_an_older_record_lacks() -> None:
    old = {"id": "a", "source": "s", "platform": "p", "at": NOON, "seen_at": NOON, "jurisdiction": "99", "text": "x"}
    assert decode(msgspec.json.encode(old), RawPost).shares == 0


def test_a_record_of_another_shape_is_refused_with_the_name_of_the_field() -> None:
    with pytest.raises(msgspec.ValidationError, match="likes"):
        decode(encode(post()).replace(b'"likes":0', b'"likes":"many"'), AnalysedPost)


def test_labels_written_before_there_were_targets_are_read() -> None:
    data = msgspec.json.decode(encode(post()))
    assert data["labels"].pop("target") is None
    assert decode(msgspec.json.encode(data), AnalysedPost) == post()
