"""Reports that the clock makes."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from alerts.reports import shelf
from alerts.reports.schedule import Plan
from app.reporting import make_due
from core.effects import Effects
from core.settings import Settings
from core.storage.sqlite import SqliteStorage, open_storage
from tests.records import NOON, post
from tests.reporting import maker_over

SETTINGS = Settings(salt=SecretStr("test"), jurisdiction="990100")
DAY = timedelta(days=1)


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[SqliteStorage]:
    opened = open_storage(tmp_path / "data")
    opened.commit(Effects(posts=[post()]))
    yield opened
    opened.close()


def made(storage: SqliteStorage, days: int = 0) -> bool:
    """Whether the look of so many days later made a report."""
    return make_due(SETTINGS, storage, lambda: maker_over(storage), [Plan(kind="daily")], lambda: NOON + days * DAY)


def test_a_report_that_is_due_is_made_once_and_the_next_one_when_that_is_due(storage: SqliteStorage) -> None:
    assert [made(storage), made(storage), made(storage, 1)] == [True, False, True]


def test_a_report_that_was_deleted_does_not_come_back_and_the_next_one_comes(storage: SqliteStorage) -> None:
    made(storage)
    (card,) = shelf.cards(storage.store, ["990100"])
    storage.commit(Effects(changes=[*shelf.forgotten(card.id)]))
    assert not made(storage)
    assert shelf.cards(storage.store, ["990100"]) == []
    assert made(storage, 1)
