"""The product with a clock that the test turns: posts are pushed by HTTP, then time does what is due.

`Timed` is how a story speaks to it, wherever it runs; `Office` runs it in this process.
"""

import asyncio
import threading
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import httpx
from fastapi.testclient import TestClient
from pydantic import SecretStr

from api.app import create_app
from api.auth import COOKIE, CSRF_HEADER, issue
from app.chores import office_chores
from app.compose import Workshop, build_product
from core.effects import Effects
from core.records import Role
from core.settings import Settings
from core.telemetry import Metrics
from tests.e2e.outage import VOICES

BEGIN = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
"""Nine in the morning in Shanghai, a Monday."""
BOSS = "王"
"""An administrator, who is there from the start."""
TIMED = ("clocks", "notices", "signals", "deliver")
SAYS = ("。", "！", "，求转发", "，到底谁负责", "，什么时候来水", "，急急急", "，物业不管", "，已经打了12345")
RUMOURS = (
    "听说湖畔雅苑停水是水厂投毒，水里有毒",
    "网传湖畔雅苑水源被污染，据说死了人",
    "有人说湖畔雅苑的水能喝死人，转发扩散",
)
PASSWORD = "a long enough password"


class Timed:
    """An office by HTTP. Who makes one says how a request is sent (`send`) and how what time made due is done (`due`)."""

    http: httpx.Client | TestClient

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.pushed = 0
        self.people: dict[str, dict[str, str]] = {BOSS: {}}
        """What a person's requests carry beside what the boss's do."""

    def send(self, method: str, path: str, who: str = BOSS, **more: Any) -> Any:
        """One request of that person's, below `/api/v1/`."""
        raise NotImplementedError

    def due(self) -> None:
        """Do what time has made due."""
        raise NotImplementedError

    def later(self, span: timedelta, posts: int = 0, rumours: int = 0, about: str = "湖畔雅苑") -> None:
        """`span` goes by in which so many posts come; then time does what is due."""
        begin, self.now = self.now, self.now + span
        items = posts_between(begin, span, self.pushed, posts, rumours, about)
        self.pushed += posts
        if items:
            told = self.send("POST", "posts", json=items).json()
            assert told["accepted"] + told["duplicate"] == posts, told
        self.due()

    def get(self, path: str, **params: object) -> Any:
        """What is there."""
        answer = self.send("GET", path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def all(self, path: str, **params: object) -> list[Any]:
        """The items of every page."""
        found: list[Any] = []
        more: dict[str, object] = {}
        while True:
            page = self.get(path, limit=200, **params, **more)
            found += page["items"]
            if not page.get("cursor"):
                return found
            more = {"cursor": page["cursor"]}

    def make(self, path: str, body: dict[str, Any], method: str = "POST") -> Any:
        """Something new, or another version of it."""
        answer = self.send(method, path, json=body)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()

    def change(self, path: str, body: dict[str, Any], who: str = BOSS) -> Any:
        """What becomes of it, over the version that the body names."""
        answer = self.send("POST", path, who, json=body)
        assert answer.status_code == 200, (path, answer.text)
        return answer.json()

    def do(self, id_: str, move: str, /, **body: object) -> Any:
        """The case after a move."""
        version = self.get(f"cases/{id_}")["case"]["version"]
        return self.change(f"cases/{id_}/{move}", {**body, "version": version})["case"]

    def invite(self, name: str, role: Role) -> None:
        """One more person, by a one-time link; who is meant logs in with it."""
        code = self.make("people", {"role": role})["code"]
        account = {"code": code, "name": name, "password": PASSWORD}
        session = self.send("POST", "setup", json=account).cookies[COOKIE]
        self.http.cookies.clear()
        self.people[name] = {"Authorization": "", "Cookie": f"{COOKIE}={session}", CSRF_HEADER: "1"}


class Office(Timed):
    """It in this process."""

    http: TestClient

    def __init__(self, folder: Path, now: datetime = BEGIN, policy_dir: Path | None = None) -> None:
        super().__init__(now)
        settings = Settings(
            data_dir=folder / "data",
            jurisdiction="990100",
            encoder="off",
            salt=SecretStr("story"),
            policy_dir=policy_dir,
            allow_inward=(ip_network("127.0.0.0/8"),),
        )
        self.product = build_product(settings, lambda: self.now, chores=False)
        workshop = Workshop(settings, self.product.storage)
        storage, decide, maker = self.product.storage, workshop.decide, lambda: workshop.maker
        made = office_chores(settings, storage, decide, maker, Metrics(), lambda: self.now)
        self.chores = [chore for name in TIMED for chore in made if chore.name == name]
        self.secret, token = issue("token", BOSS, Role.ADMIN, self.now, None)
        self.product.storage.commit(Effects(changes=[token]))
        self.http = TestClient(create_app(self.product.parts), headers={"Authorization": f"Bearer {self.secret}"})
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_until_complete, args=(self.product.runner.run(),))
        self.thread.start()

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.product.runner.stop)
        self.thread.join(30)
        self.product.storage.close()

    def send(self, method: str, path: str, who: str = BOSS, **more: Any) -> Any:
        return self.http.request(method, f"/api/v1/{path}", headers=self.people[who], **more)

    def due(self) -> None:
        asyncio.run_coroutine_threadsafe(self._due(), self.loop).result(60)

    async def due_elsewhere(self) -> None:
        """The same for a caller in another event loop than the office's."""
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._due(), self.loop))

    async def _due(self) -> None:
        await self.product.runner.drained()
        for chore in self.chores:
            while await chore.run():
                pass


def posts_between(
    begin: datetime, span: timedelta, first: int, posts: int, rumours: int, about: str
) -> list[dict[str, object]]:
    """So many posts over a span, the first of them rumours; `first` is how many there were before."""
    return [_post(first + n, begin + span * (n + 1) / (posts + 1), about, rumour=n < rumours) for n in range(posts)]


def _post(n: int, at: datetime, about: str, *, rumour: bool) -> dict[str, object]:
    said = RUMOURS[n % len(RUMOURS)] if rumour else VOICES[n % len(VOICES)]
    text = said.replace("湖畔雅苑", about) + SAYS[n // len(VOICES) % len(SAYS)] + f"，{n % 40 + 1}栋住户"
    return {"id": f"p{n}", "source": "forum.test", "at": at.isoformat(), "author": f"业主{n % 400}", "text": text}
