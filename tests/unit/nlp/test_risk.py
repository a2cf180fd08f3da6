from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ConfigurationError
from core.records import Risk, RiskHit
from nlp.risk import Danger, RiskLexicon, load_risk_lexicon
from nlp.script import fold


@pytest.fixture(scope="module")
def lexicon() -> RiskLexicon:
    return load_risk_lexicon()


def categories(lexicon: RiskLexicon, text: str) -> set[str]:
    return {hit.category for hit in lexicon.score(text).hits}


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("河边有人溺水了", "casualties"),
        ("三号楼着火了快打119", "fire"),
        ("一声巨响，玻璃全碎了", "explosion"),
        ("后山塌方把路堵死了", "collapse"),
        ("全班上吐下泻", "food_poisoning"),
        ("幼儿园老师体罚", "minors"),
        ("一群人在门口拉横幅", "gathering"),
        ("包工头拖欠工资半年", "wage_arrears"),
        ("楼顶有人要跳楼", "self_harm"),
        ("村干部贪污低保", "corruption"),
        ("夜市有人持刀", "violence"),
        ("工厂半夜偷排", "pollution"),
        ("学校手足口停课", "disease"),
        ("又停水一整天", "outage"),
        ("路口自来水管爆裂", "outage"),
        ("主管道爆管了", "outage"),
        ("燃气管道爆裂", "explosion"),
        ("自来水有毒", "pollution"),
        ("路口两车追尾", "traffic"),
        ("地下车库积水", "flood"),
        ("网传有人投毒", "rumour"),
        ("楼盘烂尾三年", "rights_protest"),
    ],
)
def test_a_plain_mention_counts(lexicon: RiskLexicon, text: str, category: str) -> None:
    assert category in categories(lexicon, text)


@pytest.mark.parametrize(
    "text",
    [
        "这家店太火爆了",
        "排骨小火慢炖两小时",
        "转大火收汁就好",
        "新款一上架就成爆款",
        "剪了个爆炸头",
        "清仓跳楼价",
        "去游乐园坐跳楼机",
        "手机没电了",
        "这节课没水平",
        "被打动了",
        "今天热死人了",
        "病毒正在迅速扩散",
        "眼神浑浊",
        "车胎漏气",
        "消防演练，模拟三楼着火",
        "昨晚那部电影爆炸戏真精彩",
        "这游戏里我又被砍人队友坑了",
        "不信谣不传谣，网传消息不实",
        "避免聚集，少出门",
        "支持七天无理由退款",
        "火已扑灭，没人受伤",
        "事故无人员伤亡",
        "有没有人受伤",
        "吃着火锅唱着歌",
        "工人爬上了塔吊",
        "旅游行业回暖",
        "舞台风格很特别",
        "乱停电动车",
        "今晚没水果吃",
        "线上访谈开始了",
        "网友爆料演唱会爆满",
    ],
)
def test_a_false_friend_does_not_count(lexicon: RiskLexicon, text: str) -> None:
    assert lexicon.score(text).hits == ()


@pytest.mark.parametrize(
    "text",
    [
        "消防救援支队招聘灭火救援员",
        "梦见楼塌了有人被埋",
        "话剧里主角跳楼了",
        "《大火》循环了一天",
        "抗震十周年，纪念当年遇难的同胞",
        "经核查没有发生火灾",
        "不是着火，是有人烧烤",
        "严防发生溺水",
        "一旦起火后果不堪设想",
        "心里像着火一样",
        "忙到爆炸",
        "气得我想打人",
    ],
)
def test_what_is_not_happening_does_not_count(lexicon: RiskLexicon, text: str) -> None:
    assert lexicon.score(text).hits == ()


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("演习时真的着火了", "fire"),
        ("不是演习，楼下起火了", "fire"),
        ("刚演练完，下午厂房就起火了", "fire"),
        ("电影院着火了", "fire"),
        ("看电影时影厅起火", "fire"),
        ("密室逃脱店的隔壁，培训机构着火了", "fire"),
        ("是不是着火了", "fire"),
        ("不是打人就是骂人", "violence"),
        ("这不是腐败吗", "corruption"),
        ("听到爆炸", "explosion"),
        ("没有自来水", "outage"),
        ("一直没有退款", "rights_protest"),
        ("求你不要跳楼", "self_harm"),
        ("没人管污染", "pollution"),
        ("没有通知就封路，两车追尾", "traffic"),
    ],
)
def test_what_looks_unreal_or_denied_may_be_real(lexicon: RiskLexicon, text: str, category: str) -> None:
    assert category in categories(lexicon, text)


def test_tags_in_a_row_do_not_silence_each_other(lexicon: RiskLexicon) -> None:
    assert categories(lexicon, "#电影推荐##城东仓库起火#") == {"fire"}


def test_the_unreal_reaches_so_far_and_no_further(lexicon: RiskLexicon) -> None:
    assert categories(lexicon, "看了一部电影" + "然后回家路上慢慢走" * 6 + "仓库起火") == {"fire"}


def test_an_unreal_sentence_does_not_silence_the_next(lexicon: RiskLexicon) -> None:
    assert categories(lexicon, "上周刚搞过演练。今天真的起火了") == {"fire"}


def test_an_unreal_mention_does_not_hide_a_real_one_of_the_same_category(lexicon: RiskLexicon) -> None:
    assert categories(lexicon, "演习里着火。现在着火了") == {"fire"}


def test_a_very_long_text_takes_linear_time(lexicon: RiskLexicon) -> None:
    assert lexicon.score("演习着火" * 50_000).hits == ()


def test_score_combines_categories_and_counts_each_once(lexicon: RiskLexicon) -> None:
    once = lexicon.score("着火了")
    twice = lexicon.score("着火了，火灾，浓烟")
    both = lexicon.score("着火了，有人受伤")
    weights = lexicon.categories

    assert once.score == twice.score == weights["fire"]
    assert both.score == pytest.approx(1 - (1 - weights["fire"]) * (1 - weights["casualties"]))


@given(st.text(alphabet="着火了灾跳楼价机没电演习。，停水", max_size=40))
def test_score_stays_in_range_and_every_word_stands_in_the_text(text: str) -> None:
    risk = _SHIPPED.score(text)

    assert 0 <= risk.score <= 1
    assert (risk.score == 0) == (risk.hits == ())
    assert all(hit.word in text for hit in risk.hits)
    assert len({hit.category for hit in risk.hits}) == len(risk.hits)


GOOD = """\
categories:
  - {category: fire, weight: 0.5, source: test, words: [着火]}
contexts: []
denials: []
turns: []
unnamed: []
"""
UNNAMED = "unnamed: [{category: danger, weight: 0.4, least: 0.8, beside: [fire], source: test}]"


@pytest.fixture
def with_unnamed(tmp_path: Path) -> RiskLexicon:
    path = tmp_path / "risk.yaml"
    path.write_text(GOOD.replace("unnamed: []", UNNAMED), encoding="utf-8")
    return load_risk_lexicon(path)


def seen(text: str, passage: str, probability: float = 1.0) -> Danger:
    return Danger(probability, passage, fold(text), passage)


def test_a_danger_that_no_word_names_is_a_risk_with_the_passage_that_told_it(with_unnamed: RiskLexicon) -> None:
    risk = with_unnamed.unnamed(Risk(), seen("窗户里往外蹿红光", "蹿红光", 0.8))
    assert risk == Risk(score=0.4, hits=(RiskHit(category="danger", word="蹿红光", weight=0.4, danger=True),))


@pytest.mark.parametrize(
    ("text", "probability", "label", "likely", "unsure"),
    [
        ("楼上着火", 0.1, "danger", 1.0, False),  # named by a word
        ("往外蹿红光", 0.9, "danger", 0.9, False),  # seen by the model
        ("演习：往外蹿红光", 0.9, "none", 0.0, False),  # seen, but a drill
        ("往外蹿红光", 0.6, "none", 0.6, True),  # below the bar
        ("往外蹿红光", 0.1, "none", 0.1, False),
        ("", 0.5, "none", 0.5, True),  # a language that no model reads
    ],
)
def test_whether_a_text_tells_of_a_danger_is_said_by_words_contexts_and_model_together(
    text: str, probability: float, label: str, likely: float, unsure: bool
) -> None:
    shipped = load_risk_lexicon()
    risk = shipped.unnamed(shipped.score(text), seen(text, "蹿红光" if "蹿" in text else "", probability))
    told = shipped.tells(risk, probability)
    assert (told.label, told.probs["danger"], told.unsure) == (label, likely, unsure)
    assert any(hit.danger for hit in risk.hits) == (label == "danger")
    assert sum(told.probs.values()) == pytest.approx(1)


def test_which_hits_are_dangers_is_told_by_the_table() -> None:
    hits = {hit.category: hit.danger for hit in load_risk_lexicon().score("楼上着火，又停水").hits}
    assert hits == {"fire": True, "outage": False}


def test_a_danger_below_the_bar_one_without_a_passage_and_one_that_a_word_names_add_nothing(
    with_unnamed: RiskLexicon,
) -> None:
    named = with_unnamed.score("楼上着火")
    assert with_unnamed.unnamed(Risk(), seen("往外蹿红光", "蹿红光", 0.79)) == Risk()
    assert with_unnamed.unnamed(Risk(), seen("往外蹿红光", "")) == Risk()
    assert with_unnamed.unnamed(named, seen("楼上着火", "楼上")) is named


def test_a_table_without_a_bar_leaves_dangers_to_words(tmp_path: Path) -> None:
    path = tmp_path / "risk.yaml"
    path.write_text(GOOD, encoding="utf-8")
    assert load_risk_lexicon(path).unnamed(Risk(), seen("往外蹿红光", "蹿红光")) == Risk()


def test_other_risks_and_an_unnamed_danger_add_up() -> None:
    other = _SHIPPED.score("村里又停电了")
    both = _SHIPPED.unnamed(other, seen("村里又停电了，有人往外爬", "往外爬"))
    assert [hit.category for hit in both.hits] == ["outage", "danger"]
    assert both.score > other.score


@pytest.mark.parametrize(
    ("text", "passage"),
    [
        ("昨晚看电影，楼里全是烟，男主抱着孩子从三楼跳下来", "楼里全是烟"),
        ("消防演习，楼道里放烟，老师喊着让孩子们往外跑", "楼道里放烟"),
        ("我梦见楼塌了，压了好多人，醒来一身汗", "压了好多人"),
        ("小说里写大火把整条街烧了，人都跑不出来", "人都跑不出来"),
        ("不是着火，是有人在烧烤", "有人在烧"),
    ],
)
def test_the_table_takes_back_an_unnamed_danger_as_it_does_a_named_one(text: str, passage: str) -> None:
    assert _SHIPPED.unnamed(Risk(), seen(text, passage)) == Risk()


@pytest.mark.parametrize(
    "text", ["看完电影回来。楼道里全是烟", "消防演习结束后\n楼道里全是烟", "不是演习，楼道里全是烟"]
)
def test_what_is_real_again_is_not_taken_back(text: str) -> None:
    lines = "\n".join(fold(line) for line in text.split("\n"))
    assert _SHIPPED.unnamed(Risk(), Danger(0.9, "楼道里全是烟", lines, "楼道里全是烟")).hits


@pytest.mark.parametrize(
    ("row", "line", "reason"),
    [
        ("  - {category: a, weight: 2, source: s, words: [爆炸]}", 3, "weight of 'a' is 2"),
        ("  - {category: a, weight: 0.5, source: s, words: []}", 3, "needs words and a source"),
        ("  - {category: a, weight: 0.5, source: '', words: [爆炸]}", 3, "needs words and a source"),
        ("  - {category: a, weight: 0.5, source: s, words: [炸]}", 3, "too short"),
        ("  - {category: a, weight: 0.5, source: s, words: [着火]}", 3, "already in category 'fire'"),
        ("  - {category: fire, weight: 0.5, source: s, words: [爆炸]}", 3, "a second time"),
        ("  - {category: a, weight: 0.5, source: s, words: [爆炸], innocent: [爆炸]}", 3, "both a word and"),
        ("  - {category: a, weight: 0.5, words: [爆炸]}", 3, "missing required field `source`"),
        ("  - {category: a, weight: 0.5, source: s, words: [爆炸], colour: red}", 3, "unknown field"),
        ("  - {category: a, weight: high, source: s, words: [爆炸]}", 3, "Expected `float`"),
        ("denials: [{before: [没], only: [flood], source: s}]", 3, "there is no category 'flood'"),
        (UNNAMED.replace("[fire]", "[flood]"), 3, "there is no category 'flood'"),
        (UNNAMED.replace("0.8", "8"), 3, "least of 'danger' is 8.0, expected 0.5 to 1"),
        (UNNAMED.replace("0.8", "0.3"), 3, "below, nothing in a text tells of danger"),
        (UNNAMED.replace("0.4", "0"), 3, "weight of 'danger' is 0.0"),
        (UNNAMED.replace("[fire]", "[]"), 3, "needs a category, the categories that it stands beside, and a source"),
        (UNNAMED.replace("category: danger", "category: fire"), 3, "'fire' stands here a second time"),
        ("  - {category: a", 4, "expected"),
    ],
)
def test_a_wrong_row_is_named_by_file_line_and_reason(tmp_path: Path, row: str, line: int, reason: str) -> None:
    path = tmp_path / "risk.yaml"
    path.write_text(GOOD.replace("contexts", f"{row}\ncontexts"), encoding="utf-8")

    with pytest.raises(ConfigurationError) as caught:
        load_risk_lexicon(path)

    assert str(path) in str(caught.value)
    assert f"line {line}" in str(caught.value)
    assert reason in str(caught.value)


def test_a_missing_file_and_a_missing_list_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_risk_lexicon(tmp_path / "none.yaml")
    (tmp_path / "risk.yaml").write_text("contexts: []", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="'categories'"):
        load_risk_lexicon(tmp_path / "risk.yaml")


def test_text_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "risk.yaml"
    path.write_bytes(GOOD.encode("gb18030"))

    with pytest.raises(ConfigurationError, match="UTF-8"):
        load_risk_lexicon(path)


_SHIPPED = load_risk_lexicon()
