"""A distributed set with as many partitions as a test's module wants (`PARTITIONS`), else one; and an office."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.office import Office, office_in
from tests.servers.distributed import Distributed


@pytest.fixture
def servers(request: pytest.FixtureRequest, addresses: list[str]) -> Iterator[Distributed]:
    """New and empty, closed at the end."""
    made = Distributed(*addresses, partitions=getattr(request.module, "PARTITIONS", 1))
    yield made
    made.close()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """With its crawler, and nothing in it."""
    with office_in(tmp_path / "data") as opened:
        yield opened


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the test of every operation an id of its own.

    Under pytest 9.2 Schemathesis 4 leaves them all with the same, and xdist runs what has the same id once.
    """
    for item in items:
        label = getattr(item, "operation_label", None)
        if label is not None:
            item._id = item.id.with_params(label)
