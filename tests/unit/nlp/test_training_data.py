"""That nothing a model is measured on is, nearly, what it learnt from."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nlp.duplicates import AGREEING, alike, fingerprints, repeated
from nlp.training.data import Example, Task, apart, letter, split
from nlp.training.encoder import lessons

NIBBLES = 16
PRINTS = st.integers(-(2**63), 2**63 - 1)


@st.composite
def changed(draw: st.DrawFn) -> tuple[int, int]:
    """A fingerprint, and it with some nibbles changed: as many as near-duplicates may differ in, or one more."""
    one = draw(PRINTS) & ~1
    places = draw(st.sets(st.integers(0, NIBBLES - 1), max_size=NIBBLES - AGREEING + 1))
    other = one
    for place in places:
        other ^= draw(st.integers(1, 15)) << 4 * place
    return one, int(np.uint64(other & (2**64 - 1)).astype(np.int64))


@given(st.lists(changed(), min_size=1, max_size=6), st.lists(PRINTS, max_size=6))
def test_a_search_for_near_duplicates_finds_just_what_comparing_with_each_finds(
    pairs: list[tuple[int, int]], others: list[int]
) -> None:
    prints = np.array([one for one, _ in pairs] + others, np.int64)
    known = np.array([other for _, other in pairs], np.int64)
    assert repeated(prints, known).tolist() == [alike(known, int(one)).any() for one in prints]


def test_among_nothing_nothing_is_found() -> None:
    assert not repeated(fingerprints(["停水三天了没有人来修理也没有人通知"]), np.array([], np.int64)).any()


def letters(number: int) -> list[Example]:
    """Each with its title alone, as the heads learn them."""
    return [
        example
        for n in range(number)
        for example in letter(
            f"关于第{n}号楼停水问题的投诉请尽快处理{n * 7}",
            f"{n}号楼已经停水很久,打了{n}次电话",
            "negative",
            "letters",
            (1.0, 0.5),
        )
    ]


def test_a_letter_is_learnt_as_a_post_shows_it_and_has_its_title_beside_it() -> None:
    whole, alone = letter("路灯坏了", "已经　三天\n没人修", "negative", "letters", (1.0, 0.5))
    assert (whole.text, alone.text) == ("路灯坏了 已经 三天 没人修", "路灯坏了")
    assert whole.name == alone.name
    assert letter("", "没有标题", "negative", "letters", (1.0, 0.5))[0].text == "没有标题"


def test_a_letter_and_its_title_stay_on_one_side() -> None:
    given = letters(200)
    names = [{e.title for e in part} for part in split(given, 0.3)]
    assert all(names)
    assert names[0].isdisjoint(names[1])
    assert sum(map(len, split(given, 0.3))) == 400


def test_what_calibration_is_fitted_on_was_not_learnt_from_not_even_nearly_and_has_short_texts() -> None:
    short = [Example(f"{n}号停水", "negative", 1.0, "short") for n in range(200)]
    given = [*letters(200), *short]
    given += [replace(e, text=e.text.replace("处理", "解决")) for e in given if e.origin != "short"]
    learnt, kept = lessons.split(Task("sentiment", ("negative",), given, {}))
    assert {e.name for e in learnt}.isdisjoint({e.name for e in kept})
    assert not repeated(fingerprints([e.text for e in kept]), np.unique(fingerprints([e.text for e in learnt]))).any()
    assert 0.05 < sum(e.origin == "short" for e in kept) / len(short) < 0.25


def test_composed_sentences_are_learnt_and_nothing_is_calibrated_with_them() -> None:
    composed = [Example(f"{n}号楼的灯好了", "positive", 0.5, "composed") for n in range(100)]
    task = Task("sentiment", ("negative", "positive"), letters(100), {}, composed)
    assert {e.text for e in composed} <= {item.text for item in lessons.items([task])}
    assert not any(e.origin == "composed" for part in lessons.split(task) for e in part)


def test_a_development_text_that_training_repeats_with_a_word_changed_is_not_measured_with() -> None:
    text = "今天早上七点开始小区全部停水,物业说是主管道爆裂,正在抢修,预计晚上八点恢复供水,请大家提前储水"
    other = "公交车等了四十分钟也没有来,上班迟到了,希望能够增加早高峰的班次"
    learnt = [Example(text.replace("晚上八点", "晚上九点"), "negative", 1.0, "x")]
    dev = [Example(text, "negative", 1.0, "y"), Example(other, "negative", 1.0, "y")]
    kept = apart(Task("sentiment", ("negative",), learnt, {"y": dev})).dev["y"]
    assert [e.text for e in kept] == [other]
