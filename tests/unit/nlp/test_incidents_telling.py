"""What posts tell beyond figures: doubt and denial, figures that differ, feelings over time, different voices, likeness."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from core.ports import Bucket
from core.records import PlaceCount, Term
from nlp.incidents.similar import likest
from nlp.incidents.telling import negative_shares, representatives, signals
from tests.records import NOON, incident, post

OUTAGE = (Term(text="停水", weight=0.8), Term(text="水泵", weight=0.4))


def test_a_claim_that_two_deny_and_two_doubt_is_unverified() -> None:
    texts = ["学校食堂有人中毒", "这是谣言", "官方辟谣了", "真的假的", "听说而已", "今天天气不错"]
    found = {one.code: one.posts for one in signals([post(f"p{n}", text) for n, text in enumerate(texts)])}
    assert found == {"denied": 2, "doubted": 2}


def test_what_is_not_carried_out_or_of_no_use_is_not_denied() -> None:
    texts = ["为什么还不实行垃圾分类", "垃圾分类还不实施", "垃圾桶不实用"]
    assert signals([post(f"p{n}", text) for n, text in enumerate(texts)]) == []


def test_one_doubt_among_many_says_nothing() -> None:
    plain = [post(f"p{n}", f"水管又爆了{n}楼") for n in range(9)]
    assert signals([*plain, post("x", "真的吗")]) == []


def test_figures_of_one_kind_that_differ_are_told_with_both() -> None:
    texts = ["起火致3人受伤", "有3人受伤", "目前受伤12人", "至少12人受伤送医", "疏散200户"]
    (found,) = signals([post(f"p{n}", text) for n, text in enumerate(texts)])
    assert (found.code, found.posts, found.figures) == ("figures_differ", 4, ("3 人", "12 人"))


@pytest.mark.parametrize(
    ("texts", "differ"),
    [
        (["工地讨薪3人被带走", "讨薪的3人走了", "食堂来了5人吃饭", "有5人在食堂"], False),
        (["工地讨薪3人被带走", "讨薪的3人走了", "讨薪的其实有5人", "有5人去讨薪"], True),
        (["造成3人死亡，5人受伤", "3人死亡 5人受伤", "3人死亡5人受伤"], False),
        (["目前至少3人获救", "至少3人获救", "目前至少5人被困", "至少5人被困"], False),
        (["3死", "已经3死", "5死", "说是5死"], True),
        (["fire, 3 dead", "3 dead downtown", "12 dead", "at least 12 dead"], True),
        (["3 people rescued from roof", "3 people rescued", "12 people missing", "12 people still missing"], False),
        (["受伤的从3人升到12人受伤", "3人受伤", "别的事"], False),
        (["停水影响1,200户居民", "影响居民1,200户", "停水影响1200户居民", "影响居民1200户"], False),
        (["停水影响1,200户居民", "影响居民1,200户", "停水影响300户居民", "影响居民300户"], True),
        (["路口积水1.5米深", "积水有1.5米", "路口积水5米深", "积水有5米"], False),
        (["去了第1人民医院", "第1人民医院接诊", "去了第3人民医院", "第3人民医院接诊"], False),
    ],
)
def test_figures_differ_only_where_their_clauses_share_a_word(texts: list[str], differ: bool) -> None:
    found = signals([post(f"p{n}", text) for n, text in enumerate(texts)])
    assert [one.code for one in found] == ["figures_differ"] * differ


def hours(*counts: tuple[int, int]) -> list[Bucket]:
    """Hours with so many posts of which so many are negative."""
    return [
        Bucket(at=NOON + timedelta(hours=n), posts=posts, negative=negative)
        for n, (posts, negative) in enumerate(counts)
    ]


def test_feelings_are_compared_between_the_halves_of_all_posts_by_time() -> None:
    told = hours((90, 9), (10, 1), (60, 30), (40, 40))
    assert negative_shares(told[::-1]) == (0.1, 0.7)
    assert negative_shares(hours((1, 0), (99, 99))) == (0.0, 1.0)


def test_feelings_of_few_posts_or_of_one_hour_do_not_change() -> None:
    assert negative_shares(hours((2, 0), (1, 1))) is None
    assert negative_shares(hours((50, 20))) is None
    assert negative_shares([]) is None


def test_voices_differ_from_each_other() -> None:
    texts = ["三号楼停水两天了", "三号楼停水两天了！", "物业电话没人接", "老人没水做饭"]
    shown = representatives([post(f"p{n}", text) for n, text in enumerate(texts)], 3)
    assert [one.id for one in shown] == ["p0", "p2", "p3"]


@given(st.lists(st.text(max_size=30), max_size=12), st.integers(1, 5))
def test_any_texts_give_signals_and_at_most_so_many_voices(texts: list[str], count: int) -> None:
    posts = [post(f"p{n}", text) for n, text in enumerate(texts)]
    assert all(set(one.examples) <= {one.id for one in posts} for one in signals(posts))
    assert len(representatives(posts, count)) <= count


def test_the_likest_share_terms_and_the_district_and_never_include_itself() -> None:
    here = (PlaceCount(code="990100001101", name="滨河花园", posts=3),)
    one = replace(incident("i1"), terms=OUTAGE, places=here)
    twin = replace(incident("i2"), terms=OUTAGE[:1], places=here)
    far = replace(incident("i3"), terms=OUTAGE[:1], places=())
    other = replace(incident("i4"), terms=(Term(text="噪音", weight=0.9),))
    gone = replace(twin, id="i5", merged_into="i2")
    found = likest(one, [one, far, other, twin, gone, twin], 5)
    assert [like.incident.id for like in found] == ["i2", "i3"]
    assert found[0].score > found[1].score
    assert found[0].terms == ("停水",)


def test_what_people_say_is_the_same_comes_before_what_is_alike() -> None:
    one, twin = (replace(incident(id_), terms=OUTAGE) for id_ in ("i1", "i2"))
    other, gone = replace(incident("i3"), terms=()), replace(incident("i4"), dismissed=True)
    found = likest(one, [twin, other, gone], 5, {"i3", "i4"})
    assert [(like.incident.id, like.same) for like in found] == [("i3", True), ("i2", False)]
    assert [like.incident.id for like in likest(one, [twin, other, gone], 5)] == ["i2"]
