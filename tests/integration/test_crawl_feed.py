"""The spider against real local servers, two visits to each, in one process that crawls (see crawl_process.py)."""

import gzip
import json
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from core.records import Ending, Source
from crawlers.results import CrawlResult
from crawlers.settings import Limits
from tests.servers.certificates import certificates

LIMITS = Limits(delay_s=0, timeout_s=1.0, max_bytes=100_000, max_redirects=3)

ITEM = """<item><title>{title}</title><link>/post/{key}</link><guid isPermaLink="false">{key}</guid>
<pubDate>Mon, 23 Nov 2026 10:00:00 +0800</pubDate>
<description>&lt;p onclick="steal()"&gt;{text}&lt;script&gt;steal()&lt;/script&gt;&lt;/p&gt;</description></item>"""
RSS = '<rss version="2.0"><channel><title>镇街通报</title>{items}</channel></rss>'
ATOM = """<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><entry>
<id>urn:x:7</id><title>路灯坏了</title><link href="https://forum.example/7"/><updated>2026-11-23T01:02:03Z</updated>
<author><name>路人</name></author><category term="市政"/>
<content type="html">&lt;p&gt;东门路灯三天没亮&lt;/p&gt;</content></entry></feed>"""
JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "t",
    "items": [
        {
            "id": 12,
            "url": "/a",
            "title": "停水",
            "content_text": "北区停水",
            "date_published": "2026-11-23T12:00:00+08:00",
        },
        {
            "id": "13",
            "content_html": "<p>停电</p>",
            "authors": [{"name": "甲"}],
            "date_modified": "2026-11-23T12:00:00Z",
        },
        {"id": "14", "title": ["broken"]},
    ],
}
ROBOTS = "User-agent: *\nDisallow: /private/\n"


def rss(*titles: str) -> str:
    """A feed with an item per title."""
    return RSS.format(items="".join(ITEM.format(key=t, title=t, text=t + "，请处理") for t in titles))


def conditional(body: str, header: str, value: str, condition: str) -> Callable[[Request], Response]:
    """A resource that answers 304 to the right condition."""

    def answer(request: Request) -> Response:
        if request.headers.get(condition) == value:
            return Response(status=304)
        return Response(body, headers={header: value}, content_type="application/xml")

    return answer


def slow(_: Request) -> Response:
    time.sleep(2)
    return Response(rss("慢"))


def lost(_: Request) -> Response:
    """Promises more than it sends."""
    return Response(iter([rss("断线").encode()]), headers={"Content-Length": "9999"}, content_type="application/xml")


def endless(_: Request) -> Response:
    return Response((b"<!-- %d -->" % n * 50 for n in range(10**9)), content_type="application/xml")


def drip(_: Request) -> Response:
    """A byte now and then: never silent for long, never done."""

    def bytes_() -> Iterator[bytes]:
        for _ in range(20):
            time.sleep(0.2)
            yield b" "

    return Response(bytes_(), content_type="application/xml")


def serve(site: HTTPServer) -> None:
    """Every way a source behaves or misbehaves."""
    xml = {"content_type": "application/xml"}

    def at(path: str, body: str | bytes = "", **answer: Any) -> None:
        site.expect_request(path).respond_with_data(body, **(xml | answer))

    at("/robots.txt", ROBOTS, content_type="text/plain")
    site.expect_request("/rss").respond_with_handler(conditional(rss("积水", "噪声"), "ETag", '"1"', "If-None-Match"))
    day = "Mon, 23 Nov 2026 01:00:00 GMT"
    site.expect_request("/atom").respond_with_handler(conditional(ATOM, "Last-Modified", day, "If-Modified-Since"))
    at("/hash", rss("占道"))
    at("/json", json.dumps(JSON_FEED), content_type="text/plain")
    at("/gbk", rss("某路积水严重").encode("gbk"))
    at(
        "/page",
        '<html><head><link rel="alternate" type="application/rss+xml" href="/named"></head></html>',
        content_type="text/html",
    )
    at("/named", rss("发现"))
    at("/500", "broken", status=500)
    at("/403", "no", status=403)
    at("/private/feed", rss("秘密"))
    at("/garbage", b"\x00\xff\xfe not a feed at all")
    at("/cut", rss("上半", "下半")[:-150])
    site.expect_request("/lost").respond_with_handler(lost)
    at("/none", RSS.format(items=""))
    at("/inward", "", status=302, headers={"Location": "http://10.0.0.1/feed"})
    at("/loop", "", status=302, headers={"Location": "/loop"})
    at("/large", rss("大" * 60_000))
    at("/bomb", gzip.compress(b"0" * 50_000_000), headers={"Content-Encoding": "gzip"})
    site.expect_request("/slow").respond_with_handler(slow)
    site.expect_request("/drip").respond_with_handler(drip)
    site.expect_request("/endless").respond_with_handler(endless)
    at("/charset", rss("某路积水").encode("gbk"), content_type="application/xml; charset=utf-8")
    at("/login", "<html><title>用户登录</title><form><input type='password'></form></html>", content_type="text/html")
    at("/captcha", "<html><title>安全验证</title>请完成下列验证</html>", content_type="text/html")


def tls(folder: Path) -> ssl.SSLContext:
    """Of a server whose authority nobody knows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates(folder).server)
    return context


def serve_cooling(site: HTTPServer, status: int, retry_after: str) -> None:
    site.expect_request("/robots.txt").respond_with_data("", status=404)
    site.expect_request("/feed").respond_with_data("later", status=status, headers={"Retry-After": retry_after})
    site.expect_request("/other").respond_with_data(rss("不该被取"))


@dataclass
class Visits:
    """Results of the first and the second visit by source, the items of the first, and the requests that arrived."""

    first: dict[str, CrawlResult]
    second: dict[str, CrawlResult]
    items: list[dict[str, Any]]
    requests: list[Request]

    def of(self, source: str) -> list[dict[str, Any]]:
        return [item for item in self.items if item["source"] == source]


def source(id_: str, url: str) -> Source:
    return Source(
        id=id_, kind="feed", url=url, name=id_, jurisdiction="990100", created_at=datetime(2026, 1, 1, tzinfo=UTC)
    )


@pytest.fixture(scope="module")
def visits(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visits]:
    """Both visits to all sources."""
    folder = tmp_path_factory.mktemp("certificates")
    with (
        HTTPServer(threaded=True) as site,
        HTTPServer(threaded=True) as asks_429,
        HTTPServer(threaded=True) as asks_503,
        HTTPServer(threaded=True) as robots_500,
        HTTPServer(threaded=True, ssl_context=tls(folder)) as unknown_authority,
    ):
        serve(site)
        serve_cooling(asks_429, 429, "120")
        serve_cooling(asks_503, 503, "Mon, 23 Nov 2026 07:10:00 GMT")
        robots_500.expect_request("/robots.txt").respond_with_data("broken", status=500)
        robots_500.expect_request("/feed").respond_with_data(rss("不该被取"))
        unknown_authority.expect_request("/feed").respond_with_data(rss("不该被取"))
        names = (
            "rss atom hash json gbk charset page 500 403 private/feed garbage cut lost none inward loop large bomb slow drip"
            " endless login captcha"
        )
        sources = [source(name, site.url_for(f"/{name}")) for name in names.split()]
        sources += [source("429", asks_429.url_for("/feed")), source("429 too", asks_429.url_for("/other"))]
        sources += [source("503", asks_503.url_for("/feed")), source("robots 500", robots_500.url_for("/feed"))]
        sources += [source("tls", unknown_authority.url_for("/feed").replace("localhost", "127.0.0.1"))]
        sources += [source("loopback 10", "http://10.1.2.3/feed"), source("closed", "http://127.0.0.1:1/feed")]
        sources += [
            source("no host", "http://nowhere.invalid/feed"),
            source("file", "file:///etc/hosts"),
            source("no url", "x"),
        ]
        answer = crawl_in_process([sources, sources])
        first, second = (
            {r.source: r for r in msgspec.convert(results, list[CrawlResult])} for results in answer["results"]
        )
        requests = [request for request, _ in site.log + asks_429.log + asks_503.log]
        yield Visits(first, second, answer["items"][0], requests)


def crawl_in_process(rounds: list[list[Source]]) -> dict[str, Any]:
    task = msgspec.json.encode({"rounds": rounds, "limits": LIMITS, "allow": ["127.0.0.0/8"]})
    command = [sys.executable, "-m", "tests.integration.crawl_process"]
    done = subprocess.run(command, input=task, capture_output=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr.decode()
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_an_rss_entry_becomes_an_item_of_the_push_api(visits: Visits) -> None:
    first, _ = visits.of("rss")

    assert visits.first["rss"].ending is Ending.OK
    assert (first["id"], first["title"], first["platform"], first["jurisdiction"]) == ("积水", "积水", "feed", "990100")
    assert first["at"] == "2026-11-23T02:00:00+00:00"
    assert first["url"].startswith("http://")
    assert first["extra"]["at_as_written"] == "Mon, 23 Nov 2026 10:00:00 +0800"


def test_script_and_handlers_are_gone_from_the_html(visits: Visits) -> None:
    assert visits.of("rss")[0]["html"] == "<p>积水，请处理</p>"


def test_an_atom_entry_has_its_author_tags_and_updated_time(visits: Visits) -> None:
    (entry,) = visits.of("atom")

    assert (entry["id"], entry["author"], entry["extra"]["tags"]) == ("urn:x:7", "路人", "市政")
    assert entry["at"] == "2026-11-23T01:02:03+00:00"


def test_a_json_feed_is_read_and_its_broken_item_is_counted(visits: Visits) -> None:
    water, power = visits.of("json")

    assert (water["id"], water["text"]) == ("12", "北区停水")
    assert water["url"].endswith("/a")
    assert (power["html"], power["author"]) == ("<p>停电</p>", "甲")
    assert visits.first["json"].detail == "1 items break the format"


def test_a_gbk_feed_without_declaration_is_read(visits: Visits) -> None:
    assert visits.of("gbk")[0]["title"] == "某路积水严重"


def test_a_wrong_declaration_does_not_spoil_the_words(visits: Visits) -> None:
    assert visits.of("charset")[0]["title"] == "某路积水"


def test_a_page_leads_to_the_feed_it_names(visits: Visits) -> None:
    assert [item["title"] for item in visits.of("page")] == ["发现"]
    assert visits.first["page"].state["feed_url"].endswith("/named")
    assert visits.second["page"].ending is Ending.NOT_MODIFIED


@pytest.mark.parametrize("name", ["rss", "atom"])
def test_the_second_visit_is_conditional(visits: Visits, name: str) -> None:
    assert (visits.second[name].ending, visits.second[name].status) == (Ending.NOT_MODIFIED, 304)
    assert visits.second[name].state == visits.first[name].state


def test_the_same_content_is_not_modified_even_without_validators(visits: Visits) -> None:
    assert (visits.second["hash"].ending, visits.second["hash"].status) == (Ending.NOT_MODIFIED, 200)


@pytest.mark.parametrize(("name", "pause"), [("429", 120.0), ("503", 600.0)])
def test_a_server_that_asks_for_a_pause_gets_it(visits: Visits, name: str, pause: float) -> None:
    result = visits.first[name]

    assert (result.ending, result.status, result.retry_after_s) == (Ending.ASKED_TO_WAIT, int(name), pause)


def test_a_cooling_server_is_asked_for_nothing_more(visits: Visits) -> None:
    assert visits.first["429 too"].ending is Ending.ASKED_TO_WAIT
    assert not [request for request in visits.requests if request.path == "/other"]


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("500", Ending.HTTP_ERROR),
        ("403", Ending.BLOCKED),
        ("private/feed", Ending.ROBOTS),
        ("garbage", Ending.PARSE_ERROR),
        ("lost", Ending.CONNECTION),
        ("none", Ending.EMPTY),
        ("inward", Ending.INWARD_ADDRESS),
        ("loop", Ending.HTTP_ERROR),
        ("large", Ending.TOO_LARGE),
        ("bomb", Ending.TOO_LARGE),
        ("slow", Ending.TIMEOUT),
        ("drip", Ending.TIMEOUT),
        ("endless", Ending.TOO_LARGE),
        ("robots 500", Ending.ROBOTS),
        ("tls", Ending.TLS),
        ("login", Ending.LOGIN),
        ("captcha", Ending.CAPTCHA),
        ("loopback 10", Ending.INWARD_ADDRESS),
        ("file", Ending.BAD_ADDRESS),
        ("no url", Ending.BAD_ADDRESS),
        ("closed", Ending.CONNECTION),
        ("no host", Ending.DNS),
    ],
)
def test_a_failure_has_its_reason_and_brings_no_items(visits: Visits, name: str, ending: Ending) -> None:
    assert visits.first[name].ending is ending
    assert visits.of(name) == []


def test_a_failure_does_not_move_the_state(visits: Visits) -> None:
    failed = [result for result in visits.first.values() if not result.ending.went_well]

    assert all(result.state == {} for result in failed)


def test_a_feed_that_breaks_off_gives_its_whole_entries(visits: Visits) -> None:
    assert visits.of("cut")[0]["title"] == "上半"
    assert visits.first["cut"].detail != ""


def test_what_robots_forbids_is_never_requested(visits: Visits) -> None:
    assert not [request for request in visits.requests if request.path.startswith("/private")]


def test_we_say_who_we_are(visits: Visits) -> None:
    agents = {request.headers["User-Agent"] for request in visits.requests}

    assert agents == {"Huiying/0 (+https://example.invalid/contact)"}


def test_no_cookie_and_no_repeat_within_a_visit(visits: Visits) -> None:
    for path in ("/500", "/garbage", "/feed"):
        assert len([request for request in visits.requests if request.path == path]) <= 4
    assert not [request for request in visits.requests if "Cookie" in request.headers]
