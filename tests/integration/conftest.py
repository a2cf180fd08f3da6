"""A distributed set for the tests here: its module names how many partitions it wants (`PARTITIONS`), else one."""

from collections.abc import Iterator

import pytest

from tests.servers.distributed import Distributed


@pytest.fixture
def servers(request: pytest.FixtureRequest, addresses: list[str]) -> Iterator[Distributed]:
    """New and empty, closed at the end."""
    made = Distributed(*addresses, partitions=getattr(request.module, "PARTITIONS", 1))
    yield made
    made.close()
