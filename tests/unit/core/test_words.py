"""The search language: whatever people type, FTS5 gets a valid expression that means it."""

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.storage.sqlite.index import match_expression
from core.storage.words import index_text


def finds(query: str, text: str) -> bool:
    """Ask a real FTS5."""
    expression = match_expression(query)
    if expression is None:
        return False
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE t USING fts5 (grams, content = '', tokenize = 'unicode61 remove_diacritics 0')")
    db.execute("INSERT INTO t (rowid, grams) VALUES (1, ?)", (index_text(text),))
    found = db.execute("SELECT count(*) FROM t WHERE t MATCH ?", (expression,)).fetchone()[0]
    db.close()
    return bool(found)


@given(st.text(max_size=60))
def test_no_query_is_a_syntax_error(query: str) -> None:
    finds(query, "滨江路的路灯坏了 wifi 5g")


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x4FFF), min_size=1, max_size=20), st.data())
def test_every_passage_of_a_chinese_text_finds_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    assert finds(f'"{text[start:end]}"', f"前{text}后")


@pytest.mark.parametrize(
    "query", ["5g", "网络", "5g网络", "华为", "华为mate", "为mate", "mate手机", '"网络 华为"', "机"]
)
def test_words_of_two_scripts_that_touch_are_found_alone_and_together(query: str) -> None:
    assert finds(query, "5g网络，华为mate手机")


def test_a_phrase_is_not_found_where_its_characters_go_on() -> None:
    assert not finds('"华 mate"', "华为mate")
    assert not finds('"5g 络"', "5g网络")


@pytest.mark.parametrize(
    ("query", "expression"),
    [
        ("路灯", '("路灯")'),
        ("路灯 坏", '("路灯") AND ("坏"*)'),
        ("a OR b", '("a" OR "b")'),
        ("路灯 -学校", '(("路灯")) NOT ("学校")'),
        ("-学校", None),
        ("OR", None),
        ("", None),
    ],
)
def test_the_expression_says_what_the_user_meant(query: str, expression: str | None) -> None:
    assert match_expression(query) == expression
