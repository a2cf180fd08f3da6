"""Language: what a person would say at a glance."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.language import detect


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("滨江路积水严重", "zh-Hans"),
        ("濱江路積水嚴重", "zh-Hant"),
        ("桃溪路口", "zh-Hans"),
        ("乾隆年间的桥塌了", "zh-Hans"),
        ("這個路燈壞了三天沒有人來修", "zh-Hant"),
        ("iPhone 15 Pro Max 发热，谁家也这样", "zh-Hans"),
        ("#桃溪# @someone 停电了 https://example.com/abcdefghijklmnopqrstuvwxyz", "zh-Hans"),
        ("#桃溪街道# I just qsf7w", "zh-Hans"),
        ("#历史#这里的文字很长 Beijing", "zh-Hans"),
        ("花の店关门了", "zh-Hans"),
        ("市役所の前で水が止まっています", "ja"),
        ("ありがとう", "ja"),
        ("도로가 물에 잠겼어요", "ko"),
        ("يوللار سۇ ئاستىدا قالدى", "ug"),
        ("الشارع مغلق بسبب المياه", "ar"),
        ("ལམ་ཁར་ཆུ་གང་འདུག", "bo"),
        ("ᠤᠰᠤ ᠬᠠᠷᠠ", "mn"),
        ("ꆈꌠꉙ", "ii"),
        ("The road by the river is flooded again and nobody answers the phone", "en"),
        ("Đường phố bị ngập nước sau cơn mưa lớn tối qua", "vi"),
        ("Дорога затоплена после дождя, никто не отвечает", "ru"),
        ("😀😀😀👍", "und"),
        ("", "und"),
        ("666!!!", "und"),
        ("ok", "und"),
        ("https://example.com/path", "und"),
    ],
)
def test_language_and_script(text: str, tag: str) -> None:
    assert detect(text) == tag


@given(st.text(max_size=40))
def test_nothing_makes_it_fail(text: str) -> None:
    assert detect(text)
