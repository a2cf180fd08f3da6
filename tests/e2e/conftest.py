"""A running product for the tests that only need one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.product import Serving


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    """`huiying serve` over an empty data directory."""
    with Serving(tmp_path / "data") as running:
        yield running
