"""Key terms: what is said more than before, as whole words."""

from hypothesis import given
from hypothesis import strategies as st

from nlp.keyness import FEWEST, key_terms

EVERY_DAY = [f"我们小区的路灯又坏了，第{n}天了没人来修" for n in range(60)]
OUTBREAK = [
    f"{said}食物中毒{then}第{n}床" for n in range(10) for said, then in (("听说", "了"), ("是", "吗"), ("又", "！"))
]


def texts_of(now: list[str], before: list[str]) -> list[str]:
    return [term.text for term in key_terms(now, before, 10)]


def test_what_is_new_leads_and_what_is_said_every_day_does_not_appear() -> None:
    found = texts_of([*EVERY_DAY[:30], *OUTBREAK], EVERY_DAY)
    assert any("食物中毒" in word for word in found)
    assert not any("路灯" in word or "小区" in word for word in found)


def test_a_word_is_whole_and_never_a_part_of_itself() -> None:
    now = [f"{a}食物中毒{b}" for a, b in zip("甲乙丙丁戊己庚辛", "子丑寅卯辰巳午未", strict=True)] * 4
    assert texts_of(now, EVERY_DAY) == ["食物中毒"]


def test_a_post_that_repeats_a_word_counts_once() -> None:
    (term,) = key_terms(["停水" * 9] * FEWEST + ["路灯"] * 7, ["路灯"] * 200, 5)
    assert (term.text[:2], term.posts) == ("停水", FEWEST)


def test_names_addresses_and_bracketed_feelings_are_no_words() -> None:
    now = ["@区发布 https://example.org/abcdef [允悲] 电梯停运"] * 20
    assert texts_of(now, EVERY_DAY) == ["电梯停运"]


def test_latin_words_count_too() -> None:
    assert "wifi" in texts_of(["车站 wifi 连不上"] * 20, EVERY_DAY)


def test_nothing_is_surprising_without_a_before() -> None:
    assert key_terms(OUTBREAK, [], 10) == []
    assert key_terms([], OUTBREAK, 10) == []


def test_the_same_words_as_before_are_no_news() -> None:
    assert key_terms(EVERY_DAY, EVERY_DAY, 10) == []


@given(st.lists(st.text(max_size=40), max_size=12), st.lists(st.text(max_size=40), max_size=12))
def test_any_text_is_survived_and_what_is_found_is_in_enough_texts(now: list[str], before: list[str]) -> None:
    for term in key_terms(now, before, 5):
        assert FEWEST <= term.posts <= len(now)
        assert term.keyness > 0
