"""What `huiying crawl --watch` says of itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.sources import STANDSTILL_S, StoredSources
from core.sealing import Seal
from core.storage.sqlite import SqliteStorage, open_storage


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[SqliteStorage]:
    opened = open_storage(tmp_path)
    yield opened
    opened.close()


def test_a_crawler_is_in_trouble_when_it_has_long_not_looked_for_what_is_due(storage: SqliteStorage):
    clock = [0.0]
    register = StoredSources(storage, Seal("s"), lambda *_: None, clock=lambda: clock[0])
    clock[0] = STANDSTILL_S
    assert register.trouble() == ""
    clock[0] = STANDSTILL_S + 1
    assert "301 s" in register.trouble()
    register.lease()
    assert register.trouble() == ""
