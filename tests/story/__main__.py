"""Plays the story twice, once left alone and once with 50 kills at random moments, and compares what is left.

`python -m tests.story [KILLS] [SEED]`
"""

import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx

from tests.e2e import test_outage_story as story
from tests.servers.process import free_ports

T = TypeVar("T")
START_S = 120
WHO = "王"


class Remote:
    """The office in another process, as the story speaks to it; a step that was cut off is taken again."""

    def __init__(self, folder: Path, kills: int, seed: int) -> None:
        self.folder = folder
        self.now = story.BEGIN
        self.pushed = 0
        self.kills = kills
        self.killed = 0
        self.chance = random.Random(seed)
        self.arm = False
        self.start()

    def start(self) -> None:
        (port,) = free_ports(1)
        (self.folder / "token").unlink(missing_ok=True)
        args = [sys.executable, "-m", "tests.story.server", str(self.folder), str(port), self.now.isoformat()]
        self.process = subprocess.Popen(args)
        self.url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + START_S
        while not self._up():
            assert time.monotonic() < deadline, "the server did not start"
            assert self.process.poll() is None, "the server ended"
            time.sleep(0.1)
        token = (self.folder / "token").read_text()
        self.http = httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {token}"}, timeout=120)

    def _up(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz", timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    def step(self, call: Callable[[], T]) -> T:
        """Do it, whatever happens to the server meanwhile; sometimes something does."""
        while True:
            timer = None
            if self.arm and self.killed < self.kills and self.chance.random() < 0.35:
                timer = threading.Timer(self.chance.random() ** 2 * 1.5, self.process.kill)
                timer.start()
            try:
                return call()
            except httpx.TransportError:
                self.process.wait()
                self.killed += 1
                self.start()
            finally:
                if timer is not None:
                    timer.cancel()
                    timer.join()

    def send(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self.http.request(method, path, headers={"X-Now": self.now.isoformat()}, **more)

    def later(self, span: timedelta, posts: int = 0, rumours: int = 0, about: str = "湖畔雅苑") -> None:
        begin, self.now = self.now, self.now + span
        items = story.posts_between(begin, span, self.pushed, posts, rumours, about)
        self.pushed += posts
        if items:
            told = self.step(lambda: self.send("POST", "/api/v1/posts", json=items)).json()
            assert told["accepted"] + told["duplicate"] == posts, told
        assert self.step(lambda: self.send("POST", "/_due")).status_code == 204

    def get(self, path: str, **params: Any) -> Any:
        answer = self.step(lambda: self.send("GET", f"/api/v1/{path}", params=params))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def do(self, id_: str, move: str, /, **body: object) -> Any:
        version = self.get(f"cases/{id_}")["case"]["version"]
        given = {**body, "version": version}
        answer = self.step(lambda: self.send("POST", f"/api/v1/cases/{id_}/{move}", json=given))
        if answer.status_code == 409 and answer.json()["type"].endswith("#stale"):
            assert [one["who"] for one in answer.json()["happened"]] == [WHO], "it was done before the kill"
            return self.get(f"cases/{id_}")["case"]
        assert answer.status_code == 200, (move, answer.text)
        return answer.json()["case"]


def left(office: Remote, hook: str) -> dict[str, Any]:
    """What the story leaves: cases with their audit, incidents, and what the webhook is sent; without random ids."""
    cases = [office.get(f"cases/{one['id']}") for one in office.get("cases", limit=200)["items"]]
    sent = office.get(f"webhooks/{hook}/deliveries", limit=200)["items"]
    for file in cases:
        for task in file["case"]["tasks"]:
            task["id"] = ""
    return {
        "cases": {file["case"]["id"]: file["case"] for file in cases},
        "audit": {
            file["case"]["id"]: [(r["at"], r["action"], r["who"], r["why"]) for r in file["audit"]] for file in cases
        },
        "incidents": [one["incident"] for one in office.get("incidents", limit=200)["items"]],
        "sent": sorted((one["event"], one["created_at"]) for one in sent),
    }


def play(kills: int, seed: int) -> tuple[dict[str, Any], int]:
    """The story to its end."""
    with tempfile.TemporaryDirectory() as folder:
        office = Remote(Path(folder), kills, seed)
        hook = office.send("POST", "/api/v1/webhooks", json={"url": "https://example.org/hook"}).json()["id"]
        office.arm = True
        case = story._it_rises(office)  # type: ignore[arg-type]  # it speaks as the office does
        story._it_is_handled(office, case)  # type: ignore[arg-type]
        story._it_is_answered_and_calms_down(office, case)  # type: ignore[arg-type]
        story._it_is_evaluated(office, case)  # type: ignore[arg-type]
        story._a_day_later_it_flares_up(office, case)  # type: ignore[arg-type]
        office.arm = False
        found = left(office, hook)
        office.process.kill()
        office.process.wait()
        return found, office.killed


def main(kills: int = 50, seed: int = 1) -> None:
    """Print what differs; exit status 1 when anything does."""
    began = time.monotonic()
    alone, _ = play(0, 0)
    killed, times = play(kills, seed)
    differ = [part for part in alone if alone[part] != killed[part]]
    sys.stdout.write(
        f"killed {times} times in {time.monotonic() - began:.0f} s: {len(killed['cases'])} cases,"
        f" {sum(map(len, killed['audit'].values()))} audit rows, {len(killed['incidents'])} incidents: "
        + ("the same" if not differ else f"DIFFERENT in {', '.join(differ)}")
        + "\n"
    )
    for part in differ:
        Path(f"/tmp/story-{part}.json").write_text(
            json.dumps([alone[part], killed[part]], ensure_ascii=False, indent=1)
        )
    sys.exit(bool(differ))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
