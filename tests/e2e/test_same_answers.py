"""The same 20 000 posts through both runners: the same incidents, the same cases, the same search answers."""

import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from core.ports import CaseQuery, IncidentQuery, PostQuery, Storage, lag
from core.storage.sqlite import open_storage
from stream.topology import TOPOLOGY
from tests import real
from tests.e2e.composed import Composed
from tests.e2e.product import ROOT, command, environment
from tests.servers.distributed import Distributed

POSTS = 20_000
DRAINED_S = 400
PAGE = 200
WORDS = ("地铁", "学校 -放假", '"身份证"', "水 OR 电", "老师", "路", "wifi")


def everything(storage: Storage) -> dict[str, Any]:
    """What a person would find, by id."""
    index = storage.index
    posts = _all(lambda cursor: index.posts(PostQuery(limit=PAGE, cursor=cursor)))
    incidents = _all(lambda cursor: index.incidents(IncidentQuery(limit=PAGE, cursor=cursor)))
    cases = _all(lambda cursor: storage.store.cases(CaseQuery(limit=PAGE, cursor=cursor)))
    newest = max(f.post.at for f in posts)
    first = min(f.post.at for f in posts)
    return {
        "posts": sorted((f.post.id, f.incident or "", f.copies, f.post.labels.sentiment.label) for f in posts),
        "incidents": sorted((i.id, i.title, i.posts, i.copies, i.authors, round(i.heat, 6)) for i in incidents),
        "cases": sorted((c.id, c.incident, c.level, c.unit) for c in cases),
        "found": {w: sorted(_ids(index, w)) for w in WORDS},
        "figures": index.figures(first, newest, None),
    }


def _all(page: Any) -> list[Any]:
    items, cursor = [], None
    while True:
        got = page(cursor)
        items += got.items
        cursor = got.cursor
        if cursor is None:
            return items


def _ids(index: Any, words: str) -> list[str]:
    return [f.post.id for f in _all(lambda cursor: index.posts(PostQuery(words=words, limit=PAGE, cursor=cursor)))]


def drain(storage: Any, composed: Composed) -> None:
    """Wait until no step has anything to read and nothing is owed."""
    give_up = time.monotonic() + DRAINED_S
    quiet = 0
    while quiet < 3:
        waiting = sum(lag(storage.log, name, topic) for name, topic in TOPOLOGY.items()) + sum(storage.waiting())
        quiet = 0 if waiting else quiet + 1
        assert time.monotonic() < give_up, f"{waiting} are left:\n{composed.log_text()}"
        time.sleep(0.5)


@pytest.mark.timeout(900)
def test_both_runners_find_the_same(composed: Composed, addresses: list[str], tmp_path: Path) -> None:
    file = real.write_lines(tmp_path / "posts.jsonl", real.posts(POSTS))
    with composed:
        env = composed.environment("crawlers")
        subprocess.run(command("import", file), env=env, check=True, timeout=300, cwd=ROOT, capture_output=True)
        made = Distributed(*addresses, partitions=8, prefix=env["HUIYING_PREFIX"])
        drain(made.storage, composed)
        made.storage.index.catch_up()
        found = everything(made.storage)
        made.close()

    # Authors are hashes, and an incident counts them by a sketch of these: only the same salt counts the same.
    alone = environment(HUIYING_SALT=composed.salt)
    args = command("import", "--data-dir", tmp_path / "data", file)
    subprocess.run(args, env=alone, check=True, timeout=300, cwd=ROOT, capture_output=True)
    embedded = open_storage(tmp_path / "data")
    expected = everything(embedded)
    embedded.close()

    assert len(expected["posts"]) == POSTS
    assert expected["cases"]
    for name, value in expected.items():
        assert found[name] == value, name
