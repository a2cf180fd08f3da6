"""kill -9 at random moments: nothing lost, nothing doubled, the same incidents, cases and deliveries as without."""

import random
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from core.effects import Effects
from core.records import DeliveryState, Webhook
from core.storage.sqlite import SqliteStorage, open_storage
from core.topics import Topic
from tests import real
from tests.e2e.product import Serving, command, environment, until
from tests.records import NOON

POSTS = 20_000
KILLS = 20
SEED = 20261123
ALL = 100_000


def prepare(directory: Path, receiver: str) -> None:
    """A data directory with a receiver, so that cases make deliveries."""
    storage = open_storage(directory)
    hook = Webhook(id="w1", url=receiver, secrets=("whsec_dGVzdA==",), created_at=NOON)
    storage.commit(Effects(changes=[hook]))
    storage.close()


def importing(directory: Path, file: Path) -> "subprocess.Popen[bytes]":
    args = command("import", "--data-dir", directory, file)
    return subprocess.Popen(args, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def outcome(storage: SqliteStorage) -> dict[str, Any]:
    """What a person would find, by id; counts show doubles that a set would hide.

    Of the deliveries those of opened cases: how often a growing case is told again depends on how posts came in batches.
    """
    with storage._database.read() as sql:  # the test looks under the ports on purpose
        posts = sql.exec_driver_sql("SELECT id, incident FROM posts ORDER BY id").all()
        text = sql.exec_driver_sql("SELECT count(*) FROM post_text").scalar_one()
        raw = sql.exec_driver_sql("SELECT count(*), count(DISTINCT id) FROM log_posts_raw").one()
        analysed = sql.exec_driver_sql("SELECT count(*), count(DISTINCT id) FROM log_posts_analysed").one()
        rollup = sql.exec_driver_sql("SELECT sum(posts) FROM rollups WHERE dimension = 0").scalar_one()
        incidents = sql.exec_driver_sql("SELECT id FROM incidents ORDER BY id").scalars().all()
        cases = sql.exec_driver_sql("SELECT id, incident FROM cases ORDER BY id").all()
    return {
        "posts": posts,
        "text": text,
        "raw": tuple(raw),
        "analysed": tuple(analysed),
        "rollup": rollup,
        "incidents": incidents,
        "cases": [tuple(case) for case in cases],
        "opened": sorted(d.id for d in storage.store.deliveries(None, None, ALL) if d.event == "case.opened"),
    }


@pytest.mark.timeout(1200)
def test_an_import_killed_twenty_times_ends_like_one_that_was_not(tmp_path: Path, httpserver: HTTPServer) -> None:
    chance = random.Random(SEED)
    file = real.write_lines(tmp_path / "posts.jsonl", real.posts(POSTS))
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    prepare(killed, httpserver.url_for("/hook"))
    prepare(whole, httpserver.url_for("/hook"))
    kills = 0
    for _ in range(KILLS):
        process = importing(killed, file)
        time.sleep(chance.uniform(1.0, 4.0))
        kills += process.poll() is None
        process.kill()
        process.wait()
    assert importing(killed, file).wait(600) == 0
    assert importing(whole, file).wait(600) == 0

    storages = open_storage(killed), open_storage(whole)
    results = [outcome(storage) for storage in storages]
    for storage, result in zip(storages, results, strict=True):
        assert len(result["posts"]) == POSTS
        assert result["text"] == result["rollup"] == POSTS
        assert result["raw"] == result["analysed"] == (POSTS, POSTS)
        assert storage.log.progress("understand", Topic.POSTS_RAW).position == storage.log.end(Topic.POSTS_RAW)
        assert len(set(result["cases"])) == len(result["cases"]) > 0
        assert len(result["opened"]) == len(result["cases"]), "every case is told once"
        storage.close()
    assert results[0] == results[1]
    assert kills >= KILLS // 2, "most imports ended before they could be killed: make the import larger"
    deliver_among_kills(killed, chance, httpserver)


def deliver_among_kills(directory: Path, chance: random.Random, httpserver: HTTPServer) -> None:
    """Every delivery that is owed arrives, under its own id, though the sender dies again and again."""
    received: list[str] = []

    def receive(request: Request) -> Response:
        received.append(request.headers["webhook-id"])
        time.sleep(0.05)  # so that kills fall among the deliveries
        return Response(status=204)

    httpserver.expect_request("/hook").respond_with_handler(receive)
    for _ in range(3):
        with Serving(directory) as serving:
            time.sleep(chance.uniform(0.1, 0.8))
            serving.kill()
    storage = open_storage(directory)
    with Serving(directory):
        until(lambda: not storage.store.deliveries(None, DeliveryState.PENDING, 1), 200, "deliveries are left")
    settled = storage.store.deliveries(None, DeliveryState.DONE, ALL)
    storage.close()
    assert settled
    assert set(received) == {d.id for d in settled}
