"""Rule files: what ships holds to its examples, and a mistake is told with its place."""

import pytest

from core.errors import Refused
from core.records import Ending
from crawlers.rules.examples import check_examples
from crawlers.rules.language import Rules, read_rules
from crawlers.rules.picking import fill, fill_address, picks_of, value
from crawlers.walks.registry import shipped

KINDS = sorted(shipped())
TIER_1 = {
    "liuyan", "discuz", "discuz_mobile", "wordpress", "mediawiki", "mastodon", "atproto", "discourse", "nodebb", "lemmy",
    "flarum", "hackernews", "telegram", "isso", "jpage", "gov_list", "gov_letters", "spirit", "baidu_hot", "toutiao_hot",
    "bilibili_hot", "bilibili_popular", "tieba_hot", "thepaper_hot",
}  # fmt: skip
TIER_2 = {
    "weibo_hot", "weibo_search", "weibo_mobile_search", "weibo_comments", "zhihu_hot", "zhihu_question", "bilibili_search",
    "bilibili_replies", "tieba_forum", "reddit", "douyin_hot", "kuaishou_hot",
}  # fmt: skip

MINE = """
name: {en: my site}
list:
  url: "{url}"
  container: ul.news
  rows: ul.news > li
  fields:
    id: {css: "a::attr(href)", re: "/(\\\\d+)"}
    url: a::attr(href)
    title: a
    at: span
  required: [id, title]
examples:
  - body: '<ul class="news"><li><a href="/n/12">路灯</a><span>2026-11-20</span></li></ul>'
    rows: [{id: "12", title: 路灯, at: "2026-11-20"}]
"""


def test_all_kinds_of_tiers_one_and_two_ship():
    assert {kind for kind in KINDS if shipped()[kind].tier == 1} == TIER_1
    assert {kind for kind in KINDS if shipped()[kind].tier == 2} == TIER_2


@pytest.mark.parametrize("kind", KINDS)
def test_what_ships_holds_to_its_examples(kind: str):
    assert check_examples(shipped()[kind]) >= 3


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_knows_when_its_site_was_changed(kind: str):
    endings = {example.ending for example in shipped()[kind].examples}
    assert endings & {Ending.DRIFT, Ending.PARSE_ERROR}


@pytest.mark.parametrize("kind", sorted(TIER_2))
def test_every_kind_with_a_login_knows_a_page_that_refuses_it(kind: str):
    endings = {example.ending for example in shipped()[kind].examples}
    assert endings & {Ending.LOGIN, Ending.CAPTCHA, Ending.BLOCKED}


def test_rules_of_ones_own_are_read_and_hold_to_their_examples():
    assert check_examples(read_rules(MINE)) == 1


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        (("title: a\n", "title: a[\n"), "bad_rules", "line 4"),
        (("required: [id, title]", "required: [id, name]"), "bad_rules", "'name' is required"),
        (("rows: ul.news > li", "rowz: ul.news > li"), "bad_rules", "rowz"),
        (("list:", "list: ["), "bad_rules", "no YAML"),
        (("at: span", "at: {css: span, xpath: //a}"), "bad_rules", "one of"),
        (("at: span", "at: {css: span, re: '('}"), "bad_rules", "cannot be read"),
        (("title: 路灯", "title: 路牌"), "bad_example", "row 1: title is '路灯', expected '路牌'"),
        (('rows: [{id: "12"', 'rows: [{}, {id: "12"'), "bad_example", "holds 1 rows, expected 2"),
    ],
)
def test_a_mistake_is_told_with_its_place(change: tuple[str, str], code: str, words: str):
    with pytest.raises(Refused) as caught:
        check_examples(read_rules(MINE.replace(*change)))
    assert (caught.value.code, words in str(caught.value)) == (code, True), str(caught.value)


def test_yaml_bombs_and_giants_are_refused():
    with pytest.raises(Refused):
        read_rules("a: " + "x" * 300_000)
    with pytest.raises(Refused):
        read_rules("list: !!python/object/apply:os.system ['true']")


def test_plain_words_of_a_rule_file_stay_words():
    rules = read_rules(MINE.replace("title: 路灯", "title: 路灯, at: 2026-11-20"))
    assert rules.examples[0].rows == [{"id": "12", "title": "路灯", "at": "2026-11-20"}]


def test_the_first_way_that_finds_something_wins():
    picks = picks_of(["$.gone", "$.b", "=nothing"])
    assert value({"b": "found"}, picks, {}) == "found"
    assert value({}, picks, {}) == "nothing"
    assert value({"b": None}, picks_of("$.b"), {}) == ""
    assert value({"b": 0}, picks_of("$.b"), {}) == "0"


def test_a_template_takes_names_and_stands_in_for_what_is_empty():
    assert (
        fill("{base}/t/{id}?after={cursor|0}", {"base": "https://a.example", "id": "7"})
        == "https://a.example/t/7?after=0"
    )


def test_a_rule_file_cannot_run_code_through_a_template():
    assert fill("{__class__}{id.__class__}", {"id": "7"}) == ""


def test_rules_without_a_list_are_none():
    with pytest.raises(Refused, match="list"):
        read_rules("name: {en: x}")
    assert isinstance(read_rules(MINE), Rules)


def test_a_parameter_without_a_value_is_left_out_of_an_address_and_one_that_was_written_empty_stays():
    template = "{base}/api?limit=50&next=&continue={cursor}&q={query|all}"
    assert fill_address(template, {"base": "https://a.example"}) == "https://a.example/api?limit=50&next=&q=all"
    assert fill_address(template, {"base": "", "cursor": "9"}) == "/api?limit=50&next=&continue=9&q=all"
    assert fill_address("{url}", {"url": "https://a.example/?x="}) == "https://a.example/?x="
