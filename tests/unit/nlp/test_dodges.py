import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ConfigurationError
from nlp.dodges import Dodges, load_dodges, shipped_dodges


@pytest.fixture(scope="module")
def dodges() -> Dodges:
    return shipped_dodges()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("镇里的蒸府不管", "镇里的政府不管"),
        ("政fu不管", "政府不管"),
        ("zheng府不管", "政府不管"),
        ("请问zhengfu管不管", "请问政府管不管"),
        ("当地zf不作为", "当地政府不作为"),
        ("ga局不立案", "公安局不立案"),
        ("被jc带走", "被警察带走"),
        ("弓虽拆", "强拆"),
        ("弓虽女干犯", "强奸犯"),
        ("政*府", "政府"),
        ("官*商*勾*结", "官商勾结"),
        ("书~~记", "书记"),
        ("集体上 访", "集体上访"),
        ("拆 迁办", "拆迁办"),
        ("去讨xin", "去讨薪"),
        ("打👤了", "打人了"),
        ("三楼着🔥了", "三楼着火了"),
        ("帖子被河蟹了", "帖子被和谐了"),
        ("贪氵亏", "贪污"),
        ("城菅打人", "城管打人"),
        ("又停水😡", "又停水[怒]"),
        ("太好了(怒)", "太好了[怒]"),
        ("白跑一趟(t_t)", "白跑一趟[泪]"),
        ("计程车绕路,捷运也停了", "出租车绕路,地铁也停了"),
        ("家里网路断了,健保卡也用不了", "家里网络断了,医保卡也用不了"),
    ],
)
def test_a_dodged_spelling_is_read_through(dodges: Dodges, written: str, meant: str) -> None:
    assert dodges.plain(written).text == meant


@pytest.mark.parametrize(
    "text",
    [
        "阳澄湖的河蟹又肥又鲜",
        "马上 访问官网",
        "线上/访谈",
        "财政 府谷县",
        "求zf抽奖",
        "zfb转账",
        "zf齿轮箱",
        "jc1单反",
        "cg动画",
        "正府路是条老街",
        "行政腐败",
        "政府败诉",
        "戒严令导火索",
        "草菅人命",
        "职工/资料员",
        "教育局、长郡中学",
        "安静.坐落在山坡上",
        "看http://example.com/zhengfu/list",
        "@zhengfu123",
        "政府",
        "the fund",
        "蒸腊肉",
        "大统领倒是被搞得心乱",
        "臭豆腐拜托了",
        "求保佑🙏",
        "附件(一)",
        "方便捷运输的便捷运行",
        "联网路由器坏了",
        "卫健保障到位",
        "公车改革",
        "",
    ],
)
def test_ordinary_text_stays_as_it_is(dodges: Dodges, text: str) -> None:
    assert dodges.plain(text) == (text, text, ())


def test_what_is_quoted_is_what_was_written(dodges: Dodges) -> None:
    plain = dodges.plain("我们的zf不管,书*记也不管")
    assert plain.text == "我们的政府不管,书记也不管"
    assert plain.quoted("政府不管") == "zf不管"
    assert plain.quoted("府不管") == "zf不管"
    assert plain.quoted("的政") == "的zf"
    assert plain.quoted("书记也") == "书*记也"
    assert plain.quoted("也不管") == "也不管"
    assert plain.quoted("我们") == "我们"


PIECES = [
    "政府",
    "政fu",
    "zf",
    "不",
    "政*府",
    "弓虽",
    "拆",
    " ",
    "a",
    "。",
    "书",
    "~",
    "记",
    "着🔥",
    "hei",
    "社会",
    "𠮷",
]


@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
def test_every_passage_is_quoted_from_the_original(text: str) -> None:
    plain = shipped_dodges().plain(text)
    assert plain.quoted(plain.text) == text
    assert all(text[c.begin : c.stop] != plain.text[c.start : c.end] for c in plain.changes)
    for start in range(len(plain.text)):
        assert plain.quoted(plain.text[start : start + 3]) in text


@given(st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    assert shipped_dodges().plain(text).original == text


def test_a_text_ten_times_as_long_takes_ten_times_the_steps(dodges: Dodges) -> None:
    def steps(times: int) -> int:
        profile: Counter[str] = Counter()
        before = sys.getprofile()
        sys.setprofile(lambda frame, event, argument: profile.update((event,)))
        try:
            dodges.plain("政*府zheng府上 访弓虽a*b书~" * times)
        finally:
            sys.setprofile(before)
        return profile["call"] + profile["c_call"]

    assert steps(2_000) < 11 * steps(200)


GOOD = """\
words:
  - {word: 政府, pinyin: zheng fu, source: s}
initials: []
phrases: []
"""


@pytest.mark.parametrize(
    ("row", "line", "reason"),
    [
        ("words: [{word: 政府, pinyin: zheng, source: s}]", 1, "a syllable for each"),
        ("words: [{word: 政, pinyin: zheng, source: s}]", 1, "two characters"),
        ("words: [{word: 政府, pinyin: zheng fu}]", 1, "missing required field `source`"),
        ("initials: [{initials: z, word: 政府, source: s, after: [不], before: []}]", 1, "two letters"),
        ("initials: [{initials: zf, word: 政府, source: s, after: [], before: []}]", 1, "words that stand beside it"),
        ("phrases: [{spellings: {a: b}}]", 1, "missing required field `source`"),
    ],
)
def test_a_wrong_row_is_named_by_file_line_and_reason(tmp_path: Path, row: str, line: int, reason: str) -> None:
    path = tmp_path / "dodges.yaml"
    path.write_text(f"{row}\n{GOOD}", encoding="utf-8")

    with pytest.raises(ConfigurationError) as caught:
        load_dodges(path)

    assert f"{path}, line {line}" in str(caught.value)
    assert reason in str(caught.value)


def test_a_table_without_initials_and_phrases_will_do(tmp_path: Path) -> None:
    path = tmp_path / "dodges.yaml"
    path.write_text(GOOD, encoding="utf-8")
    assert load_dodges(path).plain("政fu和zf").text == "政府和zf"
