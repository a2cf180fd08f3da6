"""The main text of pages written in the style of real software: all of it, and nothing of what stands around it."""

import pytest

from crawlers.pages.article import read_article
from tests.unit.crawlers.pages_of_sites import PAGES, SitePage


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_the_main_text_is_found_whole_and_alone(page: SitePage):
    article = read_article(page.html.encode(page.encoding), page.content_type, "https://www.site.example/a/1.html")
    missing = [line for line in page.text if line not in article.text]
    assert missing == []
    assert [word for word in page.not_in if word in article.text] == []
    assert article.title == page.title
    assert article.at == page.at


def test_there_are_forty_pages():
    assert len(PAGES) >= 40


@pytest.mark.parametrize("body", [b"", b"\x00\xff", b"<html></html>", b"<" * 10_000, "<p>短</p>".encode()])
def test_what_is_no_article_has_no_text(body: bytes):
    assert read_article(body, "text/html", "https://a.example").text == ""


def test_files_that_hang_on_the_page_are_named():
    links = "<a href='./P1.pdf'>附件</a><a href='a.docx'>表</a>"
    page = f"<div class='TRS_Editor'><p>关于滨江路改造的公示，详见附件，请周边居民知悉。</p>{links}</div>"
    article = read_article(page.encode(), "text/html", "https://www.site.example/x/t1.html")
    assert article.attachments == ("https://www.site.example/x/P1.pdf", "https://www.site.example/x/a.docx")
