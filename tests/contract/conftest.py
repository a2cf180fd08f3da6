"""The adapters that every contract runs on. A new engine adds itself here and nowhere else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.ports import Storage
from core.storage.sqlite import open_storage


@pytest.fixture(params=["sqlite"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    """An empty storage of each engine set."""
    assert request.param == "sqlite"
    opened = open_storage(tmp_path / "data")
    yield opened
    opened.close()
