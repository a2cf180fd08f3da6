"""The page of sources in a real Chromium: a feed is tried, added, visited, paused and taken away as OPML."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect, sync_playwright

from tests.e2e.axe import violations
from tests.e2e.browser import LAUNCH_ARGS, chromium
from tests.e2e.desk import logged_in
from tests.e2e.product import Serving, environment, huiying

TITLES = ("三号楼停水两天", "路灯坏了没人修")
ITEM = "<item><title>{0}</title><link>/post/{1}</link><guid>{1}</guid><description>{0}，请处理</description></item>"
FEED = '<rss version="2.0"><channel><title>镇街通报</title>{}</channel></rss>'.format(
    "".join(ITEM.format(title, number) for number, title in enumerate(TITLES))
)


@pytest.fixture
def feed() -> Iterator[str]:
    """The address of a feed with two posts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the standard library's name
            is_feed = self.path == "/feed.xml"
            self.send_response(200 if is_feed else 404)
            self.send_header("Content-Type", "application/rss+xml; charset=utf-8")
            self.end_headers()
            self.wfile.write(FEED.encode() if is_feed else b"")

        def log_message(self, *_: Any) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/feed.xml"
    server.shutdown()
    server.server_close()


@pytest.mark.timeout(300)
def test_a_feed_is_tried_added_visited_paused_and_taken_away(tmp_path: Path, feed: str) -> None:
    with Serving(tmp_path / "data") as serving, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium()), args=list(LAUNCH_ARGS))
        page = browser.new_page(viewport={"width": 1366, "height": 900}, reduced_motion="reduce")
        logged_in(page, serving)
        page.goto(f"{serving.url}/#/manage/sources")
        form = page.locator("form", has=page.get_by_role("heading", name="添加来源"))
        form.get_by_label("地址").fill(feed)
        form.get_by_role("button", name="试采").click()
        expect(form.get_by_text("找到 2 条")).to_be_visible()
        expect(form.get_by_text(TITLES[0])).to_be_visible()
        form.get_by_label("采集依据").fill("公开信息")
        form.get_by_role("button", name="添加").click()

        row = page.locator("tr", has_text=feed)
        expect(row).to_have_count(1)
        crawled = huiying(
            "crawl", "--data-dir", serving.data_dir, env=environment(HUIYING_ALLOW_INWARD='["127.0.0.0/8"]')
        )
        assert crawled.returncode == 0, crawled.stderr
        page.reload()
        row.get_by_role("button", name="详情").click()
        detail = page.locator("section", has=page.get_by_role("heading", name="采集记录"))
        expect(detail.locator("tbody tr")).to_have_count(1)
        expect(detail.locator("tbody tr")).to_contain_text("正常")
        expect(detail.get_by_role("img")).to_be_visible()
        assert violations(page) == []

        detail.get_by_role("button", name="暂停").click()
        expect(detail.get_by_role("button", name="恢复")).to_be_visible()
        detail.get_by_role("button", name="恢复").click()
        expect(detail.get_by_role("button", name="暂停")).to_be_visible()

        with page.expect_download() as taken:
            page.get_by_role("link", name="导出全部来源").click()
        opml = Path(taken.value.path()).read_text(encoding="utf-8")
        assert feed in opml
        page.get_by_label("导入 OPML 文件").set_input_files(
            {"name": "other.opml", "mimeType": "text/x-opml", "buffer": opml.replace("feed.xml", "other.xml").encode()}
        )
        expect(page.get_by_text("新增 1，已有 0，拒绝 0")).to_be_visible()
        cookies = {one["name"]: one["value"] for one in page.context.cookies()}
        listed = httpx.get(f"{serving.url}/api/v1/sources", cookies=cookies).json()["items"]
        assert {one["source"]["url"] for one in listed} == {feed, feed.replace("feed.xml", "other.xml")}
        browser.close()
