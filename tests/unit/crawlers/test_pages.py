"""Bytes of feeds and pages, read without a network."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refused
from crawlers.pages.discovery import feed_address
from crawlers.pages.encoding import page_text
from crawlers.pages.entries import Feed
from crawlers.pages.feeds import read_feed, web_address
from crawlers.pages.json_feed import looks_like_json, read_json_feed
from crawlers.retry_after import LONGEST_PAUSE_S, retry_after

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
URL = "https://x.example/news/feed"
RSS = '<?xml version="1.0" encoding="{encoding}"?><rss version="2.0"><channel><title>t</title>{items}</channel></rss>'


@pytest.mark.parametrize("encoding", ["utf-8", "gb2312", "gbk", "gb18030", "utf-16"])
def test_a_feed_is_read_in_the_encoding_it_declares(encoding: str) -> None:
    body = RSS.format(encoding=encoding, items="<item><title>滨江路积水</title></item>").encode(encoding)

    assert read_feed(body, "text/xml", URL).entries[0].title == "滨江路积水"


def test_letters_beyond_the_declared_gb2312_are_read() -> None:
    assert page_text("镕㎡䶮".encode("gb18030"), "text/html; charset=gb2312") == "镕㎡䶮"


def test_a_latin_charset_of_a_careless_server_is_not_believed() -> None:
    assert page_text("积水".encode(), "text/html; charset=ISO-8859-1") == "积水"


def test_control_characters_do_not_break_a_feed() -> None:
    body = RSS.format(encoding="utf-8", items="<item><title>积\x0b水\x00</title></item>").encode()

    assert read_feed(body, "", URL).entries[0].title == "积水"


def test_entries_without_guid_are_known_by_link_then_by_title_and_time() -> None:
    items = "<item><title>a</title><link>/1</link></item><item><title>b</title></item><item><title>c</title></item>"
    first, second, third = read_feed(RSS.format(encoding="utf-8", items=items).encode(), "", URL).entries

    assert first.key == first.url == "https://x.example/1"
    assert second.key != third.key


def test_an_entity_bomb_is_no_feed_of_gigabytes() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
    body = bomb + '<rss version="2.0"><channel><item><title>&c;</title></item></channel></rss>'
    try:
        entries = read_feed(body.encode(), "", URL).entries
    except Refused:
        return
    assert all(len(entry.title) < 100 for entry in entries)


def outcome(read: Callable[[bytes, str, str], Feed], body: bytes) -> str:
    """The code of the refusal, empty for a feed."""
    try:
        read(body, "", URL)
    except Refused as refused:
        return refused.code
    return ""


@given(st.binary(max_size=300))
def test_any_bytes_give_a_feed_or_a_reason(body: bytes) -> None:
    for read in (read_feed, read_json_feed):
        assert outcome(read, body) in ("", "parse_error")


def test_a_path_as_body_is_never_opened() -> None:
    with pytest.raises(Refused):
        read_feed(b"/etc/hosts", "", URL)


@pytest.mark.parametrize("body", [b'{"version": "1", "items": []}', b'{"items": []}', b"[]", b'{"a":' * 50_000])
def test_other_json_is_no_json_feed(body: bytes) -> None:
    with pytest.raises(Refused):
        read_json_feed(body, "application/json", URL)


def test_json_is_known_by_its_type_or_its_first_letter() -> None:
    assert looks_like_json(b"", "application/feed+json")
    assert looks_like_json(b"\xef\xbb\xbf {", "text/plain")
    assert not looks_like_json(b"<rss/>", "text/xml")


@pytest.mark.parametrize(
    ("page", "address"),
    [
        ('<link rel="alternate" type="application/atom+xml" href="/atom">', "https://x.example/atom"),
        ('<link rel="alternate" type="text/html" href="/m"><link rel="alternate" type="application/rss+xml" href="r">', "https://x.example/news/r"),
        ('<link rel="stylesheet" href="x">', None),
        ('<link rel="alternate" type="application/rss+xml" href="javascript:x">', None),
    ],
)  # fmt: skip
def test_the_feed_that_a_page_names_is_found(page: str, address: str | None) -> None:
    assert feed_address(f"<html><head>{page}</head></html>".encode(), "text/html", URL) == address


@pytest.mark.parametrize("link", ["javascript:alert(1)", "file:///etc/hosts", "http://[", "", "data:text/html,x"])
def test_only_web_addresses_become_links(link: str) -> None:
    assert web_address(link, "") is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 5 ", 5.0),
        ("Mon, 23 Nov 2026 07:01:00 GMT", 60.0),
        ("Mon, 23 Nov 2026 06:00:00 GMT", 0.0),
        ("99999999999", LONGEST_PAUSE_S),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("١٢", None),
    ],
)
def test_retry_after_is_read_in_both_forms(value: str, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds
