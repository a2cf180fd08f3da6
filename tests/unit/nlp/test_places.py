from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ConfigurationError
from nlp.place_names import community_aliases, short_form
from nlp.places import Gazetteer, OrdinaryWords, PlaceEntry, load_gazetteer, load_place_list

OWN = [
    PlaceEntry(code="990100", name="云湾区", aliases=["云湾"]),
    PlaceEntry(code="990100001", name="望潮街道"),
    PlaceEntry(code="990100001101", name="滨河花园"),
    PlaceEntry(code="990100001102", name="滨河花园二期", aliases=["滨河二期"]),
]
GAZETTEER = load_gazetteer(OWN)


def codes(text: str, jurisdiction: str = "") -> list[str]:
    return [place.code for place in GAZETTEER.find(text, jurisdiction)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("杭州市的地铁", ["3301"]),
        ("去杭州玩", ["3301"]),
        ("恩施下雨了", ["4228"]),
        ("内蒙古的草原", ["15"]),
        ("北京市海淀区", ["11", "110108"]),
        ("义乌的快递", ["330782"]),
        ("余杭区停水", ["330110"]),
        ("马坡岭街道的路灯", ["430102016"]),
        ("从上海到南京再回上海", ["31", "3201"]),
    ],
)
def test_well_known_and_unique_names_need_no_support(text: str, expected: list[str]) -> None:
    assert codes(text) == expected


@pytest.mark.parametrize(
    ("text", "jurisdiction", "expected"),
    [
        ("西湖区停电", "", []),
        ("西湖区停电", "330106", ["330106"]),
        ("西湖区停电", "3301", ["330106"]),
        ("西湖区停电", "330100", ["330106"]),
        ("西湖区停电", "3601", ["360103"]),
        ("杭州西湖区停电", "", ["3301", "330106"]),
        ("南昌西湖区停电", "330106", ["3601", "360103"]),
        ("西湖区停电，杭州的朋友说", "", ["330106", "3301"]),
        ("西湖边散步", "", []),
        ("西湖边散步", "330106", ["330106"]),
        ("隔壁上城区也停了", "330106", ["330102"]),
        ("城关镇的集市", "", []),
    ],
)
def test_ambiguous_names_are_solved_by_neighbours_jurisdiction_and_mentions(
    text: str, jurisdiction: str, expected: list[str]
) -> None:
    assert codes(text, jurisdiction) == expected


@pytest.mark.parametrize(
    "text",
    [
        "世界和平",
        "万事平安",
        "人民群众",
        "东方的太阳",
        "新华书店",
        "钟南山院士",
        "大同小异",
        "幸福安康",
        "保安很负责",
        "郊区空气好",
        "住在老城区",
        "马上开通",
        "假期延长春节后再说",
        "拆迁安置房",
        "他不会理解",
        "滨海城市很多",
        "外墙是大理石的",
    ],
)
def test_ordinary_words_are_no_places(text: str) -> None:
    assert codes(text) == []


def test_an_ordinary_word_counts_directly_after_its_parent() -> None:
    assert codes("北京朝阳的早高峰") == ["11", "110105"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("上海南京路很挤", ["31"]),
        ("北京东路堵车", []),
        ("银河北路", []),
        ("黄河北岸", []),
        ("河北的枣", ["13"]),
        ("上海南站", ["31"]),
        ("武汉街道办", ["4201"]),
    ],
)
def test_roads_banks_and_overlaps_are_no_places(text: str, expected: list[str]) -> None:
    assert codes(text) == expected


def test_one_character_rests_are_never_names() -> None:
    assert codes("云很好看", "530922") == []


def test_own_places_are_found_in_their_jurisdiction_only() -> None:
    assert codes("滨河花园停水了", "990100") == ["990100001101"]
    assert codes("滨河花园停水了", "330106") == []
    assert codes("云湾区滨河花园停水了", "990100") == ["990100", "990100001101"]


def test_the_longest_name_wins() -> None:
    assert codes("滨河花园二期停水", "990100") == ["990100001102"]
    assert codes("滨河二期停水", "990100") == ["990100001102"]


def test_a_place_keeps_the_words_that_named_it_and_its_official_name() -> None:
    (place,) = GAZETTEER.find("滨河二期停水", "990100")

    assert (place.code, place.name, place.text) == ("990100001102", "滨河花园二期", "滨河二期")


def test_a_very_long_text_takes_linear_time() -> None:
    assert codes("钟南山在杭州西湖区" * 20_000) == ["3301", "330106"]


def test_a_place_named_twice_is_given_once() -> None:
    assert codes("杭州杭州，还是杭州市好") == ["3301"]


@given(
    st.lists(
        st.sampled_from(["杭州", "西湖区", "南昌", "滨河花园", "城关镇", "路", "，", "朝阳", "北", "京", "🌧", "a"]),
        max_size=12,
    ),
    st.sampled_from(["", "330106", "330100", "36", "990100", "不是代码"]),
)
def test_everything_found_stands_in_the_text_and_has_its_official_name(pieces: list[str], jurisdiction: str) -> None:
    text = "".join(pieces)
    places = GAZETTEER.find(text, jurisdiction)

    assert places == GAZETTEER.find(text, jurisdiction)
    assert all(place.text in text for place in places)
    assert all(GAZETTEER.name(place.code) == place.name for place in places)
    assert len({place.code for place in places}) == len(places)


def test_name_and_parts_walk_the_tree() -> None:
    assert GAZETTEER.name("330106") == "西湖区"
    assert GAZETTEER.name("000000") is None
    assert len(GAZETTEER.parts("")) == 31 + 1  # the imagined district has no province
    assert ("330106", "西湖区") in GAZETTEER.parts("3301")
    assert ("110108", "海淀区") in GAZETTEER.parts("11")
    assert GAZETTEER.parts("990100") == [("990100001", "望潮街道")]
    assert GAZETTEER.parts("000000") == []


@pytest.mark.parametrize(
    ("code", "name", "short"),
    [
        ("33", "浙江省", "浙江"),
        ("45", "广西壮族自治区", "广西"),
        ("3301", "杭州市", "杭州"),
        ("2327", "大兴安岭地区", "大兴安岭"),
        ("4228", "恩施土家族苗族自治州", "恩施"),
        ("310115", "浦东新区", "浦东"),
        ("530922", "云县", None),
        ("320771", "连云港经济技术开发区", None),
        ("520425", "紫云苗族布依族自治县", "紫云"),
        ("330106013", "文新街道", "文新"),
        ("310104008", "湖南路街道", None),
        ("990100001101", "滨河花园", None),
    ],
)
def test_short_forms(code: str, name: str, short: str | None) -> None:
    assert short_form(code, name) == short


@pytest.mark.parametrize(
    ("name", "aliases"),
    [
        ("多福巷社区居委会", ("多福巷社区",)),
        ("王家村村委会", ("王家村",)),
        ("槐溪村民委员会", ("槐溪村",)),
        ("槐溪", ()),
    ],
)
def test_community_aliases(name: str, aliases: tuple[str, ...]) -> None:
    assert community_aliases(name) == aliases


@pytest.mark.parametrize(
    ("table", "line", "reason"),
    [
        ("- {code: '99', name: 海市}\n- {code: '9901a0', name: 云湾区}", 2, "not of 2, 4, 6, 9 or 12 digits"),
        ("- {code: '99', name: 海}", 1, "two characters"),
        ("- {code: '99', name: 海市, alias: [海]}", 1, "unknown field"),
        ("- {code: 99, name: 海市}", 1, "Expected `str`"),
        ("places: []", 1, "expected a list"),
        ("", 1, "expected a list"),
    ],
)
def test_a_wrong_place_list_is_named_by_file_line_and_reason(
    tmp_path: Path, table: str, line: int, reason: str
) -> None:
    path = tmp_path / "places.yaml"
    path.write_text(table, encoding="utf-8")

    with pytest.raises(ConfigurationError, match=f"line {line}: .*{reason}"):
        load_place_list(path)


def test_a_place_list_is_found_by_folded_names_and_shown_as_written(tmp_path: Path) -> None:
    path = tmp_path / "places.yaml"
    path.write_text("- {code: '990100001101', name: 濱河MOMA, aliases: [摩码公寓]}", encoding="utf-8")
    gazetteer = load_gazetteer(load_place_list(path))

    for text in ("滨河moma停水", "摩码公寓停水"):
        assert [place.name for place in gazetteer.find(text, "990100")] == ["濱河MOMA"]


def test_a_damaged_gazetteer_is_named(tmp_path: Path) -> None:
    damaged = tmp_path / "places.txt.gz"
    damaged.write_bytes(b"no gzip")

    with pytest.raises(ConfigurationError, match="gazetteer cannot be read"):
        load_gazetteer(shipped=damaged)


def test_an_empty_gazetteer_finds_nothing() -> None:
    assert Gazetteer({}, (), OrdinaryWords()).find("杭州", "3301") == ()
