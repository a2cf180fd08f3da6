import pytest
from msgspec.structs import replace

from alerts.concerns import Concern, Spoken, WatchList, concerned, listed
from alerts.policy import Conditions, Rule, default_policy
from alerts.rules import conditions, judge
from core.records import Incident, PlaceCount
from tests.records import incident

MEALS = Concern(
    id="meals",
    name={"zh-Hans": "校园餐"},
    source="s",
    words=("校园餐",),
    examples=("学生吃了食堂的饭肚子疼",),
    without=("招聘",),
    places=("9901",),
    domains=("教育文体",),
)
HERE = Spoken("", ("990102",), "教育文体")


@pytest.mark.parametrize(
    ("text", "more", "holds", "code"),
    [
        ("校园餐变质", {}, True, "word"),
        ("孩子吃了食堂的饭肚子疼", {}, True, "example"),
        ("操场翻修", {}, False, "not_said"),
        ("校园餐公司招聘", {}, False, "excluded"),
        ("校园餐变质", {"domain": "交通运输"}, False, "other_domain"),
        ("校园餐变质", {"places": ("330106",)}, False, "other_place"),
        ("", {}, False, "not_said"),
    ],
)
def test_an_area_says_why_something_is_of_it_or_not(text, more, holds, code):
    found, reason = concerned(MEALS, replace(HERE, text=text, **more))
    assert (found, reason.code) == (holds, f"concern.{code}")
    assert reason.facts["concern"] == "meals"


def test_an_area_of_places_and_matters_alone_needs_no_words():
    assert concerned(replace(MEALS, words=(), examples=()), HERE)[1].code == "concern.matter"


@pytest.mark.parametrize(
    ("of", "values", "found"),
    [("words", ("食堂",), "食堂"), ("places", ("9901",), "990102"), ("sources", ("a",), "a"), ("authors", ("x",), "")],
)
def test_a_watch_list_names_what_it_found(of, values, found):
    watched = WatchList(id="w", name={}, source="s", of=of, values=values)
    holds, reason = listed(watched, Spoken("食堂", ("990102",), "none", ("a",), ("y",)))
    assert (holds, reason.facts["value"]) == (bool(found), found)


POLICY = replace(
    default_policy(),
    concerns=(MEALS,),
    lists=(WatchList(id="papers", name={}, source="s", of="sources", values=("paper.example",)),),
)
SEEN = incident(
    title="校园餐变质",
    domain="教育文体",
    places=(PlaceCount(code="990102", name="云湾路", posts=3),),
    sources={"paper.example": 3, "forum.example": 9},
    speed=12.0,
    baseline=2.0,
)


def rule(**more: object) -> Rule:
    return Rule(id="r", name={"zh-Hans": "规则"}, level=3, source="s", **more)


def said(one: Rule, seen: Incident = SEEN) -> list[tuple[str, bool]]:
    return [(checked.reason.code, checked.holds) for checked in conditions(one, seen, POLICY)][1:]


@pytest.mark.parametrize(
    ("asked", "code", "holds"),
    [
        ({"concerns": ("meals",)}, "concern.word", True),
        ({"concerns": ("gone",)}, "concerns.gone", False),
        ({"lists": ("papers",)}, "list.found", True),
        ({"min_ratio": 6.0}, "rule.ratio", True),
        ({"min_ratio": 6.1}, "rule.ratio", False),
        ({"min_speed": 13.0}, "rule.speed", False),
        ({"min_sources": 2}, "rule.sources", True),
        ({"min_copies": 16}, "rule.copies", False),
        ({"from_sources": ("forum.example",)}, "rule.from_sources", True),
        ({"jurisdictions": ("9901",)}, "rule.jurisdictions", True),
        ({"jurisdictions": ("11",)}, "rule.jurisdictions", False),
        ({"any_of": (Conditions(min_heat=999.0), Conditions(min_posts=10))}, "rule.any_of", True),
        ({"any_of": (Conditions(min_heat=999.0), Conditions(min_posts=99))}, "rule.none_met", False),
        ({"none_of": (Conditions(words=("变质",), min_posts=99),)}, "rule.none_of", True),
        ({"none_of": (Conditions(words=("变质",)),)}, "rule.none_of", False),
    ],
)
def test_each_condition_of_a_rule_says_whether_it_holds_and_why(asked, code, holds):
    assert said(rule(**asked)) == [(code, holds)]


def test_which_way_of_several_was_met_is_told_and_all_else_must_hold_too():
    both = rule(min_posts=99, any_of=(Conditions(min_heat=1.0),))
    verdict = judge(SEEN, replace(POLICY, rules=(both,)))
    assert (verdict.rule, verdict.failed["r"].code) == (None, "rule.posts")
    (checked,) = list(conditions(rule(any_of=(Conditions(min_heat=99.0), Conditions())), SEEN, POLICY))[1:]
    assert checked.reason.facts["way"] == 2
