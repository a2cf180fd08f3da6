"""The short set of faults, in one ordeal; the long one is `make chaos`."""

from pathlib import Path

import pytest

from tests.chaos import faults, world
from tests.chaos.ordeal import undergo
from tests.chaos.servers import started

POSTS = 2400
SECONDS = 60.0


@pytest.mark.timeout(900)
def test_faults_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    items = world.posts(POSTS)
    expected = world.untouched(items, tmp_path / "untouched")
    assert len(expected["posts"]) == len(items)
    assert expected["cases"], "without a case nothing is alerted"
    home = tmp_path / "hurt"
    home.mkdir()
    with started() as servers:
        outcome = undergo(faults.everything_at_once, servers, home, items, expected, SECONDS)
    assert outcome.deliveries
    assert outcome.notes["killed"] == 4
