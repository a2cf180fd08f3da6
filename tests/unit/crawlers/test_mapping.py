"""What the columns of people's tables are taken for."""

from datetime import UTC, datetime

import pytest

from core.errors import Refused
from crawlers.files.mapping import ColumnMapping, apply, guess_mapping
from nlp.admission import Admission, admit

STREAM = ("id", "user", "title", "time", "body", "oppose", "support")
STREAM_ROW = {
    "id": "7", "user": "甲", "title": "路灯", "time": "2026/11/20 08:00", "body": "东门路灯坏了", "oppose": "1", "support": "2",
}  # fmt: skip


def fields(mapping: ColumnMapping) -> dict[str, str]:
    return {c.name: f"{c.field}:{c.key}" if c.key else c.field for c in mapping.columns}


def test_a_stream_of_messages_needs_no_help() -> None:
    assert fields(guess_mapping(STREAM, [STREAM_ROW])) == {
        "id": "id",
        "user": "author",
        "title": "title",
        "time": "at",
        "body": "text",
        "oppose": "extra:oppose",
        "support": "likes",
    }


def test_its_rows_become_items_of_the_push_api() -> None:
    assert apply(guess_mapping(STREAM, [STREAM_ROW]), STREAM_ROW) == {
        "id": "7",
        "author": "甲",
        "title": "路灯",
        "at": "2026/11/20 08:00",
        "text": "东门路灯坏了",
        "likes": 2,
        "extra": {"oppose": "1"},
    }


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("微博正文", "text"),
        ("留言详情", "text"),
        ("诉求内容", "text"),
        ("主题", "title"),
        ("发布时间（北京）", "at"),
        ("留言时间", "at"),
        ("昵称", "author"),
        ("原文链接", "url"),
        ("点赞数", "likes"),
        ("转发", "shares"),
        ("评论数", "comments"),
        ("反对数", "extra:oppose"),
        ("Created_At", "at"),
        ("区划代码", "jurisdiction"),
        ("账号注册时间", "author_since"),
        ("平台", "platform"),
        ("答复内容", "extra:答复内容"),
        ("办理时间", "extra:办理时间"),
        ("随便什么", "extra:随便什么"),
        ("联系人", "omitted"),
        ("手机号码", "omitted"),
    ],
)
def test_columns_are_known_by_the_names_people_give_them(name: str, field: str) -> None:
    columns = ("text", name) if field != "text" else (name, "id")

    assert fields(guess_mapping(columns, []))[name] == field


def test_columns_without_telling_names_are_known_by_their_values() -> None:
    rows = [{"a": "2026-11-20 08:00", "b": "https://x.example/1", "c": "东门的路灯坏了三天没有人来修", "d": "12"}] * 3
    mapping = guess_mapping(("a", "b", "c", "d"), rows)

    assert fields(mapping) == {"a": "at", "b": "url", "c": "text", "d": "extra:d"}
    assert [column.reason.code for column in mapping.columns] == ["values", "values", "longest_text", "unknown"]


def test_the_answer_is_never_taken_for_the_message() -> None:
    rows = [
        {
            "问题": "路灯坏了",
            "回复": "您好，您反映的问题已经转交有关单位办理，感谢您的支持。" * 3,
            "回复时间": "2026-11-20",
        }
    ]

    assert fields(guess_mapping(("问题", "回复", "回复时间"), rows)) == {
        "问题": "text",
        "回复": "extra:回复",
        "回复时间": "extra:回复时间",
    }


def test_a_title_stands_in_for_a_missing_text() -> None:
    assert guess_mapping(("标题", "时间"), [{"标题": "停水", "时间": "昨天"}]).column_of("text") == "标题"


def test_of_two_columns_for_one_field_the_more_usual_name_wins() -> None:
    mapping = guess_mapping(("content", "text"), [])

    assert fields(mapping) == {"content": "extra:content", "text": "text"}


def test_a_table_without_text_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        guess_mapping(("编号", "时间", "点赞数"), [{"编号": "1", "时间": "2026-11-20", "点赞数": "3"}])
    assert refused.value.code == "no_text_column"


def test_counts_are_read_as_sites_show_them_and_kept_when_unreadable() -> None:
    mapping = guess_mapping(("内容", "点赞数", "评论数"), [])

    assert apply(mapping, {"内容": "x", "点赞数": "1.2万", "评论数": "很多"}) | {"id": ""} == {
        "id": "",
        "text": "x",
        "likes": 12_000,
        "extra": {"评论数": "很多"},
    }


def test_the_day_of_an_account_is_no_time_of_a_post_and_kept_when_unreadable() -> None:
    mapping = guess_mapping(("内容", "注册时间"), [{"内容": "路灯坏了", "注册时间": "2026-11-20"}])

    assert apply(mapping, {"内容": "x", "注册时间": "2026-11-20"}) | {"id": ""} == {
        "id": "",
        "text": "x",
        "author_since": "2026-11-20",
    }
    assert apply(mapping, {"内容": "x", "注册时间": "很久"})["extra"] == {"注册时间": "很久"}


def test_a_row_without_id_gets_the_same_id_every_time() -> None:
    mapping = guess_mapping(("内容",), [])
    first, again, other = (apply(mapping, {"内容": text})["id"] for text in ("甲", "甲", "乙"))

    assert first == again != other


def test_rows_in_push_format_pass_through_with_their_extra() -> None:
    row = {"id": 1, "text": "甲", "extra": {"a": 1, "b": None, "c": [1]}, "later": True}

    assert apply(guess_mapping(("id", "text", "extra"), [row]), row) == {
        "id": "1",
        "text": "甲",
        "extra": {"a": "1", "c": "[1]", "later": "True"},
    }


def test_what_says_who_somebody_is_is_left_out() -> None:
    row = {"内容": "路灯坏了", "姓名": "某某", "联系电话": "0"}

    assert set(apply(guess_mapping(tuple(row), [row]), row)) == {"id", "text"}


def test_items_fit_what_admission_takes() -> None:
    row: dict[str, object] = {"内容": "路灯坏了", "区划": "某区", "答复": "长" * 5000}
    row.update((f"列{i}", "x") for i in range(60))
    item = apply(guess_mapping(tuple(row), [row]), row)
    rules = Admission(
        jurisdiction="990100", salt="s", now=datetime(2026, 11, 23, tzinfo=UTC), origin="import", source="file"
    )

    post = admit(item, rules)
    assert (post.text, post.jurisdiction, post.extra["区划"]) == ("路灯坏了", "990100", "某区")
    assert post.extra["答复"].endswith("…")
