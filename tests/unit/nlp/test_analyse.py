import pytest
from msgspec.structs import replace

from core.records import Label, Place, Post, Risk
from nlp.analyse import Analyser, analyse
from nlp.labels import load_labeller, of_two
from nlp.risk import Danger, load_risk_lexicon
from nlp.script import fold
from tests.records import NOON


class Nowhere:
    def find(self, text: str, jurisdiction: str) -> tuple[Place, ...]:
        return ()


class Harmless:
    def score(self, text: str) -> Risk:
        return Risk()

    def unnamed(self, risk: Risk, danger: Danger) -> Risk:
        return risk

    def tells(self, risk: Risk, probability: float) -> Label:
        return of_two("danger", "none", probability, first=False)


@pytest.fixture(scope="module")
def analyser() -> Analyser:
    return Analyser(load_labeller(), Nowhere(), Harmless())


def post(id_: str, text: str, lang: str) -> Post:
    return Post(
        id=id_,
        source="s",
        platform="forum",
        at=NOON,
        seen_at=NOON,
        jurisdiction="990100",
        text=text,
        search=fold(text),
        lang=lang,
        group=id_,
        author="a",
    )


def test_a_language_that_the_models_do_not_know_is_neutral_and_even(analyser: Analyser) -> None:
    labels = analyse([post("1", "The water is off again, this is a disgrace", "en")], analyser)[0].labels
    assert (labels.sentiment.label, labels.domain.label, labels.intent.label) == ("neutral", "none", "none")
    assert len(set(labels.sentiment.probs.values())) == 1
    assert labels.offensive.label == "clean"
    assert (labels.danger.label, labels.danger.unsure) == ("none", True)
    assert labels.reasons == {}


def test_posts_keep_their_order_and_fields_among_other_languages(analyser: Analyser) -> None:
    posts = [
        post("1", "停水三天没人管，太差劲了", "zh-Hans"),
        post("2", "Bonjour", "fr"),
        post("3", "停水三天沒人管，太差勁了", "zh-Hant"),
        post("4", "", "und"),
    ]
    found = analyse(posts, analyser)
    assert [(f.id, f.text, f.lang) for f in found] == [(p.id, p.text, p.lang) for p in posts]
    assert [f.labels.sentiment.label for f in found[:3]] == ["negative", "neutral", "negative"]
    assert {f.labels.model for f in found} == {analyser.labeller.version}


def test_no_posts_give_no_posts(analyser: Analyser) -> None:
    assert analyse([], analyser) == []


def test_two_versions_of_a_post_in_one_batch_are_judged_each(analyser: Analyser) -> None:
    first = post("1", "停水三天没人管，太差劲了", "zh-Hans")
    edited = post("1", "今天真开心，谢谢大家的帮助", "zh-Hans")
    found = analyse([first, edited], analyser)
    assert [f.labels.sentiment.label for f in found] == ["negative", "positive"]


def test_places_are_read_as_the_office_of_the_post_reads_them(analyser: Analyser) -> None:
    class Asked:
        def find(self, text: str, jurisdiction: str) -> tuple[Place, ...]:
            return (Place(code=jurisdiction, name=text, text=text),)

    here, there = post("1", "滨江路", "zh-Hans"), replace(post("2", "滨江路", "zh-Hans"), jurisdiction="330100")
    found = analyse([here, there], Analyser(analyser.labeller, Asked(), Harmless()))
    assert [f.labels.places[0].code for f in found] == ["990100", "330100"]


def test_dodged_spellings_are_read_through_and_quoted_as_they_were_written(analyser: Analyser) -> None:
    dodged, plain = (
        post("1", "镇蒸府弓虽拆我家房子,没有任何手续", "zh-Hans"),
        post("2", "镇政府强拆我家房子,没有任何手续", "zh-Hans"),
    )
    judge = Analyser(analyser.labeller, Nowhere(), load_risk_lexicon())
    read, meant = (found.labels for found in analyse([dodged, plain], judge))
    assert (read.sentiment, read.domain, read.risk) == (meant.sentiment, meant.domain, meant.risk)
    assert {hit.category for hit in read.risk.hits} == {"violence"}
    assert all(ngram.text in dodged.search for ngrams in read.reasons.values() for ngram in ngrams)
    assert any("蒸府" in ngram.text or "弓虽" in ngram.text for ngrams in read.reasons.values() for ngram in ngrams)


@pytest.mark.parametrize(
    ("title", "text", "is_danger"),
    [
        ("消防演练", "我们厂房着火了", True),
        ("", "昨天学校搞了地震演练\n今天食堂几十个孩子食物中毒", True),
        ("", "看完电影回家\n小区门口有人持刀砍人\n快报警", True),
        ("", "昨天学校搞了消防演练，操场着火了大家都跑出来", False),
    ],
)
def test_a_danger_is_seen_under_a_line_that_speaks_of_a_drill_or_a_film(
    analyser: Analyser, title: str, text: str, *, is_danger: bool
) -> None:
    judge = Analyser(analyser.labeller, Nowhere(), load_risk_lexicon())
    told = replace(post("1", text, "zh-Hans"), title=title, search=fold(f"{title}\n{text}"))
    (found,) = analyse([told], judge)
    assert bool(found.labels.risk.hits) == is_danger


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("", "馬路被挖得亂七八糟，區政府根本不作為，氣死我了！"),
        ("氣死我了", "ＡＢＣ小區又停水，物業根本不作為"),
        ("", "  氣死我了！！   區政府　根本不作為"),
    ],
)
def test_reasons_quote_what_was_written_in_other_letters_than_models_read(
    analyser: Analyser, title: str, text: str
) -> None:
    told = replace(post("1", text, "zh-Hant"), title=title, search=fold(f"{title}\n{text}"))
    (found,) = analyse([told], analyser)
    quotes = [ngram.text for ngrams in found.labels.reasons.values() for ngram in ngrams]
    assert quotes
    assert all(quote in text or quote in title for quote in quotes), quotes
    assert all(fold(quote) in told.search for quote in quotes)


@pytest.mark.parametrize(
    "text",
    [
        "小区停车越来越难，物业也不出来管一管。二楼窗户往外蹿红光，有人在窗口喊。希望领导重视停车问题，谢谢。",
        "我家住在桂花小区三栋\n二樓窗戶往外躥紅光\n物業電話沒人接，希望領導重視停車問題",
    ],
)
def test_a_danger_that_one_sentence_or_line_tells_is_a_risk_that_quotes_it(text: str) -> None:
    whole = Analyser(load_labeller(), Nowhere(), load_risk_lexicon())
    (found,) = analyse([post("1", text, "zh-Hans")], whole)
    (hit,) = found.labels.risk.hits
    assert hit.category == "danger"
    assert hit.word in text
    assert "窗" in hit.word


def test_a_danger_that_no_word_names_is_a_risk_that_quotes_what_told_it() -> None:
    whole = Analyser(load_labeller(), Nowhere(), load_risk_lexicon())
    texts = ("樓道裡全是煙，三樓窗戶往外躥紅光，老人抱著孩子下不來", "今天的火锅真好吃，汤底红彤彤的")
    peril, meal = (one.labels for one in analyse([post(text, text, "zh-Hant") for text in texts], whole))
    (hit,) = peril.risk.hits
    assert (hit.category, hit.weight, peril.risk.score) == ("danger", 0.5, 0.5)
    assert hit.word in texts[0]
    assert hit.word == peril.reasons["danger"][0].text
    assert (meal.risk.hits, "danger" in meal.reasons) == ((), False)
