"""Letters: one matter at one place is told from other matters there, and from the like elsewhere."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from core.records import AnalysedPost, Place
from nlp.incidents.config import DetectorConfig
from nlp.incidents.features import NORM, shipped_idf
from nlp.incidents.letters import Letters, joins, letter, unites
from nlp.incidents.letters import Place as Where
from tests.records import label, labels, post
from tests.unit.nlp.detecting import Run, cut

DAY = 24 * 60
WORKS = (
    (
        "{}旁工地夜间施工扰民",
        "我是{}的业主，旁边工地每天夜间施工到凌晨，噪音很大，老人孩子无法入睡，请求制止夜间施工。",
    ),
    ("{}工地凌晨施工噪音扰民", "住在{}，工地凌晨还在施工，搅拌车噪音不停，影响小区居民睡眠，打电话投诉也没有人管。"),
    (
        "投诉{}附近工地夜间施工",
        "在{}附近，工地连续一个月夜间施工，噪音严重影响居民休息，孩子要高考，请求查处夜间施工。",
    ),
    (
        "{}业主请求制止夜间施工",
        "位于{}旁的工地没有夜间施工许可，凌晨两点噪音还很大，居民多次投诉，工地照样施工，请求制止。",
    ),
)
FEES = (
    (
        "{}物业强制收取停车费",
        "我是{}的业主，物业公司没有公示就提高停车费，不交停车费就不准车辆进入，请物价部门处理物业乱收费。",
    ),
    (
        "{}停车费上涨不合理",
        "住在{}，物业单方面把停车费涨了一倍，业主没有同意，物业拒绝公开停车费收支，希望物价部门调查。",
    ),
    (
        "投诉{}物业乱收停车费",
        "在{}，物业不经业主大会就上涨停车费，道闸拦着业主的车辆，物业收费没有发票，请求物价部门查处。",
    ),
)
LENDER = (
    ("请求查处{}网贷平台跑路", "{}网贷平台停止兑付，出借人的血汗钱拿不回来，{}立案半年没有进展，请经侦公布案情。"),
    ("{}平台立案半年毫无进展", "{}的出借人多次到经侦，兑付方案一直没有，老板转移资产，请求公布{}的案情进展。"),
    ("恳请经侦侦办{}平台诈骗", "{}平台涉嫌诈骗，出借人血本无归，立案以后没有兑付，恳请经侦追缴{}老板的资产。"),
)


def letters_about(
    name: str, matter: tuple[tuple[str, str], ...], day: float = 0, every: float = 25
) -> list[AnalysedPost]:
    """One letter each, some weeks apart and at other hours, by people who are not named."""
    return [
        asking(
            f"{name}-{title}", title.format(name), text.replace("{}", name), (day + number * every) * DAY + number * 300
        )
        for number, (title, text) in enumerate(matter)
    ]


def asking(id_: str, title: str, text: str, minutes: float = 0, places: tuple[Place, ...] = ()) -> AnalysedPost:
    return post(id_, text, minutes, title=title, search=f"{title} {text}", author=None, labels=labels(places=places))


def grouped(*posts: AnalysedPost) -> list[set[str]]:
    """The posts of each happening, in the order of their times."""
    run = Run(DetectorConfig(report_all=True))
    run.give(sorted(posts, key=lambda one: one.at))
    found: dict[str | None, set[str]] = {}
    for id_, incident in run.where.items():
        found.setdefault(incident, set()).add(id_)
    return list(found.values())


def ids(*posts: AnalysedPost) -> set[str]:
    return {one.id for one in posts}


def read(*posts: AnalysedPost) -> Letters:
    found = Letters()
    for one in posts:
        asked = letter(one, shipped_idf())
        assert asked is not None
        found.absorb(asked)
    return found


# --- what comes out --------------------------------------------------------------------------------------------------


def test_one_matter_at_one_estate_is_one_incident_over_months():
    slow = letters_about("璟枫苑", WORKS)
    assert grouped(*slow) == [ids(*slow)]


def test_what_is_asked_again_is_the_same_until_three_half_lives_have_passed():
    """A half-life of a small mailbox is sixty days."""
    early, late = letters_about("璟枫苑", WORKS, every=170), letters_about("璟枫苑", WORKS, every=190)
    assert grouped(*early) == [ids(*early)]
    assert len(grouped(*late)) == len(late)


def test_one_nuisance_at_two_estates_is_two():
    one, other = letters_about("璟枫苑", WORKS), letters_about("汀棠郡", WORKS, day=3)
    assert sorted(map(sorted, grouped(*one, *other))) == sorted(map(sorted, [ids(*one), ids(*other)]))


def test_two_matters_of_one_estate_are_two():
    one, other = letters_about("璟枫苑", WORKS), letters_about("璟枫苑", FEES, day=3)
    assert sorted(map(sorted, grouped(*one, *other))) == sorted(map(sorted, [ids(*one), ids(*other)]))


def test_a_matter_without_a_place_is_one_too():
    told = letters_about("璟汇贷", LENDER)
    assert grouped(*told) == [ids(*told)]


def test_the_slow_stand_beside_the_fast():
    slow = letters_about("璟枫苑", WORKS)
    fast = letters_about("汀棠郡", FEES, day=40, every=0.1)
    assert sorted(map(sorted, grouped(*slow, *fast))) == sorted(map(sorted, [ids(*slow), ids(*fast)]))


@given(st.lists(st.integers(0, 20), max_size=5))
@settings(max_examples=15, deadline=None)
def test_neither_batches_nor_restarts_change_what_becomes_of_letters(places: list[int]):
    posts = [
        *letters_about("璟枫苑", WORKS, every=3),
        *letters_about("汀棠郡", WORKS, day=1, every=3),
        *letters_about("璟枫苑", FEES, day=2, every=3),
    ]
    posts.sort(key=lambda one: one.at)
    whole, restarted = Run(DetectorConfig(report_all=True)), Run(DetectorConfig(report_all=True))
    whole.give(posts)
    for batch in cut(posts, places):
        restarted.give(batch)
        restarted.restart()
    assert restarted.assigned == whole.assigned


# --- a letter --------------------------------------------------------------------------------------------------------


def test_a_letter_has_a_title_and_asks():
    told = replace(labels(), intent=label("none", "complaint"))
    assert letter(post("p", "璟枫苑停水了"), shipped_idf()) is None
    assert letter(post("p", "璟枫苑停水了", title="璟枫苑停水", labels=told), shipped_idf()) is None
    assert letter(post("p", "璟枫苑停水了", title="璟枫苑停水"), shipped_idf()) is not None


def test_its_places_are_named_by_their_shape_at_once():
    found = read(asking("p", "璟枫苑小区停车费上涨", "我住在银杉路，与汀棠郡一街之隔"))
    assert set(found.titled) == {"璟枫苑"}
    assert set(found.named) == {"璟枫苑", "银杉路", "汀棠郡"}


def test_a_street_before_a_name_is_no_part_of_it():
    star = Place(code="990100001", name="星沙街道", text="星沙")
    found = read(asking("p", "星沙汀棠郡停水", "停水三天", places=(star,)))
    assert set(found.titled) == {"汀棠郡"}
    assert set(read(asking("p", "星沙路停水", "停水三天", places=(star,))).titled) == {"星沙路"}


def test_what_a_list_knows_is_a_name_without_its_shape():
    listed = Place(code="990100001101", name="云湾里社区", text="云湾里")
    found = read(asking("p", "云湾里停水", "请问", places=(listed,)))
    assert set(found.titled) == set(found.named) == {"云湾里"}
    assert set(read(asking("p", "停水三天", "云湾里停水", places=(listed,))).named) == {"云湾里"}


@pytest.mark.parametrize("title", ["小区配套幼儿园太贵", "小区附近市场太乱", "附近水泥路破损", "网贷老板跑路"])
def test_a_kind_of_place_is_no_name(title: str):
    assert not read(asking("p", title, "请问")).titled


def test_names_make_no_matter():
    one, other = (read(asking("p", f"{name}停水", "请问")) for name in ("璟枫苑", "汀棠郡"))
    assert one.words == other.words


# --- letters together ------------------------------------------------------------------------------------------------


def where(one: str, other: str, text: str = "请问", other_text: str = "请问") -> Where:
    return read(asking("p", one, text)).place(read(asking("q", other, other_text)))


def test_titles_that_name_other_places_tell_them_apart():
    assert where("璟枫苑停水", "汀棠郡停水") is Where.APART


def test_a_name_in_a_title_and_in_a_text_is_the_same_place():
    assert where("璟枫苑停水", "停水三天", other_text="我住在璟枫苑小区") is Where.SAME
    assert where("暮璟枫苑停水", "璟枫苑停水") is Where.SAME


def test_without_a_name_nobody_knows():
    assert where("停水三天", "汀棠郡停水") is Where.UNKNOWN
    assert where("停水三天", "停水三天") is Where.UNKNOWN


def test_few_who_name_a_place_do_not_speak_for_the_others():
    mostly = read(*[asking(f"p{n}", "停水三天", "请问") for n in range(3)], asking("q", "璟枫苑停水", "请问"))
    assert mostly.place(read(asking("r", "汀棠郡停水", "请问"))) is Where.UNKNOWN


def pair(*names: str, matter: float) -> tuple[Letters, Letters]:
    """Two letters whose titles have these names, and whose words agree so far."""
    titled = dict.fromkeys(names, 1)
    one, other = {1: NORM}, {1: round(matter * NORM), 2: NORM}
    return Letters(1, titled, titled, one, bool(names)), Letters(1, titled, titled, other, bool(names))


def test_the_bar_is_higher_where_no_place_is_named():
    somewhere, nowhere = pair("璟枫苑", matter=0.15), pair(matter=0.15)
    assert joins(*somewhere, own=0.15) > 0
    assert joins(*nowhere, own=0.15) == 0
    assert joins(*nowhere, own=0.25) > 0


def test_neither_a_place_alone_nor_a_nuisance_alone_is_enough():
    place, nuisance = pair("璟枫苑", matter=0.05), pair(matter=0.9)
    assert joins(*place, own=0.9) == unites(*place, own=0.9, least=0.3, bias=1.0) == 0
    assert joins(*nuisance, own=0.05) == unites(*nuisance, own=0.05, least=0.3, bias=1.0) == 0


def test_a_chance_grows_with_what_is_in_common_and_with_what_people_taught():
    somewhere = pair("璟枫苑", matter=0.2)
    chances = [unites(*somewhere, own, least=0.3, bias=0.0) for own in (0.02, 0.1, 0.2, 0.4)]
    assert all(less < more for less, more in pairwise(chances))
    assert chances[1] == pytest.approx(0.3, abs=0.01)
    assert unites(*somewhere, 0.1, least=0.3, bias=0.5) > chances[1]


names = st.lists(st.text(alphabet="璟枫汀棠钧", min_size=2, max_size=4), max_size=4)
many = st.lists(
    st.tuples(names, names, st.dictionaries(st.integers(0, 900), st.integers(1, 900), max_size=64)), max_size=30
)


@given(many)
def test_what_is_kept_of_letters_is_bounded_and_agreement_has_no_order(
    drawn: list[tuple[list[str], list[str], dict[int, int]]],
):
    both = Letters(), Letters()
    for number, (titled, named, words) in enumerate(drawn):
        one = Letters(1, dict.fromkeys(titled, 1), dict.fromkeys([*titled, *named], 1), words, bool(titled))
        both[number % 2].absorb(one)
        assert all(len(each.titled) <= 16 and len(each.named) <= 16 and len(each.words) <= 256 for each in both)
    assert both[0].place(both[1]) is both[1].place(both[0])
    assert both[0].matter(both[1]) == pytest.approx(both[1].matter(both[0]))
