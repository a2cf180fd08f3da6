import pytest

from nlp.labels import Labeller, load_labeller
from nlp.script import fold, to_traditional

PLAIN = [
    ("小区停水三天了，没有人管，物业电话也打不通", "negative", "complaint"),
    ("楼上装修电钻声从早到晚，投诉多次无人处理", "negative", "complaint"),
    ("公司拖欠三个月工资不发，老板失联，太可恶", "negative", None),
    ("河水发黑发臭，化工厂偷偷排污，没人查", "negative", None),
    ("学校食堂饭菜里吃出虫子，恶心，家长气愤", "negative", None),
    ("公交车等了一个小时都不来，司机态度恶劣", "negative", None),
    ("政务大厅窗口推来推去，跑了五趟都没办成", "negative", None),
    ("垃圾堆了半个月没人清运，臭气熏天", "negative", None),
    ("路灯坏了一个多月，晚上黑漆漆的很危险", "negative", None),
    ("停电了，一晚上没空调，老人孩子热得受不了", "negative", None),
    ("社区医院的医生很耐心，护士服务态度特别好，点赞", "positive", None),
    ("感谢交警同志帮忙找回走失的老人，太暖心了", "positive", None),
    ("新修的公园真漂亮，老人孩子都喜欢，为政府点赞", "positive", None),
    ("窗口工作人员热情周到，十分钟就办好了，太方便了", "positive", None),
    ("志愿者送来热水和姜汤，心里暖暖的，谢谢你们", "positive", None),
    ("明天上午9点至12点，滨河路将封闭施工，请车辆绕行", "neutral", None),
    ("气象台预计今天夜间有中雨，气温18到24度", "neutral", None),
    ("市人社局发布通知，明日起开放医保缴费窗口", "neutral", None),
]


@pytest.fixture(scope="module")
def labeller() -> Labeller:
    return load_labeller()


@pytest.mark.parametrize(("text", "sentiment", "intent"), PLAIN)
def test_plain_phrases_get_their_plain_labels(
    labeller: Labeller, text: str, sentiment: str, intent: str | None
) -> None:
    judged = labeller.label([fold(text)])[0]
    assert judged.sentiment.label == sentiment
    assert intent is None or judged.intent.label == intent


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("小区停水三天了，没有人管，物业电话也打不通", "城乡建设"),
        ("公司拖欠三个月工资不发，老板失联，太可恶", "劳动和社会保障"),
        ("河水发黑发臭，化工厂偷偷排污，没人查", "环境保护"),
        ("社区医院的医生很耐心，护士服务态度特别好，点赞", "卫生计生"),
        ("今天心情真好，晚饭吃了火锅", "none"),
    ],
)
def test_plain_phrases_get_their_matter(labeller: Labeller, text: str, domain: str) -> None:
    assert labeller.label([fold(text)])[0].domain.label == domain


def test_traditional_text_is_judged_as_simplified(labeller: Labeller) -> None:
    texts = [text for text, _, _ in PLAIN]
    assert labeller.label([fold(to_traditional(text)) for text in texts]) == labeller.label([fold(t) for t in texts])


def test_every_decision_is_explained_by_passages_of_the_text(labeller: Labeller) -> None:
    text = fold("楼上装修电钻声从早到晚，投诉多次无人处理")
    reasons = labeller.label([text])[0].reasons
    assert set(reasons) >= {"sentiment", "domain", "intent"}
    assert all(ngram.text in text and ngram.weight > 0 for found in reasons.values() for ngram in found)
    assert any("投诉" in ngram.text or ngram.text in "投诉" for ngram in reasons["intent"])


def test_offence_is_explained_only_where_there_is_some(labeller: Labeller) -> None:
    rude, calm = labeller.label([fold("你们这群垃圾废物，脑残，滚出去，恶心的东西"), fold("明天上午滨河路封闭施工")])
    assert rude.offensive.label == "offensive"
    assert rude.reasons["offensive"]
    assert calm.offensive.label == "clean"
    assert "offensive" not in calm.reasons


def test_probabilities_sum_to_one_whatever_the_text(labeller: Labeller) -> None:
    for judged in labeller.label(["", " ", "\ud800", "😡😡", "a" * 5000, "水" * 5000]):
        for label in (judged.sentiment, judged.emotion, judged.domain, judged.intent):
            assert sum(label.probs.values()) == pytest.approx(1, abs=1e-3)
            assert label.probs[label.label] == max(label.probs.values())


def test_labels_do_not_depend_on_the_batch(labeller: Labeller) -> None:
    texts = [fold(text) for text, _, _ in PLAIN]
    assert labeller.label(texts) == [labeller.label([text])[0] for text in texts]
    assert labeller.label([]) == []
