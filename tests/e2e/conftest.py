"""A running product for the tests that only need one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.composed import Composed
from tests.e2e.product import TIERS, Serving
from tests.servers.distributed import empty

FACTS = """
- {id: cause, jurisdiction: "000000", part: known, unit: housing, source: 抢修单, terms: [停水],
   text: 湖畔雅苑门口的供水主管破裂。}
- {id: repair, jurisdiction: "000000", part: doing, unit: housing, source: 抢修单, terms: [停水],
   text: 抢修人员正在更换破损管段，小区南门设有应急供水点。}
"""
PLACES = """
- {code: "000000001101", name: 湖畔雅苑, aliases: []}
"""


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    """`huiying serve` over an empty data directory, in an office that has two fact cards about a water main."""
    policy = tmp_path / "policy"
    policy.mkdir()
    (policy / "facts.yaml").write_text(FACTS, encoding="utf-8")
    (policy / "places.yaml").write_text(PLACES, encoding="utf-8")
    with Serving(tmp_path / "data", HUIYING_POLICY_DIR=str(policy), **TIERS) as running:
        yield running


@pytest.fixture
def composed(addresses: list[str], tmp_path: Path) -> Composed:
    """The set, not started yet, over emptied tables."""
    empty(addresses[1])
    policy = tmp_path / "policy"
    policy.mkdir()
    return Composed(tmp_path, addresses, HUIYING_POLICY_DIR=str(policy), **TIERS)
