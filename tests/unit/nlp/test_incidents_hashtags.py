"""Hashtags tell happenings apart whose posts share general words."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.records import AnalysedPost, Incident
from nlp.incidents.affinity import affinity, taught
from nlp.incidents.cluster import Cluster
from nlp.incidents.config import DetectorConfig
from nlp.incidents.hashtags import Tags, hashtags
from nlp.incidents.merging import agreement
from nlp.script import fold
from tests.records import post
from tests.unit.nlp.detecting import MATTERS, REMARKS, Run, cut

MASKS = "#呼吸阀口罩#"
CARRIERS = "#无症状感染者#"
OF_MASKS = (
    "戴带阀的防新冠疫情够不够",
    "药店说带阀的只防自己，新冠疫情里不防别人",
    "家里买了十个带阀的怎么办，新冠疫情还没完",
    "新冠疫情这么久了还有人戴错，带阀的别戴",
    "带阀的要不要换成普通的，新冠疫情谁说得清",
    "快递员戴的就是带阀的，新冠疫情里真不放心",
)
OF_CARRIERS = (
    "没咳嗽也能传给家人，新冠疫情真可怕",
    "体温正常没咳嗽同样要隔离，新冠疫情不能大意",
    "邻居没咳嗽却确诊，新冠疫情防不胜防",
    "没咳嗽的也要做两次核酸，新冠疫情才算过去",
    "新冠疫情里没咳嗽的有多少人没查到",
    "同车厢没咳嗽的乘客都被找到，新冠疫情追得紧",
)
"""Both share the general words of an epidemic."""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("#停水# 又停水了", ("停水",)),
        ("#停水##断电# 又停了", ("停水", "断电")),
        ("#停水# 又停水了 #停水#", ("停水",)),
        ("又停水了#停水[话题]##断电[话题]#", ("停水", "断电")),
        ("#临江市[超话]# 又停水了", ("临江市",)),
        ("又停水了 #停水 #断电", ("停水", "断电")),
        ("又停水了#停水", ("停水",)),
        ("water is gone #linjiang #nowater!", ("linjiang", "nowater")),
        ("有人管吗？#停水", ("停水",)),
        ("又停水了……#停水", ("停水",)),
        ("停水了？#停水 #断电", ("停水", "断电")),
        ("https://example.org/page#part", ()),
        ("见 https://a.example/x#a 和 https://b.example/y#b", ()),
        ("3#楼和5#楼停水三天了", ()),
        ("1#、2#、3#楼停水", ()),
        ("3#楼又停水了#停水#", ("停水",)),
        ("#热门话题# 停水", ("热门话题",)),
        ("第 #1 号楼", ()),
        ("c# 教程", ()),
        ("# # 什么都没有 ##", ()),
        ("#一##二二##三三##四四# 看我", ()),
        ("没有话题", ()),
    ],
)
def test_a_hashtag_is_read_as_its_platform_writes_it(text: str, found: tuple[str, ...]) -> None:
    assert hashtags(fold(text)) == found


@given(st.text(alphabet="#停水 a1[话题]超\n", max_size=40))
def test_any_text_has_at_most_three_distinct_hashtags(text: str) -> None:
    found = hashtags(text)
    assert len(found) == len(set(found)) <= 3
    assert all(name.strip() for name in found)


names = st.lists(st.lists(st.sampled_from(["停水", "断电", "加油"]), max_size=3, unique=True), max_size=12)


@given(names, names)
def test_groups_that_are_counted_as_one_are_the_group_of_all_their_posts(
    one: list[list[str]], other: list[list[str]]
) -> None:
    both, own, others = Tags(), Tags(), Tags()
    for counted, posts in ((own, one), (others, other), (both, one + other)):
        for each in posts:
            counted.count(each)
    assert own.differ(others) == others.differ(own)
    own.absorb(others)
    assert own == both


def told(hashtag: str, bodies: tuple[str, ...], start: int) -> list[AnalysedPost]:
    return [
        post(f"{start}-{n}", hashtag + body, minutes=start + 2 * n, author=f"a{start}-{n}", group=f"{start}-{n}")
        for n, body in enumerate(bodies)
    ]


def two_matters(first: str, second: str) -> list[AnalysedPost]:
    return [*told(first, OF_MASKS, 0), *told(second, OF_CARRIERS, 180)]


def clusters(posts: list[AnalysedPost]) -> set[frozenset[str]]:
    """Which posts a detector that reports all clusters holds together."""
    run = Run(DetectorConfig(report_all=True))
    run.give(posts)
    return {frozenset(one for one, there in run.where.items() if there == to) for to in run.where.values()}


def test_two_matters_in_the_same_words_are_two_if_their_hashtags_differ() -> None:
    by_matter = {frozenset(f"{start}-{n}" for n in range(6)) for start in (0, 180)}
    assert clusters(two_matters(MASKS, CARRIERS)) == by_matter
    assert len(clusters(two_matters("", ""))) == 1, "the same posts without hashtags are one"


def test_the_same_hashtag_alone_unites_nothing() -> None:
    usual = [
        post(f"u{n}", f"{MATTERS[n % 5]}，{REMARKS[n % 9]}{n}", minutes=n / 4, author=f"u{n}", group=f"u{n}")
        for n in range(150)
    ]
    said = [
        post(f"{n}-{k}", f"#加油#{text}{REMARKS[k]}", minutes=10 * n + k, author=f"a{n}{k}", group=f"{n}-{k}")
        for n, text in enumerate(("地铁站冒烟乘客疏散", "小区自来水发黄发臭"))
        for k in range(6)
    ]
    found = clusters(sorted([*usual, *said], key=lambda one: one.at))
    parted = {frozenset(id_ for id_ in one if not id_.startswith("u")) for one in found} - {frozenset()}
    assert parted == {frozenset(f"{n}-{k}" for k in range(6)) for n in (0, 1)}


def test_a_post_that_lists_many_hashtags_is_judged_by_its_words() -> None:
    posts = two_matters(MASKS, MASKS)
    seen = posts[-1]
    listed = [
        *posts[:-1],
        post(seen.id, f"#甲子##乙丑##丙寅##丁卯#{seen.text}", minutes=200, author="b", group=seen.id),
    ]
    assert len(clusters(listed)) == 1


def test_hashtags_are_remembered_across_a_restart() -> None:
    whole, restarted = Run(), Run()
    for batch in cut(two_matters(MASKS, CARRIERS), [3, 7, 10]):
        whole.give(batch)
        restarted.restart()
        restarted.give(batch)
    assert restarted.outcome == whole.outcome
    assert len(set(restarted.where.values())) == 2


def incident_of(posts: list[AnalysedPost]) -> Incident:
    run = Run(DetectorConfig(report_all=True))
    run.give(posts)
    (incident,) = (one for one in run.incidents.values() if one.merged_into is None)
    return incident


def numbered(count: int, hashtags: Callable[[int], str], author: Callable[[int], str] = str) -> list[AnalysedPost]:
    """Posts of one matter; what each bears, and by whom."""
    said = (f"{hashtags(n)}{MATTERS[0]}，{REMARKS[n % 9]}{n}" for n in range(count))
    return [post(f"p{n}", text, minutes=n, author=author(n), group=f"p{n}") for n, text in enumerate(said)]


def test_an_incident_tells_the_hashtags_that_a_tenth_of_its_posts_bear() -> None:
    told = incident_of(numbered(24, lambda n: "#停水#" if n < 3 else "#泵房#" if n < 5 else ""))
    assert told.hashtags == {"停水": 3}


def test_one_author_bears_a_hashtag_three_times_at_most() -> None:
    told = incident_of(numbered(14, lambda n: "#好水到家#" if n < 8 else "", lambda n: "a" if n < 8 else f"b{n}"))
    assert told.hashtags == {"好水到家": 3}


def test_a_hashtag_is_told_though_many_others_came_before() -> None:
    told = incident_of(numbered(40, lambda n: f"#甲{n}##乙{n}##丙{n}#" if n < 12 else "#停水#"))
    assert told.hashtags == {"停水": 28}


def counted(hashtag: str) -> Cluster:
    """A cluster of ten posts in the same words, whose posts bear this."""
    cluster = Cluster(id=f"i{hashtag}", born=len(hashtag), born_total=0, first_at=0.0, first_seen=0.0)
    for one in numbered(10, lambda _: hashtag):
        cluster.move({1: 700, 2: 700})
        cluster.count(one, one.at.timestamp(), one.at.timestamp())
        cluster.count_distinct(one, one.at.timestamp(), ())
    return cluster


def test_raised_incidents_with_other_hashtags_are_not_one_by_words_and_hours_alone() -> None:
    assert agreement(counted("#甲#"), counted("#甲#")) is not None
    assert agreement(counted("#甲#"), counted("")) is not None
    assert agreement(counted("#甲#"), counted("#乙乙#")) is None


def test_a_correction_teaches_the_same_whatever_the_hashtags() -> None:
    plain = taught(0.0, counted(""), counted(""), together=True)
    assert taught(0.0, counted("#甲#"), counted("#乙乙#"), together=True) == plain
    assert affinity(counted("#甲#"), counted("#乙乙#")) < affinity(counted(""), counted(""))
