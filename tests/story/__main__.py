"""Plays the story twice, once left alone and once with 50 kills at random moments, and compares what is left.

`python -m tests.story [KILLS] [SEED]`
"""

import json
import logging
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from pytest_httpserver import HTTPServer

from tests.e2e import test_outage_story as story
from tests.e2e.listeners import Listeners
from tests.e2e.timed import BEGIN, BOSS, Timed
from tests.servers.process import free_ports

START_S = 120
ARMED = 0.5
"""The share of requests in which the server may be killed."""


class Remote(Timed):
    """The office in another process; a request that was cut off is sent again."""

    http: httpx.Client

    def __init__(self, folder: Path, kills: int, seed: int) -> None:
        super().__init__(BEGIN)
        self.folder = folder
        self.kills = kills
        self.killed = 0
        self.chance = random.Random(seed)
        self.arm = False
        self.took: dict[str, float] = defaultdict(lambda: 0.3)
        """Seconds that a request of a kind took last."""
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

    def step(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Do it, whatever happens to the server meanwhile; sometimes something does, mostly before it is done."""
        kind = f"{method} {path.rpartition('/')[2]}"
        while True:
            timer = None
            if self.arm and self.killed < self.kills and self.chance.random() < ARMED:
                timer = threading.Timer(self.chance.random() * 1.2 * self.took[kind], self.process.kill)
                timer.start()
            began = time.monotonic()
            try:
                answer = self.http.request(method, path, **more)
            except httpx.TransportError:
                self.process.wait()
                self.killed += 1
                self.start()
            else:
                self.took[kind] = time.monotonic() - began
                return answer
            finally:
                if timer is not None:
                    timer.cancel()
                    timer.join()

    def send(self, method: str, path: str, who: str = BOSS, **more: Any) -> httpx.Response:
        return self.step(method, f"/api/v1/{path}", headers={"X-Now": self.now.isoformat(), **self.people[who]}, **more)

    def due(self) -> None:
        assert self.step("POST", "/_due", headers={"X-Now": self.now.isoformat()}).status_code == 204

    def change(self, path: str, body: dict[str, Any], who: str = BOSS) -> Any:
        killed, answer = self.killed, self.send("POST", path, who, json=body)
        if answer.status_code == 409 and self.killed > killed:
            assert [one["who"] for one in answer.json().get("happened", [])] in ([], [who]), (
                "it was done before the kill"
            )
            return self.get("/".join(path.split("/")[:2]))
        assert answer.status_code == 200, (path, answer.text)
        return answer.json()


def left(office: Remote, cast: story.Cast) -> dict[str, Any]:
    """What the story leaves: cases with their audit, incidents, notices, and what was sent; without random ids."""
    cases = [office.get(f"cases/{one['id']}") for one in office.all("cases")]
    sent = office.get(f"webhooks/{cast.hook}/deliveries", limit=200)["items"]
    for file in cases:
        for task in file["case"]["tasks"]:
            task["id"] = ""
    return {
        "cases": {file["case"]["id"]: file["case"] for file in cases},
        "audit": {
            file["case"]["id"]: [(r["at"], r["action"], r["who"], r["why"]) for r in file["audit"]] for file in cases
        },
        "drafts": {
            file["case"]["id"]: [(d["id"], d["status"], d["version"]) for d in file["drafts"]] for file in cases
        },
        "incidents": [one["incident"] for one in office.get("incidents", limit=200)["items"]],
        "notices": [{**one, "members": [], "deliveries": len(one["deliveries"])} for one in office.all("notices")],
        "sent": sorted((one["event"], one["created_at"], one["state"]) for one in sent),
        "received": len(cast.heard.events) - len(sent),
        "read": sorted(
            {(one["content"].partition("确认：")[0], *one.get("mentioned_list", [])) for one in cast.heard.messages}
        ),
    }


def play(kills: int, seed: int) -> tuple[dict[str, Any], int]:
    """The story to its end."""
    with tempfile.TemporaryDirectory() as name, HTTPServer() as server:
        folder = Path(name)
        story.office_without_facts(folder)
        office = Remote(folder, kills, seed)
        try:
            cast = story.the_cast(office, Listeners(server))
            office.arm = True
            story.the_whole_story(office)
            office.arm = False
            office.later(timedelta(hours=1))
            return left(office, cast), office.killed
        finally:
            office.process.kill()
            office.process.wait()


def main(kills: int = 50, seed: int = 1) -> None:
    """Print what differs; exit status 1 when anything does, or when the story ended before all kills."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    began = time.monotonic()
    alone, _ = play(0, 0)
    killed, times = play(kills, seed)
    differ = [part for part in alone if alone[part] != killed[part]]
    differ += ["kills"] if times < kills else []
    sys.stdout.write(
        f"killed {times} times in {time.monotonic() - began:.0f} s: {len(killed['cases'])} cases,"
        f" {sum(map(len, killed['audit'].values()))} audit rows, {len(killed['incidents'])} incidents,"
        f" {len(killed['notices'])} notices, {len(killed['sent'])} events to a webhook: "
        + ("the same" if not differ else f"DIFFERENT in {', '.join(differ)}")
        + "\n"
    )
    for part in alone.keys() & differ:
        Path(f"/tmp/story-{part}.json").write_text(
            json.dumps([alone[part], killed[part]], ensure_ascii=False, indent=1)
        )
    sys.exit(bool(differ))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
