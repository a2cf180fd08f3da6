"""Cleaning: what a reader would see stays, everything else goes, and nothing makes it slow."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.cleaning import clean, clean_line, html_to_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ('<a href="/t">#桃溪路积水#</a>又淹了<br/>车都熄火了', "#桃溪路积水#又淹了\n车都熄火了"),
        ("<p>第一段</p><p>第二段<b>加</b>粗</p>", "第一段\n\n第二段加粗"),
        ("<div>正文<script>alert('x')</script>结束</div>", "正文 结束"),
        ("<style>p{color:red}</style><p>正文</p>", "正文"),
        ("路<!-- 注释 -->灯<br>坏了", "路 灯\n坏了"),
        ("<p>气死了<img src=x alt='[怒]' class=e></p>", "气死了[怒]"),
        ('<p>图<img src="a.jpg" alt="一张很长的图片说明文字"></p>', "图"),
        ("<tr><td>桃溪街道</td><td>12件</td></tr>", "桃溪街道 12件"),
        ("<p>3&lt;5&nbsp;&amp;&nbsp;5&gt;3</p>", "3<5 & 5>3"),
        ('<a title="a>b" href=x>链接</a>', "链接"),
        ("<p>没有结尾的标签<b", "没有结尾的标签<b"),
        ("<p>源码里\n换了行", "源码里 换了行"),
        ("<P>大写<BR>标签</P>", "大写\n标签"),
    ],
)
def test_markup_becomes_what_a_reader_sees(html: str, text: str) -> None:
    assert clean(html) == text


@pytest.mark.parametrize(
    "text",
    ["小于<大于>号", "我<3这里", "<某某小区>停水", "if a<b and c>d", "AT&T", "路灯坏了\n\n没人修", "👨‍👩‍👧 ❤️ 1️⃣"],
)
def test_text_without_markup_stays_as_it_is(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("dirty", "text"),
    [
        ("停\u200b水\u200d了\ufeff", "停水了"),
        ("\u202e倒着\u202c写", "倒着写"),
        ("铃\x07声\x00", "铃声"),
        ("一\r\n二\r三\u2028四", "一\n二\n三\n四"),
        ("一\n\n\n\n\n二", "一\n\n二"),
        ("  多\u3000\u00a0 空\t格  ", "多 空 格"),
        ("半个\ud83d表情", "半个表情"),
        ("成对\ud83d\ude00代理", "成对😀代理"),
        ("A&amp;B", "A&B"),
        ("\u200b \ufeff", ""),
    ],
)
def test_what_nobody_can_see_is_removed(dirty: str, text: str) -> None:
    assert clean(dirty) == text


def test_a_title_is_one_line() -> None:
    assert clean_line("关于\n停水的<br>通知") == "关于 停水的 通知"


@pytest.mark.parametrize(
    "hostile",
    ["<div>", "<b>", "<a x='", '<a x="', "<!--", "<!-- a ", "<", "</", "<![CDATA[", "<script>", "&amp;", "<p\n", "<a/"],
)
def test_hostile_markup_takes_linear_time(hostile: str) -> None:
    page = hostile * (500_000 // len(hostile))
    started = time.process_time()
    html_to_text(page)
    assert time.process_time() - started < 3


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_comes_out_storable_and_cleaning_again_without_markup_changes_nothing(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    if "<" not in cleaned and "&" not in cleaned:
        assert clean(cleaned) == cleaned
