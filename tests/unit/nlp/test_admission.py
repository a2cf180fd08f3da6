"""Admission: what is stored of an item, and the reason for everything that is not."""

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import derived_id
from core.codec import decode, encode
from core.errors import Refused
from core.records import RawPost
from core.topics import Topic
from nlp.admission import FIELDS, Admission, admit, digest, raw_message, rejected

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
RULES = Admission(jurisdiction="990100", salt="pepper", now=NOW, origin="push", source="forum")

CODES = {
    "not_an_object", "unknown_field", "wrong_type", "missing_field", "empty", "too_long", "bad_time",
    "time_out_of_range", "bad_url", "bad_jurisdiction", "bad_count", "extra_too_large",
}  # fmt: skip


def refusal(item: object, rules: Admission = RULES) -> Refused:
    with pytest.raises(Refused) as caught:
        admit(item, rules)
    return caught.value


def test_a_full_item_is_stored_cleaned_masked_and_linked_within_its_source() -> None:
    post = admit(
        {
            "id": 42, "source": "weibo", "platform": "m.weibo", "url": "https://example.com/42", "at": "3分钟前",
            "author": "热心市民", "title": "<b>桃溪路</b>积水", "text": "又淹了<br>电话13812345678",
            "reply_to": "41", "root": "40",
            "likes": "1.2万", "comments": 3, "shares": None, "jurisdiction": "330106",
            "extra": {"ip": "浙江", "floor": 7, "phone": "13812345678", "none": None},
        },
        RULES,
    )  # fmt: skip
    assert (post.id, post.reply_to, post.root) == tuple(derived_id("weibo", own) for own in ("42", "41", "40"))
    assert post.at == NOW - timedelta(minutes=3)
    assert (post.title, post.text) == ("桃溪路积水", "又淹了\n电话[手机号]")
    assert (post.likes, post.comments, post.shares) == (12_000, 3, 0)
    assert post.extra == {"ip": "浙江", "floor": "7", "phone": "[手机号]"}
    assert post.masks == {"mobile": 1}
    assert post.author is not None
    assert "市民" not in post.author
    assert (post.jurisdiction, post.platform, post.seen_at) == ("330106", "m.weibo", NOW)


def test_a_bare_text_takes_the_defaults_of_its_channel() -> None:
    post = admit({"text": "路灯坏了"}, RULES)
    assert (post.source, post.platform, post.jurisdiction, post.at) == ("forum", "forum", "990100", NOW)
    assert post.author is None


def test_a_thread_joins_up_whatever_order_its_posts_come_in() -> None:
    reply = admit({"id": "2", "reply_to": "1", "text": "同样的问题"}, RULES)
    assert reply.reply_to == admit({"id": "1", "text": "路灯坏了"}, RULES).id


@pytest.mark.parametrize("item", [{"text": "路灯坏了"}, {"text": "路灯坏了", "url": "https://example.com/1"}])
def test_an_item_without_an_id_gets_the_same_one_every_time(item: dict[str, object]) -> None:
    later = msgspec.structs.replace(admit(item, RULES), seen_at=NOW + timedelta(hours=1))
    assert later.id == admit(item, RULES).id
    assert later.id != admit({**item, "text": "路灯坏了，没人修", "url": None}, RULES).id


def test_html_is_read_when_there_is_no_text_and_a_title_alone_is_text() -> None:
    assert admit({"html": "<p>停<i>水</i>了</p>"}, RULES).text == "停水了"
    alone = admit({"title": "某地暴雨"}, RULES)
    assert (alone.title, alone.text) == ("", "某地暴雨")


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (None, "not_an_object"),
        ("路灯坏了", "not_an_object"),
        ([{"text": "路灯坏了"}], "not_an_object"),
        ({}, "empty"),
        ({"text": ""}, "empty"),
        ({"text": " \u200b\n"}, "empty"),
        ({"html": "<script>x</script>"}, "empty"),
        ({"text": "x", "nickname": "y"}, "unknown_field"),
        ({"text": "x", 7: "y"}, "unknown_field"),
        ({"text": ["x"]}, "wrong_type"),
        ({"text": True}, "wrong_type"),
        ({"text": "x", "id": {}}, "wrong_type"),
        ({"text": "x", "id": 10**30}, "wrong_type"),
        ({"text": "x", "at": []}, "wrong_type"),
        ({"text": "x", "extra": "y"}, "wrong_type"),
        ({"text": "x", "extra": {"a": {"b": "c"}}}, "wrong_type"),
        ({"text": "长" * 100_001}, "too_long"),
        ({"text": "长" * 10_000_000}, "too_long"),
        ({"text": "x", "title": "长" * 501}, "too_long"),
        ({"text": "x", "at": "很久以前"}, "bad_time"),
        ({"text": "x", "at": 10**400}, "bad_time"),
        ({"text": "x", "at": "0001-01-01T00:00:00+08:00"}, "time_out_of_range"),
        ({"text": "x", "at": "9999-12-31T23:59:59Z"}, "time_out_of_range"),
        ({"text": "x", "at": "2026-11-25"}, "time_out_of_range"),
        ({"text": "x", "at": datetime.min.replace(tzinfo=UTC)}, "time_out_of_range"),
        ({"text": "x", "author_since": "很久以前"}, "bad_time"),
        ({"text": "x", "author_since": "1970-01-01"}, "time_out_of_range"),
        ({"text": "x", "url": "javascript:alert(1)"}, "bad_url"),
        ({"text": "x", "url": "https://"}, "bad_url"),
        ({"text": "x", "url": "http://[::1"}, "bad_url"),
        ({"text": "x", "url": "https://me:secret@example.com"}, "bad_url"),
        ({"text": "x", "url": "https://example.com/a b"}, "bad_url"),
        ({"text": "x", "jurisdiction": "杭州"}, "bad_jurisdiction"),
        ({"text": "x", "jurisdiction": "123"}, "bad_jurisdiction"),
        ({"text": "x", "likes": "很多"}, "bad_count"),
        ({"text": "x", "likes": -1}, "bad_count"),
        ({"text": "x", "extra": {str(n): "" for n in range(33)}}, "extra_too_large"),
        ({"text": "x", "extra": {"a": "b" * 1001}}, "extra_too_large"),
        ({"text": "x", "extra": {"a" * 65: "b"}}, "extra_too_large"),
    ],
)
def test_a_bad_item_is_refused_with_its_reason(item: object, code: str) -> None:
    error = refusal(item)
    assert error.code == code
    assert str(error)


def test_of_an_account_its_day_is_kept_and_none_without_an_author() -> None:
    opened = {"text": "x", "author_since": "2026-11-20T23:30:00+08:00"}
    assert admit({**opened, "author": "a"}, RULES).author_since == date(2026, 11, 20)
    assert admit({"text": "x", "author": "a", "author_since": "2026-11-20"}, RULES).author_since == date(2026, 11, 20)
    assert admit(opened, RULES).author_since is None
    assert admit({"text": "x", "author": "a"}, RULES).author_since is None


def test_an_unknown_field_is_told_where_to_go() -> None:
    assert str(refusal({"text": "x", "粉丝数": 3})) == "the field '粉丝数' is not known; put it under 'extra'"


def test_no_source_and_no_default_is_a_missing_field() -> None:
    assert refusal({"text": "x"}, Admission("990100", "s", NOW, "push", source="")).code == "missing_field"


def test_counts_that_a_site_hides_are_zero() -> None:
    assert admit({"text": "x", "likes": "-", "comments": "", "shares": None}, RULES).likes == 0


def test_a_spreadsheet_s_time_is_read_in_the_channel_s_zone() -> None:
    post = admit({"text": "x", "at": datetime.fromisoformat("2026-11-20 10:11:12")}, RULES)
    assert post.at == datetime(2026, 11, 20, 2, 11, 12, tzinfo=UTC)


def test_a_changed_count_is_another_message_and_a_repeat_is_the_same() -> None:
    first = admit({"id": "1", "text": "路灯坏了", "likes": 1}, RULES)
    again = msgspec.structs.replace(first, seen_at=NOW + timedelta(hours=1))
    liked = admit({"id": "1", "text": "路灯坏了", "likes": 2}, RULES)
    assert raw_message(again).id == raw_message(first).id == f"{first.id}:0:{digest(first)}"
    assert len({raw_message(first).id, raw_message(liked).id, raw_message(first, revision=2).id}) == 3
    message = raw_message(first)
    assert (message.topic, message.key) == (Topic.POSTS_RAW, "990100")
    assert decode(message.value, RawPost) == first


def test_a_refusal_is_kept_masked_and_without_names() -> None:
    item = {"text": "打13812345678" + "长" * 5000, "author": "张三", "昵称": "李四", "title": "积水"}
    record = rejected(item, refusal(item), "push", NOW, "990100")
    assert record.code == "unknown_field"
    assert len(record.excerpt) <= 2000
    assert "积水" not in record.excerpt  # cut off before it
    assert "打[手机号]" in record.excerpt
    for secret in ("13812345678", "张三", "李四"):
        assert secret not in record.excerpt + record.reason
    assert rejected(item, refusal(item), "push", NOW + timedelta(1), "990100").id == record.id


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=()), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
names = st.sampled_from((*FIELDS, "other"))
items = st.one_of(json_values, st.dictionaries(names, json_values, max_size=6))


@given(items)
def test_any_json_value_is_admitted_or_refused_and_can_be_stored(item: object) -> None:
    refused = None
    try:
        post = admit(item, RULES)
    except Refused as error:
        refused = error
    if refused is None:
        assert decode(raw_message(post).value, RawPost) == post
    else:
        assert refused.code in CODES
        assert encode(rejected(item, refused, "push", NOW, "990100"))


@pytest.mark.parametrize("digits", [20, 400, 5000])
def test_numbers_too_large_to_keep_are_refused(digits: int) -> None:
    huge = 10**digits
    for item in (huge, {"text": "x", "likes": huge}, {"text": "x", "at": huge}, {"text": "x", "extra": {"a": huge}}):
        assert encode(rejected(item, refusal(item), "push", NOW, "990100"))


def test_deep_nesting_is_refused() -> None:
    item: object = "x"
    for _ in range(100_000):
        item = [item]
    assert encode(rejected(item, refusal(item), "push", NOW, "990100"))
    assert refusal({"text": item}).code == "wrong_type"
