"""Titles and terms: real words of real posts."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from core.records import JURISDICTION_SAMPLE, Incident, Place
from nlp.incidents.config import DetectorConfig
from nlp.incidents.detector import Detector
from nlp.incidents.wording import sentence_of
from tests.records import labels, post

ESTATE = Place(code="990100001101", name="望潮雅苑", text="望潮雅苑")


def found(texts: list[str], place: Place | None = None) -> Incident:
    """The one incident of posts with these texts, a minute apart."""
    said = replace(labels(), places=(place,) if place else ())
    posts = [post(f"p{n}", text, minutes=n, labels=said) for n, text in enumerate(texts)]
    (incident,) = Detector(JURISDICTION_SAMPLE, DetectorConfig()).observe(posts).incidents
    return incident


def test_a_reaction_before_the_sentence_is_left_out() -> None:
    assert sentence_of(post(text="我们这也是，望潮雅苑三栋停水两天了")) == "望潮雅苑三栋停水两天了"
    assert sentence_of(post(text="转发：离谱，望潮雅苑三栋停水两天了[怒]😡")) == "望潮雅苑三栋停水两天了"
    assert sentence_of(post(text="[捂脸]唉//@某人:望潮雅苑三栋停水两天了！")) == "望潮雅苑三栋停水两天了"


def test_a_letter_speaks_by_its_title() -> None:
    assert sentence_of(post(text="您好，反映一件事", title="望潮雅苑停水")) == "望潮雅苑停水"


@given(st.text(alphabet="停水了转关注，。！[怒]😡 #@:：/a", max_size=120))
def test_a_sentence_is_a_part_of_its_post_and_short(text: str) -> None:
    said = sentence_of(post(text=text))
    assert said in text
    assert len(said) <= 40


def test_the_title_says_where() -> None:
    ends = ("没人管", "第三天了", "孩子怎么洗澡", "老人提水")
    texts = [f"水泵坏了停水没有通知，{end}" for end in ends] + [f"望潮雅苑水泵坏了停水没有通知，{end}" for end in ends]
    assert found(texts, ESTATE).title.startswith("望潮雅苑水泵坏了")


def test_terms_are_whole_words_without_particles_and_count_their_posts() -> None:
    texts = [
        "反对枫林苑二期捆绑销售车位",
        "枫林苑二期的车位凭什么捆绑销售",
        "枫林苑二期又在捆绑销售车位了",
        "购房者投诉枫林苑二期，捆绑销售车位",
        "买枫林苑二期必须捆绑销售车位吗",
        "枫林苑二期业主不要捆绑销售",
    ]
    terms = {term.text: term.posts for term in found(texts).terms}
    assert terms["枫林苑二期"] == 6
    assert terms["捆绑销售车位"] == 4
    assert not [word for word in terms if word[0] in "的了在又" or word[-1] in "的了在又"]
