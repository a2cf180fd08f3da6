"""Feeds that show teasers, sitemaps, and the files that hang on pages."""

import gzip
from datetime import UTC, datetime

from core.leases import Leased
from core.records import Crawl, Ending, Source
from crawlers.health import after
from crawlers.results import CrawlResult, Item
from crawlers.tour import Tour
from crawlers.walks.steps import Answer
from tests.unit.crawlers.test_attachments import docx
from tests.unit.crawlers.test_walks import extra

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
BASE = "https://www.site.example"
Site = dict[str, bytes]


def page(text: str, links: str = "") -> bytes:
    return f"<h1>标题：{text[:4]}</h1><div class='TRS_Editor'><p>{text}，请周边居民提前做好准备。</p>{links}</div>".encode()


def visit(
    site: Site, kind: str, crawl: Crawl | None = None, **options: str
) -> tuple[CrawlResult, list[Item], list[str]]:
    source = Source(
        id="s", kind=kind, url=f"{BASE}/start", name="x", jurisdiction="990100", created_at=NOW, options=options
    )
    tour = Tour(Leased(source=source, crawl=crawl or Crawl(source="s")), "", lambda: NOW)
    waiting, items, asked = tour.begin(), [], []
    while waiting and not tour.failed:
        ask = waiting.pop(0)
        asked.append(ask.url.removeprefix(BASE))
        body = site.get(asked[-1])
        answer = Answer(ask=ask, url=ask.url, status=404 if body is None else 200, body=body or b"")
        came, more = tour.take(answer)
        items += came
        waiting += more
    return tour.result(), items, asked


def known(result: CrawlResult) -> Crawl:
    source = Source(id="s", kind="feed", url=BASE, name="x", jurisdiction="1", created_at=NOW)
    return after(source, Crawl(source="s"), result, NOW)


def urlset(*rows: tuple[str, str]) -> bytes:
    places = "".join(f"<url><loc>{BASE}{path}</loc><lastmod>{at}</lastmod></url>" for path, at in rows)
    return (
        f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{places}</urlset>'.encode()
    )


def test_a_sitemap_leads_to_its_pages_and_later_to_those_that_changed():
    site = {
        "/start": urlset(("/a", "2026-11-20"), ("/b", "2026-11-21")),
        "/a": page("东门停水"),
        "/b": page("路灯检修"),
    }
    first, items, _ = visit(site, "sitemap")
    assert sorted(str(item["title"]) for item in items) == ["标题：东门停水", "标题：路灯检修"]
    site["/start"] = urlset(("/a", "2026-11-22"), ("/b", "2026-11-21"))
    _, again, asked = visit(site, "sitemap", known(first))
    assert (len(again), asked) == (1, ["/start", "/a"])


def test_a_packed_index_of_sitemaps_is_followed():
    index = f"<sitemapindex><sitemap><loc>{BASE}/one.gz</loc></sitemap></sitemapindex>".encode()
    site = {"/start": index, "/one.gz": gzip.compress(urlset(("/a", "2026-11-20"))), "/a": page("东门停水")}
    _, items, asked = visit(site, "sitemap")
    assert (len(items), asked) == (1, ["/start", "/one.gz", "/a"])


def test_a_sitemap_that_unpacks_without_end_is_too_large():
    bomb = gzip.compress(b"<urlset>" + b" " * 60_000_000)
    assert visit({"/start": bomb}, "sitemap")[0].ending is Ending.TOO_LARGE


def test_what_is_no_sitemap_is_said():
    assert visit({"/start": b"<html>hello</html>"}, "sitemap")[0].ending is Ending.PARSE_ERROR


def test_only_pages_of_the_wanted_section_are_read():
    site = {"/start": urlset(("/a/1", "2026-11-20"), ("/b/1", "2026-11-21")), "/a/1": page("东门停水")}
    _, _, asked = visit(site, "sitemap", prefix=f"{BASE}/a/")
    assert asked == ["/start", "/a/1"]


RSS = f"""<rss version="2.0"><channel><title>t</title><item>
<guid isPermaLink='false'>1</guid><title>停水</title><link>{BASE}/a</link>
<pubDate>Mon, 23 Nov 2026 10:00:00 +0800</pubDate><description>提要…</description></item></channel></rss>""".encode()


def test_a_feed_of_teasers_is_read_whole_when_asked_for_and_once():
    site = {"/start": RSS, "/a": page("因管网改造，东门停水")}
    first, (item,), _ = visit(site, "feed", full="1")
    assert (item["id"], item["title"], item["at"]) == ("1", "停水", "2026-11-23T02:00:00+00:00")
    assert str(item["text"]).startswith("因管网改造")
    second, items, _ = visit(site, "feed", known(first), full="1")
    assert (items, second.ending) == ([], Ending.NOT_MODIFIED)


def test_the_words_of_files_are_part_of_the_post_and_a_lost_file_holds_nothing_back():
    links = "<a href='/one.docx'>附件一</a><a href='/gone.pdf'>附件二</a><a href='/bad.pdf'>附件三</a>"
    site = {
        "/start": urlset(("/a", "2026-11-20")),
        "/a": page("东门停水", links),
        "/one.docx": docx("停水地段如下"),
        "/bad.pdf": b"x",
    }
    result, (item,), _ = visit(site, "sitemap")
    assert "停水地段如下" in str(item["text"])
    assert "[附件 bad.pdf" in str(item["text"])
    assert result.ending is Ending.OK


def test_a_page_without_words_costs_its_visit_nothing_and_is_tried_again():
    site = {
        "/start": urlset(("/a", "2026-11-20"), ("/b", "2026-11-20")),
        "/a": page("东门停水"),
        "/b": b"<html></html>",
    }
    first, items, _ = visit(site, "sitemap")
    assert (len(items), first.ending) == (1, Ending.OK)
    assert visit(site, "sitemap", known(first))[2] == ["/start", "/b"]


def test_a_site_of_many_pages_is_read_bit_by_bit_though_its_sitemap_does_not_change():
    names = [f"/{n}" for n in range(100)]
    site = {"/start": urlset(*((name, "2026-11-20") for name in names))} | {n: page(f"第{n}片区停水") for n in names}
    crawl, ids = Crawl(source="s"), set()
    for _ in range(3):
        result, items, _ = visit(site, "sitemap", crawl)
        ids |= {item["id"] for item in items}
        crawl = known(result)
    assert len(ids) == 100
    assert visit(site, "sitemap", crawl)[2] == ["/start"]


def test_a_feed_of_many_teasers_loses_none_of_them():
    rows = "".join(
        f"<item><guid isPermaLink='false'>{n}</guid><title>停水</title><link>{BASE}/{n}</link></item>"
        for n in range(60)
    )
    site = {f"/{n}": page(f"第{n}片区停水") for n in range(60)}
    site["/start"] = f"<rss version='2.0'><channel><title>t</title>{rows}</channel></rss>".encode()
    first, items, _ = visit(site, "feed", full="1")
    _, more, _ = visit(site, "feed", known(first), full="1")
    assert len({item["id"] for item in [*items, *more]}) == 60


def test_a_page_that_its_sitemap_has_no_more_is_gone_only_when_it_is_not_there():
    site = {"/start": urlset(*((f"/{n}", "2026-11-20") for n in range(5)))} | {
        f"/{n}": page(f"第{n}片") for n in range(5)
    }
    first, _, _ = visit(site, "sitemap")
    site["/start"] = urlset(*((f"/{n}", "2026-11-20") for n in range(3)))
    del site["/3"]
    second, items, asked = visit(site, "sitemap", known(first))
    assert (second.gone, items, asked) == ((f"{BASE}/3",), [], ["/start", "/3", "/4"])
    site["/start"] = urlset(*((f"/{n}", "2026-11-20") for n in range(2)))
    third, _, asked = visit(site, "sitemap", known(second))
    assert (third.gone, asked) == ((), ["/start", "/2"]), "who was looked for once is not asked again"
    site["/start"], site["/3"] = urlset(*((f"/{n}", "2026-11-20") for n in range(4))), page("第3片")
    _, items, _ = visit(site, "sitemap", known(third))
    assert sorted(str(item["url"]) for item in items if "found_again" in extra(item)) == [f"{BASE}/3"]


def test_a_sitemap_that_did_not_change_says_nothing_of_its_pages_when_another_one_did():
    index = (
        f"<sitemapindex><sitemap><loc>{BASE}/one</loc></sitemap><sitemap><loc>{BASE}/two</loc></sitemap></sitemapindex>"
    )
    site = {
        "/start": index.encode(),
        "/one": urlset(("/a", "2026-11-20"), ("/b", "2026-11-20")),
        "/two": urlset(("/c", "2026-11-20"), ("/d", "2026-11-20")),
    } | {name: page(f"{name}停水") for name in ("/a", "/b", "/c", "/d")}
    first, _, _ = visit(site, "sitemap")
    site["/start"] = site["/start"] + b"<!-- made anew -->"
    site["/one"] = urlset(("/a", "2026-11-20"))
    _, _, asked = visit(site, "sitemap", known(first))
    assert asked == ["/start", "/one", "/two", "/b"]


def test_when_no_page_can_be_read_the_site_was_changed():
    site = {"/start": urlset(*((f"/{n}", "2026-11-20") for n in range(4)))} | {
        f"/{n}": b"<html></html>" for n in range(4)
    }
    assert visit(site, "sitemap")[0].ending is Ending.DRIFT
