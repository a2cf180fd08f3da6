"""The same 20 000 posts through both runners: the same incidents, the same cases, the same search answers.

`HUIYING_TEST_ENCODER=1` lets the encoder label too, in both.
"""

import subprocess
from pathlib import Path

import pytest

from core.storage.sqlite import open_storage
from tests import real
from tests.e2e.answers import drain, everything
from tests.e2e.composed import Composed
from tests.e2e.product import ROOT, TIERS, command, environment
from tests.servers.distributed import Distributed

POSTS = 20_000
DRAINED_S = 800
WORDS = ("地铁", "学校 -放假", '"身份证"', "水 OR 电", "老师", "路", "wifi")


@pytest.mark.timeout(1800)
def test_both_runners_find_the_same(composed: Composed, addresses: list[str], tmp_path: Path) -> None:
    file = real.write_lines(tmp_path / "posts.jsonl", real.posts(POSTS))
    with composed:
        env = composed.environment("crawlers")
        subprocess.run(command("import", file), env=env, check=True, timeout=800, cwd=ROOT, capture_output=True)
        made = Distributed(*addresses, partitions=8, prefix=env["HUIYING_PREFIX"])
        drain(made.storage, DRAINED_S)
        made.storage.index.catch_up()
        found = everything(made.storage, WORDS)
        made.close()

    # Authors are hashes, and an incident counts them by a sketch of these: only the same salt counts the same.
    alone = environment(HUIYING_SALT=composed.salt, **TIERS)
    args = command("import", "--data-dir", tmp_path / "data", file)
    subprocess.run(args, env=alone, check=True, timeout=800, cwd=ROOT, capture_output=True)
    embedded = open_storage(tmp_path / "data")
    expected = everything(embedded, WORDS)
    embedded.close()

    assert len(expected["posts"]) == POSTS
    assert expected["cases"]
    for name, value in expected.items():
        assert found[name] == value, name
