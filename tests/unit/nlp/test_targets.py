"""Which unit or place a feeling is about, with the reasons given by hand; real labels are asked in tests/checklist."""

import pytest

from core.records import Ngram, Place
from nlp.targets import find_target

ROAD = Place(code="990100001", name="滨江街道", text="滨江街道")


def about(text: str, *words: str, places: tuple[Place, ...] = ()) -> str:
    target = find_target(text, [Ngram(text=word, weight=2.0) for word in words], places)
    return target.text if target else ""


@pytest.mark.parametrize(
    ("text", "carries", "named"),
    [
        ("城管局态度太恶劣了", "恶劣", "城管局"),
        ("区教育局不管", "不管", "区教育局"),
        ("青石街道办事处推来推去", "推来推去", "青石街道办事处"),
        ("市第三医院太差", "太差", "市第三医院"),
        ("感谢市第三医院", "感谢", "市第三医院"),
        ("投诉荣华物业乱收费", "乱收费", "荣华物业"),
        ("我们社区居委会真暖心", "暖心", "社区居委会"),
        ("对面的派出所不出警", "不出警", "派出所"),
        ("阳光幼儿园打孩子", "打孩子", "阳光幼儿园"),
        ("派出所在旁边，城管打人", "打人", "城管"),
        ("路过市政府,公交公司太差劲", "差劲", "公交公司"),
        ("在人民公园门口看见城管打人", "打人", "城管"),
        ("向住建局反映过,荣华物业还是乱收费", "乱收费", "荣华物业"),
        ("希望教育局管管实验小学,天天补课", "天天补课", "实验小学"),
        ("住在滨江社区,派出所也不管", "不管", "派出所"),
        ("去车管所办证,窗口态度极差", "极差", "车管所"),
        ("教育局很耐心,可是学校食堂太差", "太差", "学校"),
        ("教育局很耐心,可是学校食堂太差", "耐心", "教育局"),
        ("警察很好,派出所也好", "派出所", "派出所"),
        ("今天心情太差", "太差", ""),
        ("开发商跑了,房管局失职", "失职", "房管局"),
        ("结局太差", "太差", ""),
        ("市场经济太难", "太难", ""),
        ("大学生活真好", "真好", ""),
        ("#滨江医院# 辛苦了", "辛苦了", "滨江医院"),
        ("公园里的花真好看", "好看", "公园"),
        ("", "", ""),
    ],
)
def test_the_unit_of_the_clause_that_carries_the_feeling(text: str, carries: str, named: str) -> None:
    assert about(text, carries) == named


def test_a_unit_too_many_clauses_away_is_not_meant() -> None:
    assert about("城管局在开会,下雨了,没带伞,又堵车,饿了,气死我了", "气死") == ""


def test_without_reasons_nothing_is_meant() -> None:
    assert find_target("城管局态度恶劣", (), ()) is None


def test_a_place_is_meant_where_no_unit_is() -> None:
    target = find_target("滨江街道又脏又乱", [Ngram(text="又脏又乱", weight=1.0)], [ROAD])
    assert target is not None
    assert (target.kind, target.text, target.code) == ("place", "滨江街道", ROAD.code)


def test_a_unit_comes_before_a_place_of_its_clause() -> None:
    assert about("滨江街道的派出所不管", "不管", places=(ROAD,)) == "派出所"


def test_one_that_is_named_afterwards_is_less_likely_meant() -> None:
    assert about("物业不管,太气人了,派出所来了", "气人") == "物业"


def test_a_very_long_text_is_read() -> None:
    assert about("城管局在," * 20_000 + "太差", "太差") == "城管局"
