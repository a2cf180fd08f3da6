"""Posts that a later look does not find any more: named once all of a thread or list was read, and only then."""

import json
from datetime import timedelta

from msgspec.structs import replace

from core.leases import Leased
from core.records import Ending, Revisit
from crawlers.health import after
from crawlers.results import CrawlResult, Item
from crawlers.rules.language import Example
from crawlers.tour import Tour
from crawlers.walks.registry import shipped
from crawlers.walks.steps import Ask
from tests.unit.crawlers.test_walks import NOW, answer_of, extra, leased, listed, visit

RULES = shipped()["discuz"]
FIRST = "<div id='post_1'><strong><a id='postnum1'><em>1</em></a></strong><td id='postmessage_1'>东门路</td></div>"
FLOOR = (
    "<div id='post_{0}'><strong><a id='postnum{0}'><em>{0}</em></a></strong><td id='postmessage_{0}'>第{0}楼</td></div>"
)
NEXT = "<div class='pg'><a class='nxt' href='thread-100001-2-1.html'>下一页</a></div>"


def thread(*floors: int, more: str = "") -> str:
    return f"<div id='postlist'>{FIRST}{''.join(map(FLOOR.format, floors))}</div>{more}"


def look(one: Leased, *pages: str | int) -> tuple[CrawlResult, list[Item]]:
    """A visit at which the pages of the thread are these, or this status."""
    left = list(pages)
    tour = Tour(one, "", lambda: NOW)
    waiting: list[Ask] = tour.begin()
    items: list[Item] = []
    while waiting:
        ask = waiting.pop(0)
        answer = answer_of(RULES, ask)
        if ask.role != "list":
            page = left.pop(0)
            text, status = (page, 200) if isinstance(page, str) else ("", page)
            answer = replace(answer, body=text.encode(), status=status)
        came, asks = tour.take(answer)
        items += came
        waiting += asks
    return tour.result(), items


def later(one: Leased, result: CrawlResult) -> Leased:
    """The source at its next look."""
    revisits = [*result.revisits] or [*one.revisits]
    return replace(one, crawl=after(one.source, one.crawl, result, NOW), revisits=revisits)


def test_a_floor_that_a_later_look_misses_is_gone_and_welcome_when_it_is_back():
    first, items = look(leased("discuz"), thread(2, 3, more=NEXT), "<div id='postlist'>" + FLOOR.format(4) + "</div>")
    assert [item["id"] for item in items] == ["100001", "2", "3", "4"]
    one = later(leased("discuz"), first)
    second, _ = look(one, thread(2, 4))
    assert second.gone == ("3",)
    one = later(one, second)
    third, items = look(one, thread(2, 3, 4))
    assert third.gone == ()
    assert [item["id"] for item in items if "found_again" in extra(item)] == ["3"]
    fourth, items = look(later(one, third), thread(2, 3, 4))
    assert (fourth.gone, [item for item in items if "found_again" in extra(item)]) == ((), [])


def test_a_thread_of_which_a_page_did_not_come_says_nothing_of_its_floors():
    first, _ = look(leased("discuz"), thread(2, 3, 4))
    second, _ = look(later(leased("discuz"), first), thread(2, more=NEXT), 503)
    assert second.gone == ()
    third, _ = look(later(leased("discuz"), second), thread(2, 4))
    assert third.gone == ("3",), "what was known is not forgotten by the look that failed"


def test_a_thread_that_is_gone_takes_its_floors_along_and_is_looked_for_at_its_other_times():
    first, _ = look(leased("discuz"), thread(2))
    one = later(leased("discuz"), first)
    for hours in (6, 24, 72):
        result, _ = look(one, 404)
        assert (result.gone, result.done, result.ending.went_well) == (("100001", "2"), (), True)
        assert result.revisits[0].due_at - NOW == timedelta(hours=hours)
        one = later(one, result)
    back, items = look(one, thread(2))
    assert [item["id"] for item in items if "found_again" in extra(item)] == ["100001", "2"]
    last, _ = look(one, 410)
    assert last.done == ("100001",)
    assert (back.gone, last.gone) == ((), ("100001", "2"))


def test_a_message_of_which_the_board_shows_another_one_is_gone():
    rules, one = shipped()["liuyan"], leased("liuyan")
    result, _, _ = visit(one, rules)
    open_ = Revisit(
        source="s", key="25000009", due_at=NOW, found_at=NOW, data={"id": "25000009", "title": "t", "at": "1795400000"}
    )
    looked, _, _ = visit(replace(one, crawl=after(one.source, one.crawl, result, NOW), revisits=[open_]), rules)
    assert looked.gone == ("25000009",)


def comments(*numbers: int) -> Example:
    row = {"parent": None, "created": 1795400000.25, "mode": 1, "text": "<p>我家也黑</p>", "author": "a", "uri": "/x/"}
    return replace(listed(shipped()["isso"]), body=json.dumps([{**row, "id": n} for n in numbers]))


def test_a_list_that_shows_everything_tells_what_is_gone_and_what_is_back():
    rules, one = shipped()["isso"], leased("isso")
    first, _, _ = visit(one, rules, comments(1, 2, 3))
    one = leased("isso", first)
    second, _, _ = visit(one, rules, comments(1, 3))
    assert (second.gone, second.ending) == (("2",), Ending.NOT_MODIFIED)
    third, items, _ = visit(leased("isso", second), rules, comments(1, 2, 3))
    assert [item["id"] for item in items if "found_again" in extra(item)] == ["2"]
    assert third.gone == ()


def test_a_list_that_lost_most_of_what_it_had_or_all_is_not_believed():
    rules = shipped()["isso"]
    first, _, _ = visit(leased("isso"), rules, comments(*range(1, 9)))
    for left in (comments(1, 2), comments()):
        looked, _, _ = visit(leased("isso", first), rules, left)
        assert looked.gone == ()


def test_a_list_that_is_cut_tells_nothing_of_what_is_not_on_it():
    rules = shipped()["isso"]
    first, _, _ = visit(leased("isso"), rules, comments(*range(1, 101)))
    looked, _, _ = visit(leased("isso", first), rules, comments(*range(2, 102)))
    assert looked.gone == ()
