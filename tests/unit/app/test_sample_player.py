"""The sample's past beside an office that is quick: what people have taken up is theirs."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.lifecycle import Command, Ground, effects_of, move
from alerts.policy import default_policy
from app.sample.player import Player
from core.effects import Effects, SaveCase
from core.records import CaseState
from core.storage.sqlite import SqliteStorage, open_storage
from tests.records import NOON, case, incident

POLICY = default_policy()
NOW = NOON + timedelta(hours=24)
IDS = ("1", "2", "3")


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[SqliteStorage]:
    """An office with three old cases."""
    opened = open_storage(tmp_path / "data")
    cases = [case(f"c{n}", incident=f"i{n}", unit="water") for n in IDS]
    saved = [SaveCase(one, 0) for one in cases]
    opened.commit(Effects(incidents=[incident(f"i{n}") for n in IDS], changes=saved))
    yield opened
    opened.close()


@dataclass
class Heard:
    """Takes the posts of the past."""

    batches: list[int] = field(default_factory=list)

    def receive(self, items: list[dict[str, Any]], origin: str, jurisdiction: str) -> None:
        self.batches.append(len(items))


def acknowledge(storage: SqliteStorage, id_: str) -> None:
    found = storage.store.case(id_)
    assert found is not None
    moved = move(found, Command(move="ack", who="值班员甲"), Ground(POLICY, incident()), NOW)
    storage.commit(effects_of(moved, found.version, []))


def states(storage: SqliteStorage) -> dict[str, CaseState]:
    return {f"c{n}": found.state for n in IDS if (found := storage.store.case(f"c{n}")) is not None}


def play(storage: SqliteStorage) -> None:
    """Play until the past is told; the live part would take a minute."""

    async def drained() -> None:
        acknowledge(storage, "c2")

    def stopped() -> bool:
        return states(storage)["c3"] is not CaseState.EMERGING

    intake = Heard()
    player = Player(storage, intake, POLICY, lambda: NOW, stopped, asyncio.Lock(), drained)
    asyncio.run(player.play())
    assert intake.batches


def test_a_case_that_was_acknowledged_while_the_past_arrived_is_left_to_who_did_and_the_others_are_handled(
    storage: SqliteStorage,
):
    play(storage)
    assert states(storage) == {"c1": CaseState.EVALUATED, "c2": CaseState.CONFIRMED, "c3": CaseState.EVALUATED}
