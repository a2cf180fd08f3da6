"""The adapters that every contract runs on. A new engine adds itself here and nowhere else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.ports import Storage
from core.storage.sqlite import open_storage
from tests.servers.distributed import Distributed


@pytest.fixture(params=["embedded", "distributed"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    """An empty storage of each engine set."""
    if request.param == "embedded":
        embedded = open_storage(tmp_path / "data")
        yield embedded
        embedded.close()
        return
    made = Distributed(*request.getfixturevalue("addresses"), partitions=1)
    yield made.storage
    made.close()
