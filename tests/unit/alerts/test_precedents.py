"""Who answered cases alike before."""

import pytest

from alerts.policy import default_policy
from alerts.precedents import precedents
from alerts.routing import candidates
from core.records import Case
from tests.records import NOON, case

HERE, NEAR, FAR = "990100001001", "990100001002", "990200001"


def answered(number: int, unit: str, **more: object) -> Case:
    given: dict[str, object] = {"title": "无关", "domain": "教育文体"}
    return case(f"p{number}", unit=unit, answered_at=NOON, **{**given, **more})


ASKED = case("now", title="锦绣小区停水三天", domain="城乡建设", place=HERE)


@pytest.mark.parametrize(
    ("code", "alike"),
    [
        ("route.past_place", {"place": NEAR}),
        ("route.past_matter", {"domain": "城乡建设"}),
        ("route.past_words", {"title": "滨河小区停水"}),
    ],
)
def test_each_way_of_being_alike_counts_who_answered(code: str, alike: dict[str, object]):
    past = [
        answered(1, "water", **alike),
        answered(2, "water", **alike),
        answered(3, "street", **alike),
        answered(4, "far"),
    ]
    found = next(one for one in precedents(ASKED, past) if one.code == code)
    assert (found.cases, found.of) == ({"water": 2, "street": 1}, 3)
    assert found.weights["water"] > found.weights["street"] > 0


def test_without_a_case_of_the_street_those_of_the_district_count():
    past = [answered(1, "far", place=FAR), answered(2, "near", place="990100007")]
    assert precedents(ASKED, past)[0].cases == {"near": 1}
    assert precedents(ASKED, [*past, answered(3, "street", place=NEAR)])[0].cases == {"street": 1}
    assert precedents(case("now"), past)[0].cases == {}


def test_a_rare_word_in_common_says_more_than_one_that_all_titles_have():
    titles = ["小区噪音", "小区路灯", "小区电梯", "停水"]
    past = [answered(n, title, title=title) for n, title in enumerate(titles)]
    weights = precedents(ASKED, past)[2].weights
    assert max(weights, key=lambda unit: weights[unit]) == "停水"


def test_what_was_not_answered_and_the_case_itself_teach_nothing():
    unanswered = case("p1", unit="water", domain="城乡建设", title=ASKED.title, place=HERE)
    itself = case("now", unit="water", answered_at=NOON, domain="城乡建设", title=ASKED.title, place=HERE)
    assert all(one.of == 0 for one in precedents(ASKED, [unanswered, itself]))


def test_a_long_past_outweighs_the_table_and_a_single_case_of_the_matter_does_not():
    policy = default_policy()
    table = candidates(ASKED, [], policy, [])[0].unit.id
    one = [answered(1, "labour", domain=ASKED.domain)]
    assert candidates(ASKED, [], policy, one)[0].unit.id == table
    many = [answered(n, "labour", domain=ASKED.domain, title=ASKED.title) for n in range(9)]
    assert candidates(ASKED, [], policy, many)[0].unit.id == "labour"
