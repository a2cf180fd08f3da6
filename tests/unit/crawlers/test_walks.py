"""Every kind of source over what its site sends: the first visit brings all, the second nothing, a changed site its state."""

import json
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from msgspec.structs import replace

from core.leases import Leased
from core.records import Crawl, Ending, Health, Source
from crawlers.health import after
from crawlers.results import CrawlResult, Item
from crawlers.rules.language import Example, Rules
from crawlers.tour import Tour
from crawlers.walks.registry import shipped
from crawlers.walks.signed import salt_of, signed
from crawlers.walks.steps import Answer, Ask

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
ARTICLE = "<h1>标题</h1><div class='TRS_Editor'><p>因管网改造，第三片区将于本周六停水，请提前储水。</p></div>"
KEYS = (
    '{"code":0,"data":{"wbi_img":{"img_url":"https://i.example/wbi/7cd084941338484aae1ad9425b84077c.png",'
    '"sub_url":"https://i.example/wbi/4932caff0ff746eab6f01bf08b70ac45.png"}}}'
)


def source(kind: str) -> Source:
    rules = shipped()[kind]
    options = {name: option.example for name, option in rules.options.items() if option.example}
    return Source(
        id="s", kind=kind, url=rules.example, name=kind, jurisdiction="990100", created_at=NOW, options=options
    )


def good(rules: Rules, page: str) -> Example | None:
    return next((e for e in rules.examples if e.page == page and e.rows), None)


def listed(rules: Rules) -> Example:
    """A good page of its list."""
    found = good(rules, "list")
    assert found is not None
    return found


def extra(item: Item) -> dict[str, str]:
    found = item["extra"]
    assert isinstance(found, dict)
    return found


def answer_of(rules: Rules, ask: Ask, instead: Example | None = None) -> Answer:
    """What the site sends: `instead` for its list."""
    if ask.role == "keys":
        return Answer(
            ask=ask, url=ask.url, status=200, body=KEYS.encode(), headers={"content-type": "application/json"}
        )
    page = "list" if ask.role == "again" else ask.role
    found = instead if instead is not None and page == "list" else good(rules, page)
    if found is None and page == "detail" and rules.floors is not None:
        found = good(rules, "floors")
    text, type_ = (found.body, found.type) if found else (ARTICLE, "text/html")
    return Answer(ask=ask, url=ask.url, status=200, body=text.encode(), headers={"content-type": type_})


def visit(leased: Leased, rules: Rules, instead: Example | None = None) -> tuple[CrawlResult, list[Item], list[Ask]]:
    tour = Tour(leased, "SUB=own", lambda: NOW)
    waiting: list[Ask] = tour.begin()
    items: list[Item] = []
    asked: list[Ask] = []
    while waiting and not tour.failed:
        ask = waiting.pop(0)
        asked.append(ask)
        came, more = tour.take(answer_of(rules, ask, instead))
        items += came
        waiting += more
    return tour.result(), items, asked


def leased(kind: str, result: CrawlResult | None = None) -> Leased:
    made = source(kind)
    crawl = Crawl(source="s") if result is None else after(made, Crawl(source="s"), result, NOW)
    return Leased(source=made, crawl=crawl)


@pytest.mark.parametrize("kind", sorted(shipped()))
def test_the_first_visit_brings_what_is_there_and_the_second_nothing(kind: str):
    rules = shipped()[kind]
    result, items, asked = visit(leased(kind), rules)
    assert (result.ending, bool(items)) == (Ending.OK, True), result.detail
    assert not [ask.url for ask in asked if urlsplit(ask.url).netloc.endswith(":")], "no address has two hosts"
    assert all(item.get("text") or item.get("html") or item.get("title") for item in items)
    assert len({item["id"] for item in items}) == len(items), "each post once"
    again, more, _ = visit(leased(kind, result), rules)
    assert (more, again.ending) == ([], Ending.NOT_MODIFIED)


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        (kind, number)
        for kind, rules in sorted(shipped().items())
        for number, example in enumerate(rules.examples)
        if example.page == "list" and example.ending and not example.ending.went_well
    ],
)
def test_a_changed_site_a_login_and_a_captcha_each_lead_to_their_state(kind: str, number: int):
    rules = shipped()[kind]
    example = rules.examples[number]
    result, items, _ = visit(leased(kind), rules, example)
    assert (result.ending, items) == (example.ending, [])
    assert result.sample is not None
    states = {
        Ending.DRIFT: Health.DRIFT, Ending.PARSE_ERROR: Health.DRIFT, Ending.LOGIN: Health.LOGIN,
        Ending.CAPTCHA: Health.BLOCKED, Ending.BLOCKED: Health.BLOCKED, Ending.HTTP_ERROR: Health.NEW,
    }  # fmt: skip
    assert after(source(kind), Crawl(source="s"), result, NOW).health is states[result.ending]


def nothing_on(rules: Rules) -> Example | None:
    """A list without a row, or with the site's words for that."""
    some = (e for e in rules.examples if e.page == "list" and (e.rows == [] or e.ending is Ending.EMPTY))
    return next(some, None)


@pytest.mark.parametrize(
    "kind",
    sorted(kind for kind, rules in shipped().items() if nothing_on(rules) and not rules.also),
)
def test_nothing_where_there_usually_is_something_is_silence(kind: str):
    rules = shipped()[kind]
    used_to = Crawl(source="s", usual=20.0, recent=(20, 20, 20, 20))
    result, _, _ = visit(Leased(source=source(kind), crawl=used_to), rules, nothing_on(rules))
    assert result.ending is Ending.EMPTY
    assert after(source(kind), used_to, result, NOW).health is Health.SILENT


INSTEAD = {
    "a login page": (
        "<title>用户登录</title><form><input type='password' name='p'></form>",
        Ending.LOGIN,
        Health.LOGIN,
    ),
    "a captcha page": ("<title>安全验证</title><p>请完成下列验证后继续访问</p>", Ending.CAPTCHA, Health.BLOCKED),
    "a block page": (
        "<title>拦截提示</title><p>您的访问被网站管理员拦截</p><p>WAF</p>",
        Ending.BLOCKED,
        Health.BLOCKED,
    ),
}


@pytest.mark.parametrize("shown", sorted(INSTEAD))
@pytest.mark.parametrize("kind", sorted(shipped()))
def test_a_page_that_comes_instead_of_the_list_leads_to_its_state_for_every_kind(kind: str, shown: str):
    body, ending, health = INSTEAD[shown]
    result, items, _ = visit(leased(kind), shipped()[kind], Example(body=f"<html><body>{body}</body></html>"))
    assert (result.ending, items) == (ending, []), result.detail
    assert after(source(kind), Crawl(source="s"), result, NOW).health is health


def emptied(rules: Rules) -> str | None:
    """The kind's good list without its rows, where it is JSON with a plain way to them."""
    path, rows = rules.listing.container, rules.listing.rows
    if not isinstance(path, str) or not re.fullmatch(r"\$(\.\w+)*", path) or rules.listing.json_in is not None:
        return None
    if not isinstance(rows, str) or not rows.startswith(path):
        return None
    names = path.split(".")[1:]
    if not names:
        return "[]"
    whole = place = json.loads(listed(rules).body)
    for name in names[:-1]:
        place = place[name]
    place[names[-1]] = []
    return json.dumps(whole)


@pytest.mark.parametrize("kind", sorted(k for k, rules in shipped().items() if emptied(rules) and not rules.also))
def test_the_usual_answer_without_a_row_is_silence_and_no_failure(kind: str):
    rules = shipped()[kind]
    used_to = Crawl(source="s", usual=20.0, recent=(20, 20, 20, 20))
    nothing = Example(type="application/json", body=emptied(rules) or "")
    result, _, _ = visit(Leased(source=source(kind), crawl=used_to), rules, nothing)
    assert result.ending is Ending.EMPTY, result.detail
    assert after(source(kind), used_to, result, NOW).health is Health.SILENT


def changed_name(value: object, name: str, how: str) -> object:
    """JSON in which a name is missing everywhere, is another one, or stands for null."""
    if isinstance(value, list):
        return [changed_name(one, name, how) for one in value]
    if not isinstance(value, dict):
        return value
    others = {key: changed_name(one, name, how) for key, one in value.items() if key != name}
    instead = {"missing": {}, "renamed": {f"{name}_v2": value.get(name)}, "null": {name: None}}[how]
    return others | (instead if name in value else {})


def needed(rules: Rules) -> list[str]:
    """Names in the kind's JSON that lead to fields which every row must have, where there is one way to each."""
    if not listed(rules).type.startswith("application/json"):
        return []
    ways = [rules.listing.fields[name] for name in rules.listing.required]
    plain = [way if isinstance(way, str) else getattr(way, "json", "") for way in ways]
    return sorted({way.rpartition(".")[2] for way in plain if re.fullmatch(r"\$(\.\w+)+", way)})


@pytest.mark.parametrize("how", ["missing", "renamed", "null"])
@pytest.mark.parametrize(
    ("kind", "name"), [(k, name) for k, rules in sorted(shipped().items()) for name in needed(rules)]
)
def test_a_field_that_every_row_must_have_is_drift_when_it_is_missing_renamed_or_null(kind: str, name: str, how: str):
    rules = shipped()[kind]
    body = json.dumps(changed_name(json.loads(listed(rules).body), name, how), ensure_ascii=False)
    result, items, _ = visit(leased(kind), rules, replace(listed(rules), body=body))
    assert (result.ending, items) == (Ending.DRIFT, []), result.detail
    assert after(source(kind), Crawl(source="s"), result, NOW).health is Health.DRIFT


HTML = sorted(k for k, rules in shipped().items() if not listed(rules).type.startswith("application/json"))


@pytest.mark.parametrize("kind", HTML)
def test_a_page_whose_marks_and_elements_were_all_renamed_is_drift(kind: str):
    rules = shipped()[kind]
    body = re.sub(r"(?<=[\s.])(class|id|data-\w+|href|window)(?==)", r"\1-v2", listed(rules).body)
    body = re.sub(r"<(/?)(ul|li|tr|td|table|dl|record|datastore|recordset|script|channel|item)\b", r"<\1v2-\2", body)
    result, items, _ = visit(leased(kind), rules, replace(listed(rules), body=body.replace("window.", "window.v2")))
    assert (result.ending in (Ending.DRIFT, Ending.PARSE_ERROR), items) == (True, []), (result.ending, body)
    assert after(source(kind), Crawl(source="s"), result, NOW).health is Health.DRIFT


@pytest.mark.parametrize("kind", sorted(kind for kind, rules in shipped().items() if rules.login != "none"))
def test_a_login_goes_to_its_site_as_a_cookie_header_and_nowhere_else(kind: str):
    _, items, asked = visit(leased(kind), shipped()[kind])
    assert all(ask.headers["Cookie"] == "SUB=own" for ask in asked)
    assert "SUB=own" not in str(items)


def test_kinds_without_a_login_never_send_one():
    _, _, asked = visit(leased("discuz"), shipped()["discuz"])
    assert not [ask for ask in asked if "Cookie" in ask.headers]


# --- what each kind makes of its site


def items_of(kind: str) -> dict[str, Item]:
    _, items, _ = visit(leased(kind), shipped()[kind])
    return {str(item["id"]): item for item in items}


def test_the_message_board_is_asked_after_its_session_and_pages_by_the_last_message():
    _, items, asked = visit(leased("liuyan"), shipped()["liuyan"])
    assert [ask.role for ask in asked[:2]] == ["before", "list"]
    assert asked[1].form == {"fid": "1008", "lastItem": "0", "pageSize": "20"}
    assert asked[2].form["lastItem"] == "25000001"
    answered = next(item for item in items if item["id"] == "25000001")
    assert extra(answered)["answer"] == "已疏通。"
    assert answered["likes"] == 3


def test_unanswered_messages_are_looked_at_again_after_1_6_24_and_72_hours_and_answered_ones_are_not():
    rules, one = shipped()["liuyan"], leased("liuyan")
    result, _, _ = visit(one, rules)
    (open_,) = result.revisits
    assert (open_.key, open_.due_at - NOW) == ("25000002", timedelta(hours=1))
    waits = []
    for _ in range(4):
        again = replace(one, crawl=after(one.source, one.crawl, result, NOW), revisits=[open_])
        looked, _, asked = visit(again, rules)
        look = next(ask for ask in asked if ask.role == "again")
        assert look.form["lastItem"] == "25000003", "the board lists what comes before a number"
        mine = [one for one in looked.revisits if one.key == "25000002"]
        waits += [(one.due_at - NOW) / timedelta(hours=1) for one in mine]
        open_ = mine[0] if mine else open_
    assert waits == [6, 24, 72]
    assert looked.done == ("25000002",)


def test_an_answer_updates_the_message():
    rules, one = shipped()["liuyan"], leased("liuyan")
    result, _, _ = visit(one, rules)
    body = listed(rules).body.replace('"stateInfo":"待回复"', '"stateInfo":"已办理"')
    body = body.replace('"answerContent":null', '"answerContent":"已修好"')
    changed = replace(listed(rules), body=body)
    known = replace(one, crawl=after(one.source, one.crawl, result, NOW))
    _, items, _ = visit(known, rules, changed)
    assert [(item["id"], extra(item)["answer"]) for item in items] == [("25000002", "已修好")]


def test_a_thread_has_its_opening_and_its_floors_with_their_root():
    _, items, _ = visit(leased("discuz"), shipped()["discuz"])
    assert [(item["id"], item.get("root")) for item in items][-1] == ("2", "100001")


def test_a_floor_leaves_out_what_it_quotes_and_what_hides_in_it():
    assert items_of("discuz")["2"]["text"].split() == ["我家也黑"]


def test_posts_of_a_hot_list_have_their_rank_and_the_list_its_series():
    result, items, _ = visit(leased("baidu_hot"), shipped()["baidu_hot"])
    assert [(r.title, r.rank, r.heat) for r in result.ranks] == [("某地暴雨", 1, 7_900_000)]
    assert extra(items[0])["heat"] == "7900000"


def test_a_topic_of_a_hot_list_comes_again_when_it_moves_and_not_when_its_heat_flickers():
    rules, one = shipped()["toutiao_hot"], leased("toutiao_hot")
    result, (first,), _ = visit(one, rules)
    assert first["likes"] == 12_345_678, "detection reads heat as interactions"
    known = replace(one, crawl=after(one.source, one.crawl, result, NOW))
    flickers = replace(listed(rules), body=listed(rules).body.replace("12345678", "12345999"))
    looked, items, _ = visit(known, rules, flickers)
    assert (items, [rank.heat for rank in looked.ranks]) == ([], [12_345_999])
    moved = replace(listed(rules), body=listed(rules).body.replace("12345678", "99345678"))
    _, (again,), _ = visit(known, rules, moved)
    assert (again["id"], again["likes"]) == (first["id"], 99_345_678)


def test_the_same_topic_has_the_same_series_key_on_every_list():
    topics = {
        visit(leased(kind), shipped()[kind])[0].ranks[0].topic for kind in ("baidu_hot", "toutiao_hot", "tieba_hot")
    }
    assert len(topics) == 1


def test_comments_know_what_they_answer():
    assert items_of("lemmy")["c5"]["root"] == "1"
    assert items_of("wordpress")["c9"]["reply_to"] == "4"
    assert items_of("discourse")["t1.2"]["root"] == "t1"


def test_counts_that_are_short_forms_are_read_and_what_is_no_count_is_left_out():
    assert items_of("weibo_search")["5100000000000001"]["likes"] == 12_000


def test_the_day_of_an_account_is_handed_on_where_it_can_be_one():
    rules = shipped()["mastodon"]
    assert items_of("mastodon")["115000000000000001"]["author_since"] == "2026-11-20T00:00:00+00:00"
    for never in ("1970-01-01T00:00:00.000Z", "2031-01-01T00:00:00.000Z", "soon"):
        written = listed(rules).body.replace("2026-11-20T00:00:00.000Z", never)
        _, (item,), _ = visit(leased("mastodon"), rules, replace(listed(rules), body=written))
        assert "author_since" not in item


def test_signed_requests_carry_the_signature_that_bilibili_documents():
    salt = salt_of("7cd084941338484aae1ad9425b84077c", "4932caff0ff746eab6f01bf08b70ac45")
    assert salt == "ea1db124af3c7062474693fa704f4ff8"
    url = signed("https://api.example/x?foo=114&bar=514&zab=1919810", salt, 1_702_204_169)
    assert url.endswith("bar=514&foo=114&wts=1702204169&zab=1919810&w_rid=8f6f2b5b3d485fe1886cec6a0be8c5d4")
    _, _, asked = visit(leased("bilibili_search"), shipped()["bilibili_search"])
    assert "w_rid=" in asked[1].url


def test_a_robot_of_pages_stops_at_its_bound_and_the_rest_comes_with_the_next_visit():
    rules = shipped()["gov_list"]
    row = '<li><a href="/t20261120_{0}.html">关于第{0}片区停水的通知</a><span>2026-11-20</span></li>'
    rows = "".join(row.format(n) for n in range(60))
    page = Example(body=f'<ul class="list">{rows}</ul>')
    first, items, asked = visit(leased("gov_list"), rules, page)
    assert (len(asked), len(items)) == (40, 39)
    second, more, _ = visit(leased("gov_list", first), rules, page)
    assert len(more) == 21
    assert second.ending is Ending.OK


def test_a_back_fill_walks_back_page_by_page_and_ends_where_the_period_begins():
    rules = shipped()["hackernews"]
    day = timedelta(days=1)
    seen: list[float] = []

    def page(number: int) -> Example:
        at = int((NOW - number * day).timestamp())
        rows = [{"objectID": f"{number}-{n}", "title": "t", "author": "a", "created_at_i": at} for n in range(5)]
        return Example(type="application/json", body=json.dumps({"hits": rows}))

    made = source("hackernews")
    crawl = Crawl(source="s", backfill_since=NOW - 15 * day)
    for _ in range(4):
        tour = Tour(Leased(source=made, crawl=crawl), "", lambda: NOW)
        waiting = tour.begin()
        while waiting:
            ask = waiting.pop(0)
            _, more = tour.take(answer_of(rules, ask, page(int(ask.values["page"]))))
            waiting += more
        result = tour.result()
        crawl = after(made, crawl, result, NOW)
        if result.backfill_at:
            seen.append((NOW - result.backfill_at) / day)
        if crawl.backfill_since is None:
            break
    assert seen == [9, 15], "ten pages in the first visit, the rest in the second"
    assert crawl.backfill_since is None


def test_a_thread_that_could_not_be_read_is_asked_for_again_though_its_list_did_not_change():
    rules = shipped()["discuz"]
    one = leased("discuz")
    tour = Tour(one, "", lambda: NOW)
    (ask,) = tour.begin()
    _, asks = tour.take(answer_of(rules, ask))
    detail = next(a for a in asks if a.role == "detail")
    tour.lose(detail, Ending.TIMEOUT, "no answer")
    result = tour.result()
    assert result.ending.went_well
    _, items, _ = visit(Leased(source=one.source, crawl=after(one.source, one.crawl, result, NOW)), rules)
    assert [item["id"] for item in items] == ["100001", "2"]


def test_a_repository_of_many_posts_is_read_page_by_page():
    rules, one = shipped()["atproto"], leased("atproto")
    tour = Tour(one, "", lambda: NOW)
    waiting, ids = tour.begin(), []
    while waiting:
        ask = waiting.pop(0)
        answer = answer_of(rules, ask)
        if ask.role == "detail":
            page = int(ask.values.get("cursor") or 0)
            value = {"text": "路灯不亮", "createdAt": "2026-11-23T04:00:00Z"}
            rows = [{"uri": f"at://did:plc:abc/app.bsky.feed.post/{page}-{n}", "value": value} for n in range(100)]
            body = {"records": rows, "cursor": str(page + 1)} if page < 2 else {"records": []}
            answer = replace(answer, body=json.dumps(body).encode())
        items, more = tour.take(answer)
        ids += [item["id"] for item in items]
        waiting += more
    assert len({*ids}) == 200
    assert tour.result().ending is Ending.OK


def test_a_wiki_page_that_left_the_recent_changes_is_gone_when_the_wiki_does_not_know_it():
    rules = shipped()["mediawiki"]

    def changes(*pages: int) -> Example:
        row = {"type": "edit", "timestamp": "2026-11-20T10:11:12Z"}
        rows = [{**row, "title": f"第{n}号", "pageid": n, "revid": n} for n in pages]
        return Example(type="application/json", body=json.dumps({"query": {"recentchanges": rows}}))

    first, _, _ = visit(leased("mediawiki"), rules, changes(3, 2, 1))
    tour = Tour(leased("mediawiki", first), "", lambda: NOW)
    (ask,) = tour.begin()
    _, (look,) = tour.take(answer_of(rules, ask, changes(3, 1)))
    missing = b'{"error":{"code":"nosuchpageid","info":"There is no page with ID 2."}}'
    tour.take(Answer(ask=look, url=look.url, status=200, body=missing, headers={"content-type": "application/json"}))
    assert tour.result().gone == ("2",)
