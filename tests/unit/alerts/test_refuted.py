"""Claims that were refuted before: found said again and in other words; what is about something else is not."""

from datetime import date

import pytest

from alerts.refuted import RefutedClaim, said_again
from tests.records import post

WATER = RefutedClaim(
    id="water",
    name={"zh-Hans": "自来水有毒"},
    claims=("城东自来水有毒不能喝", "水厂被人投毒"),
    right="水质检测合格，可以饮用。",
    source="区水务局情况通报",
    date=date(2026, 3, 2),
)


@pytest.mark.parametrize(
    "text",
    [
        "城东自来水有毒不能喝",
        "刚收到消息，大家注意了。城东的水不能喝，自来水里有毒！快转给家人",
        "听说水厂被投毒了",
        "今天早上去菜场买菜遇到老邻居说了半天话\n城东自来水有毒不能喝\n我回家以后就把家里的水桶都翻出来接水了",
    ],
)
def test_what_says_the_same_in_the_same_or_other_words_is_found(text: str) -> None:
    (found,) = said_again([WATER], [post("p1", "今天天气不错"), post("p2", text)])
    assert (found.refuted, found.posts, found.examples) == (WATER, 1, ("p2",))


@pytest.mark.parametrize("text", ["城东自来水停了三小时", "水厂招聘保安两名", "", "。。。", "?"])
def test_what_is_about_something_else_is_not(text: str) -> None:
    assert said_again([WATER], [post("p1", text)]) == []


def test_the_posts_that_come_nearest_are_shown_of_all_that_are_counted() -> None:
    posts = [post(f"p{n}", "听说水厂被投毒了") for n in range(4)]
    (found,) = said_again([WATER], [*posts, post("x", "水厂被人投毒")])
    assert (found.posts, found.examples) == (5, ("x", "p0", "p1"))


def test_without_claims_or_posts_nothing_is_found() -> None:
    assert said_again([], [post("p1", "水厂被人投毒")]) == []
    assert said_again([WATER], []) == []
