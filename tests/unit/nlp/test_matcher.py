import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.matcher import Matcher, Span

WORDS = st.text(alphabet="东西湖区路", min_size=2, max_size=4)


def test_all_gives_overlapping_occurrences_longest_first() -> None:
    assert Matcher(["西湖", "西湖区", "湖区"]).all("去西湖区") == [
        Span(1, 4, "西湖区"),
        Span(1, 3, "西湖"),
        Span(2, 4, "湖区"),
    ]


def test_leftmost_takes_the_longest_and_goes_on_behind_it() -> None:
    assert Matcher(["西湖", "西湖区", "区区"]).leftmost("西湖区区") == [Span(0, 3, "西湖区")]


def test_a_phrase_of_one_character_is_refused() -> None:
    with pytest.raises(ValueError, match="two characters"):
        Matcher(["火"])


def test_a_longer_phrase_cut_off_by_the_end_of_the_text_is_not_found_as_a_shorter_one_twice() -> None:
    assert Matcher(["西区", "西区东"]).all("西区") == [Span(0, 2, "西区")]


@given(st.sets(WORDS, max_size=8), st.text(alphabet="东西湖区路。", max_size=30))
def test_all_finds_exactly_what_a_naive_search_finds(phrases: set[str], text: str) -> None:
    naive = {(start, phrase) for phrase in phrases for start in range(len(text)) if text.startswith(phrase, start)}

    found = Matcher(phrases).all(text)

    assert {(span.start, span.phrase) for span in found} == naive
    assert len(found) == len(naive)
    assert all(text[span.start : span.end] == span.phrase for span in found)
