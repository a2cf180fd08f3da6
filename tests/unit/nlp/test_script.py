"""Folding: the same words in any spelling give the same text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.script import fold, to_simplified, to_traditional


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("濱江路積水嚴重", "滨江路积水严重"),
        ("乾淨的頭髮在皇后身後", "干净的头发在皇后身后"),
        ("ＡＢＣ１２３，ＯＫ", "abc123,ok"),
        ("路灯\u3000坏了\n\n\t没人修 ", "路灯 坏了 没人修"),
        ("WeChat", "wechat"),
        ("①号楼", "1号楼"),
        ("", ""),
    ],
)
def test_spellings_become_one(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_both_scripts_fold_to_the_same_text() -> None:
    simplified = "物业收费没有公示，业主群里没人回应"
    assert fold(to_traditional(simplified)) == fold(simplified)


def test_simplifying_keeps_the_word_that_was_chosen() -> None:
    assert to_simplified("計程車") == "计程车"


def test_half_a_surrogate_pair_is_replaced_and_the_rest_converted() -> None:
    assert fold("積水\ud83d嚴重") == "积水?严重"


@given(st.text())
def test_folding_never_fails_and_leaves_single_spaces(text: str) -> None:
    folded = fold(text)
    assert folded == " ".join(folded.split())
    folded.encode("utf-8")
