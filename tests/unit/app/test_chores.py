"""The chore that measures: ages by the clock that it is given, unknown while there is nothing to measure."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from math import isnan
from pathlib import Path

import pytest

from alerts.policy import default_policy
from alerts.reports.maker import Maker
from alerts.rulebook import RuleBook
from app.chores import office_chores
from core.effects import Effects
from core.settings import Settings
from core.storage.sqlite import SqliteStorage, open_storage
from core.telemetry import Metrics
from stream.stages import Decide
from tests.records import NOON, delivery, post


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[SqliteStorage]:
    opened = open_storage(tmp_path / "data")
    yield opened
    opened.close()


def no_reports() -> Maker:
    raise AssertionError("no report is due here")


def measured(storage: SqliteStorage) -> Metrics:
    metrics = Metrics()
    decide = Decide(storage.store, storage.store, RuleBook(default_policy(), storage.store), "http://office.test")

    async def go() -> None:
        chores = office_chores(Settings(), storage, decide, no_reports, metrics, lambda: NOON)
        await next(chore for chore in chores if chore.name == "figures").run()

    asyncio.run(go())
    return metrics


def value(metrics: Metrics, name: str) -> float:
    found = metrics.registry.get_sample_value(name)
    assert found is not None
    return found


def test_the_age_of_the_outbox_is_that_of_the_delivery_that_is_due_for_longest(storage: SqliteStorage) -> None:
    ages = (timedelta(minutes=7), timedelta(minutes=1), timedelta(minutes=-30))
    for n, age in enumerate(ages):
        due = delivery(f"d{n}", next_at=NOON - age)
        storage.commit(Effects(changes=[due]))
    assert value(measured(storage), "huiying_outbox_oldest_due_seconds") == 7 * 60


def test_an_empty_outbox_has_no_age(storage: SqliteStorage) -> None:
    assert value(measured(storage), "huiying_outbox_oldest_due_seconds") == 0


def test_the_newest_post_is_told_by_the_time_at_which_it_was_published(storage: SqliteStorage) -> None:
    at = NOON - timedelta(hours=3)
    storage.commit(Effects(posts=[post("old", minutes=-240), post("new", minutes=-180)]))
    assert value(measured(storage), "huiying_newest_post_timestamp_seconds") == at.timestamp()


def test_without_a_post_its_time_is_unknown_and_not_1970(storage: SqliteStorage) -> None:
    assert isnan(value(measured(storage), "huiying_newest_post_timestamp_seconds"))
