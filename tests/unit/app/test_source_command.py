"""`huiying source` from the command line."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pytest_httpserver import HTTPServer

from app.cli import cli
from core.storage.sqlite import open_storage

RSS = (
    '<rss version="2.0"><channel><title>镇街通报</title><item><guid>1</guid><title>积水</title>'
    "<pubDate>Mon, 01 Jun 2026 10:00:00 +0800</pubDate><description>滨江路又积水了</description></item></channel></rss>"
)
RULES = """
name: {en: mine}
list:
  url: "{url}"
  container: ul.news
  rows: ul.news > li
  fields: {url: "a::attr(href)", title: a}
  required: [url, title]
"""
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("HUIYING_ALLOW_INWARD", json.dumps(["127.0.0.0/8"]))
    monkeypatch.chdir(tmp_path)

    def call(*words: str, stdin: str = "") -> Result:
        given = ["source", *words, "--data-dir", str(tmp_path / "data")]
        return CliRunner().invoke(cli, given, input=stdin)

    return call


@pytest.fixture
def site(httpserver: HTTPServer) -> HTTPServer:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/rss").respond_with_data(RSS, content_type="application/rss+xml")
    news = '<ul class="news"><li><a href="/1">停水通知</a></li></ul>'
    httpserver.expect_request("/news").respond_with_data(news, content_type="text/html")
    return httpserver


def added(run: Run, url: str, *more: str) -> str:
    result = run("add", url, *more)
    assert result.exit_code == 0, result.output + str(result.exception)
    return result.stdout.strip().splitlines()[-1]


def test_what_a_visit_would_find_is_shown_and_nothing_is_stored(run: Run, site: HTTPServer, tmp_path: Path):
    result = run("test", site.url_for("/rss"))
    assert result.exit_code == 0, result.output
    assert "积水" in result.stdout
    assert not (tmp_path / "data" / "huiying.db").exists()


def test_rules_of_ones_own_are_tried_and_a_changed_site_ends_with_an_error(run: Run, site: HTTPServer, tmp_path: Path):
    (tmp_path / "mine.yaml").write_text(RULES, encoding="utf-8")
    good = run("test", site.url_for("/news"), "--rules", "mine.yaml")
    assert (good.exit_code, "停水通知" in good.stdout) == (0, True)
    (tmp_path / "mine.yaml").write_text(RULES.replace("ul.news", "ul.gone"), encoding="utf-8")
    changed = run("test", site.url_for("/news"), "--rules", "mine.yaml")
    assert (changed.exit_code, "drift" in changed.stderr) == (1, True)


def test_a_source_is_added_listed_paused_resumed_and_removed(run: Run, site: HTTPServer):
    id_ = added(run, site.url_for("/rss"), "--basis", "公开订阅源", "--approved-by", "王某")
    assert f"{id_}\tnew" in run("list").stdout
    run("pause", id_, "--why", "改版")
    assert f"{id_}\tpaused" in run("list").stdout
    run("resume", id_)
    assert f"{id_}\tnew" in run("list").stdout
    run("remove", id_)
    assert id_ not in run("list").stdout


def test_a_login_is_read_from_standard_input_and_nowhere_shown(run: Run, site: HTTPServer, tmp_path: Path):
    id_ = added(run, site.url_for("/rss"), "--kind", "feed")
    result = run("cookie", id_, stdin="SUB=very-secret\n")
    assert (result.exit_code, "very-secret" in result.output) == (0, False)
    storage = open_storage(tmp_path / "data")
    assert b"very-secret" not in (storage.store.cookie(id_) or b"")
    assert storage.store.cookie(id_) is not None
    storage.close()
    run("cookie", id_, "--remove")
    assert "very-secret" not in run("show", id_).output


def test_opml_comes_in_and_goes_out(run: Run, tmp_path: Path):
    (tmp_path / "feeds.opml").write_text(
        '<opml version="2.0"><body><outline text="甲" xmlUrl="https://a.example/rss"/></body></opml>', encoding="utf-8"
    )
    assert len(run("import", "feeds.opml").stdout.split()) == 1
    assert "https://a.example/rss" in run("export").stdout


def test_robots_are_overridden_only_with_a_reason(run: Run, site: HTTPServer):
    assert run("add", site.url_for("/rss"), "--kind", "feed", "--robots", "override").exit_code == 2
    assert added(run, site.url_for("/rss"), "--kind", "feed", "--robots", "override", "--robots-reason", "自建桥")


def test_kinds_are_listed_with_their_options(run: Run):
    assert "liuyan\t人民网领导留言板" in run("kinds").stdout
