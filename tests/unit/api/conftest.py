"""The application over an empty storage, without models: what is tested here is the API."""

from collections.abc import Callable, Iterator
from datetime import datetime
from ipaddress import ip_network
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr

from alerts.notices import load_plan
from alerts.policy import default_policy
from alerts.rulebook import RuleBook
from api.app import create_app
from api.auth import issue
from api.parts import Parts
from app.collecting import Collection
from core.clock import random_id
from core.effects import Effects
from core.records import CaseEvent, Draft, Role
from core.settings import Settings
from core.storage.sqlite import SqliteStorage, open_storage
from core.telemetry import Metrics
from nlp.admission import Admission
from nlp.intake import Intake
from tests.records import NOON
from tests.reporting import maker_over


def now() -> datetime:
    return NOON


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[SqliteStorage]:
    opened = open_storage(tmp_path / "data")
    yield opened
    opened.close()


def collecting() -> Collection:
    """The real kinds, over settings that allow loopback; tests that fetch bring their own server."""
    return Collection(
        Settings(salt=SecretStr("test"), jurisdiction="990100", allow_inward=(ip_network("127.0.0.0/8"),)), now
    )


@pytest.fixture
def parts(storage: SqliteStorage) -> Parts:
    """Parts with the default policy; a draft is always a refusal."""
    rules = Admission(jurisdiction="990100", salt="test", now=NOON, origin="", source="test")
    metrics = Metrics()
    intake = Intake(storage.log, storage.store, rules, now, metrics, lambda: 0, 100)

    def draft(event: CaseEvent, at: datetime, who: str, kind: str) -> Effects:
        return Effects(changes=[Draft(id="d1", case=event.case.id, at=at, status="refused", method=who, kind=kind)])

    async def remove(_: str) -> None:
        """Nothing is held in memory here."""

    return Parts(
        collecting=collecting(),
        storage=storage,
        intake=intake,
        book=RuleBook(default_policy(), storage.store),
        draft=draft,
        remove=remove,
        taught=lambda: None,
        now=now,
        new_id=random_id,
        metrics=metrics,
        time_zone="Asia/Shanghai",
        public_url="",
        version="test",
        link_key=b"key",
        plan=load_plan(),
        places={},
        reports=maker_over(storage),
    )


ClientOf = Callable[[Role | None], TestClient]


def client_over(parts: Parts, role: Role | None) -> TestClient:
    """A client of an application of these parts, with a token of a role, or without any."""
    return _client(create_app(parts), parts, role)


@pytest.fixture
def client_of(parts: Parts) -> ClientOf:
    """A client with a token of a role, or without any."""
    app = create_app(parts)
    return lambda role: _client(app, parts, role)


def _client(app: FastAPI, parts: Parts, role: Role | None) -> TestClient:
    headers = {}
    if role is not None:
        secret, token = issue("token", f"{role} token", role, NOON, None)
        parts.storage.commit(Effects(changes=[token]))
        headers["Authorization"] = f"Bearer {secret}"
    return TestClient(app, headers=headers, raise_server_exceptions=False)
