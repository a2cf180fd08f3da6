"""Posts that a later look does not find any more: named once all of a thread or list was read, and only then."""

import json
from datetime import timedelta

from msgspec.structs import replace

from core.leases import Leased
from core.records import Crawl, Ending, Revisit
from crawlers.health import after
from crawlers.results import CrawlResult, Item
from crawlers.rules.language import Example
from crawlers.tour import Tour
from crawlers.walks.registry import shipped
from crawlers.walks.steps import Answer, Ask
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


def notices(*numbers: int) -> str:
    row = "<li><a href='/t20261120_{0}.html'>关于第{0}片区停水的通知</a><span>2026-11-20</span></li>"
    return f"<ul class='list'>{''.join(map(row.format, numbers))}</ul>"


def section(crawl: Crawl, listed: str, *lost: int, kind: str = "gov_list") -> tuple[CrawlResult, list[Item], list[int]]:
    """A visit to a list that shows the newest five: what it gave, and the numbers of the pages that were asked for."""
    source = leased(kind).source
    tour = Tour(Leased(source=source, crawl=crawl), "", lambda: NOW)
    waiting, items, asked = tour.begin(), [], []
    while waiting:
        ask = waiting.pop(0)
        body, status = listed, 200
        if ask.role == "detail":
            asked.append(int(ask.url.rpartition("_")[2].partition(".")[0]))
            body = "<h1>停水</h1><div class='TRS_Editor'><p>因管网改造，本片区将于本周六停水，请提前储水。</p></div>"
            status = 404 if asked[-1] in lost else 200
        answer = Answer(ask=ask, url=ask.url, status=status, body=body.encode(), headers={"content-type": "text/html"})
        came, more = tour.take(answer)
        items += came
        waiting += more
    return tour.result(), items, asked


def test_a_notice_that_is_taken_out_of_a_list_is_gone_and_those_that_fell_off_its_end_are_not_asked_for():
    one = leased("gov_list")
    first, _, _ = section(one.crawl, notices(5, 4, 3, 2, 1))
    crawl = after(one.source, one.crawl, first, NOW)
    second, items, asked = section(crawl, notices(6, 5, 3, 2), 4)
    assert asked == [6, 4], "the first fell off, the fourth is missing between others"
    assert [url.rpartition("_")[2] for url in second.gone] == ["4.html"]
    crawl = after(one.source, crawl, second, NOW)
    third, _, asked = section(crawl, notices(7, 6, 5, 3), 4)
    assert (third.gone, asked) == ((), [7]), "what is gone is not looked for again"
    crawl = after(one.source, crawl, third, NOW)
    _, items, _ = section(crawl, notices(7, 6, 5, 4, 3))
    assert [str(item["url"])[-6:] for item in items if "found_again" in extra(item)] == ["4.html"]


def test_a_notice_that_only_has_another_place_in_its_list_is_not_gone():
    one = leased("gov_list")
    first, _, _ = section(one.crawl, notices(9, 5, 4, 3, 2))
    second, items, asked = section(after(one.source, one.crawl, first, NOW), notices(6, 5, 4, 3, 2))
    assert (asked, second.gone, len(items)) == ([6, 9], (), 1)


def test_a_list_that_was_emptied_or_rebuilt_is_not_believed_and_one_that_lost_much_is_looked_after_bit_by_bit():
    one = leased("gov_list")
    first, _, _ = section(one.crawl, notices(*range(90, 52, -1)))
    crawl = after(one.source, one.crawl, first, NOW)
    assert section(crawl, notices())[2] == []
    assert section(crawl, notices(*range(40, 0, -1)))[0].gone == ()
    gone: list[str] = []
    for _ in range(3):
        looked, _, _ = section(crawl, notices(140, *range(130, 100, -1), 90, 53), *range(54, 90))
        crawl = after(one.source, crawl, looked, NOW)
        gone += looked.gone
    assert len(gone) == len({*gone}) == 36
