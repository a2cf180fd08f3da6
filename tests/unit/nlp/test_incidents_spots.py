"""Names of places that no list knows, learnt from what people write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.incidents.features import shipped_idf
from nlp.incidents.spots import MOST, Spots, mentions

WROTE = ("我住在伊景园滨河苑，车位太贵", "投诉伊景园滨河苑捆绑销售", "位于伊景园滨河苑的车位", "在伊景园滨河苑买房")


def learnt(*texts: str) -> Spots:
    spots = Spots(shipped_idf())
    for text in texts:
        spots.read(text)
    return spots


def test_a_name_begins_where_its_mentions_stop_being_alike():
    spots = learnt(*WROTE)
    assert spots.read("请问伊景园滨河苑什么时候交房") == ["伊景园", "伊景园滨河苑"]


def test_the_short_form_is_the_same_spot():
    assert learnt(*WROTE).read("滨河苑的物业呢") == ["伊景园滨河苑"]


def test_an_estate_is_called_the_same_with_and_without_its_kind():
    spots = learnt("在丽发新城小区门口", "到丽发新城小区", "在丽发新城", "住丽发新城", "在丽发新城修路")
    assert spots.read("丽发新城小区附近有搅拌站") == spots.read("丽发新城附近有搅拌站") == ["丽发新城"]


def test_a_name_is_believed_after_three_posts():
    spots = Spots(shipped_idf())
    assert [spots.read(text) for text in ("在银杉路口堵车", "沿银杉路走", "到银杉路去")] == [[], [], ["银杉路"]]


@pytest.mark.parametrize(
    "text",
    [
        "在安置小区里",
        "到居民小区去",
        "在高速公路上",
        "在人民政府门口",
        "在网站上",
        "沿铁路走",
        "向城市管理局反映",
        "到村民家里",
        "在园区里",
    ],
)
def test_words_for_kinds_of_places_are_no_names(text: str):
    spots = learnt(*[f"{text}，第{'一二三四五六'[n]}回了" for n in range(6)])
    assert spots.read(text) == []


def test_what_never_stands_where_places_stand_is_no_name():
    assert learnt(*["很断魂桥，唉", "好断魂桥，唉", "真断魂桥，唉"]).read("断魂桥") == []


def test_what_a_list_knows_is_no_spot():
    spots = Spots(shipped_idf())
    said = [spots.read("在海棠社区，到银杉路上", ["海棠社区"]) for _ in range(4)]
    assert said == [[], [], ["银杉路"], ["银杉路"]]


def test_who_goes_on_from_what_was_given_out_reads_the_same():
    whole, kept = Spots(shipped_idf()), {}
    for text in WROTE:
        whole.read(text)
        kept |= whole.changed
        whole.changed = {}
    other = Spots(shipped_idf(), kept.items())
    text = "请问伊景园滨河苑和滨河苑"
    assert other.read(text) == whole.read(text)
    assert other.changed == whole.changed


def test_the_longest_silent_is_forgotten():
    spots = learnt(*WROTE)
    spots.changed = {}
    for number in range(MOST):
        spots.read(f"在{chr(0x5000 + number // 80)}{chr(0x6000 + number % 80)}路")
    assert spots.read("滨河苑") == []
    assert spots.changed["滨河苑"] is not None, "it begins anew"


@given(st.text(alphabet="在区伊景园滨河苑路小区村的a1，😀", max_size=60))
def test_any_text_gives_mentions_that_stand_in_it(text: str):
    found = list(mentions(text))
    assert all(one.longest in text and one.longest.endswith(one.anchor) for one in found)
    assert len({one.anchor for one in found}) == len(found)
