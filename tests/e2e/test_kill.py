"""kill -9 at random moments of an import: nothing lost, nothing doubled, the same incidents as without."""

import random
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from core.effects import Effects
from core.records import Webhook
from core.storage.sqlite import SqliteStorage, open_storage
from core.topics import Topic
from tests import real
from tests.e2e.product import command, environment
from tests.records import NOON

POSTS = 20_000
KILLS = 20
SEED = 20261123


def prepare(directory: Path) -> None:
    """A data directory with a receiver, so that cases make deliveries."""
    storage = open_storage(directory)
    hook = Webhook(id="w1", url="https://receiver.example/hook", secrets=("whsec_dGVzdA==",), created_at=NOON)
    storage.commit(Effects(changes=[hook]))
    storage.close()


def importing(directory: Path, file: Path) -> "subprocess.Popen[bytes]":
    args = command("import", "--data-dir", directory, file)
    return subprocess.Popen(args, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def outcome(storage: SqliteStorage) -> dict[str, Any]:
    """What a person would find, by id; counts show doubles that a set would hide."""
    with storage._database.read() as sql:  # the test looks under the ports on purpose
        posts = sql.exec_driver_sql("SELECT id, incident FROM posts ORDER BY id").all()
        text = sql.exec_driver_sql("SELECT count(*) FROM post_text").scalar_one()
        raw = sql.exec_driver_sql("SELECT count(*), count(DISTINCT id) FROM log_posts_raw").one()
        analysed = sql.exec_driver_sql("SELECT count(*), count(DISTINCT id) FROM log_posts_analysed").one()
        rollup = sql.exec_driver_sql("SELECT sum(posts) FROM rollups WHERE dimension = 0").scalar_one()
        incidents = sql.exec_driver_sql("SELECT id, version FROM incidents ORDER BY id").all()
        cases = sql.exec_driver_sql("SELECT id, incident, level FROM cases ORDER BY id").all()
        outbox = sql.exec_driver_sql("SELECT id FROM outbox ORDER BY id").all()
    return {
        "posts": posts,
        "text": text,
        "raw": tuple(raw),
        "analysed": tuple(analysed),
        "rollup": rollup,
        "incidents": [i for i, _ in incidents],
        "cases": [(c, i) for c, i, _ in cases],
        "opened": len(outbox) >= len(cases),
    }


@pytest.mark.timeout(1200)
def test_an_import_killed_twenty_times_ends_like_one_that_was_not(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    file = real.write_lines(tmp_path / "posts.jsonl", real.posts(POSTS))
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    prepare(killed)
    prepare(whole)
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
        assert storage.log.committed("understand", Topic.POSTS_RAW) == storage.log.end(Topic.POSTS_RAW)
        assert len(set(result["cases"])) == len(result["cases"])
        storage.close()
    assert results[0] == results[1]
    assert kills >= KILLS // 2, "most imports ended before they could be killed: make the import larger"
