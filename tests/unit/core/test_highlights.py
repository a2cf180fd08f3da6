"""Highlights stand in the text that a person wrote, whatever the folding did to it."""

from hypothesis import assume, given
from hypothesis import strategies as st

from core.ports import Highlights
from core.storage.alignment import origins
from core.storage.highlights import Highlighter
from core.storage.words import token_spans
from nlp.script import fold
from tests.records import post

WRITTEN = st.text(
    alphabet=st.one_of(
        st.sampled_from("路燈灯臺台湾灣乾坤着著 \n　，。aAéＡａßİﬁ㎏①Ⅳ¨😀👨‍👩‍👧각각\u0301\u0327\u09be\u09c7१"),
        st.characters(exclude_categories=("Cs",)),
    ),
    max_size=40,
)


def written(title: str, text: str):
    return post(title=title, text=text, search=fold(f"{title}\n{text}"))


def pieces(one, highlights: Highlights) -> list[str]:
    """What is highlighted, folded; in title and text together, as a phrase may reach from one into the other."""
    said = [one.title[a:b] for a, b in highlights.title] + [one.text[a:b] for a, b in highlights.text]
    return [fold(piece) for piece in said]


@given(WRITTEN, WRITTEN)
def test_every_folded_character_comes_from_a_piece_that_folds_to_it(title, text):
    one = written(title, text)
    whence = origins(one)
    assert len(whence) == len(one.search)
    for character, origin in zip(one.search, whence, strict=True):
        if origin is None:
            assert character == " "
        else:
            assert character in fold((one.title if origin.in_title else one.text)[origin.start : origin.end])


@given(WRITTEN, WRITTEN, st.data())
def test_spans_are_in_range_in_order_apart_and_hold_the_phrase(title, text, data):
    one = written(title, text)
    spans = token_spans(one.search)
    assume(spans and not {"乾", "著"} & {*title, *text})  # which Simplified they are depends on their neighbours
    first = data.draw(st.integers(0, len(spans) - 1))
    last = data.draw(st.integers(first, len(spans) - 1))
    phrase = one.search[spans[first][0] : spans[last][1]]
    assume('"' not in phrase)  # it ends a phrase
    found = Highlighter(f'"{phrase}"').of(one)
    for said, marks in ((one.title, found.title), (one.text, found.text)):
        flat = [end for span in marks for end in span]
        assert flat == sorted(set(flat))
        assert all(0 <= end <= len(said) for end in flat)
    assert phrase in " ".join(pieces(one, found))


def test_a_phrase_is_marked_with_what_stands_between_its_words():
    one = written("", "Street, Light 坏了")
    assert pieces(one, Highlighter('"street light"').of(one)) == ["street, light"]


def test_a_phrase_that_reaches_from_the_title_into_the_text_is_marked_in_both():
    one = written("street", "light")
    assert Highlighter('"street light"').of(one) == Highlights(title=[(0, 6)], text=[(0, 5)])


def test_offsets_count_code_points():
    one = written("", "😀😀路燈")
    assert Highlighter("路灯").of(one) == Highlights(text=[(2, 4)])


def test_a_letter_that_folds_into_two_is_marked_whole():
    one = written("", "5㎏ straße")
    assert Highlighter("5kg").of(one) == Highlights(text=[(0, 2)])
    assert Highlighter("strasse").of(one) == Highlights(text=[(3, 9)])


def test_half_of_a_word_is_not_marked_in_the_way_that_it_is_not_found():
    one = written("", "wifi")
    assert Highlighter("wi").of(one) == Highlights()


def test_excluded_words_are_not_marked():
    one = written("", "路灯坏了")
    assert Highlighter("路灯 -坏了").of(one) == Highlights(text=[(0, 2)])


def test_a_copy_folded_from_another_text_gives_no_marks_rather_than_wrong_ones():
    one = post(text="a b", search="路灯")
    assert Highlighter("路灯").of(one) == Highlights()
