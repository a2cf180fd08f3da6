"""`huiying user`, and units on tokens and invitations."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.auth import hash_secret, new_user
from app.cli import cli
from core.effects import Effects
from core.errors import Refused
from core.records import Credential, Role
from core.storage.sqlite import open_storage
from tests.records import NOON


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory with one administrator and one responder who is logged in."""
    storage = open_storage(tmp_path / "data")
    for name, role in (("王", Role.ADMIN), ("张", Role.RESPONDER)):
        invite = Credential(hash=name, kind="invite", name="invite", role=role, created_at=NOON)
        storage.commit(Effects(changes=[new_user(name, name, "correct horse battery", invite, NOON)]))
    session = Credential(hash="s", kind="session", name="张", user="张", role=Role.RESPONDER, created_at=NOON)
    storage.commit(Effects(changes=[session]))
    storage.close()
    return tmp_path / "data"


def run(data: Path, *given: str) -> Result:
    return CliRunner().invoke(cli, [*given, "--data-dir", str(data)])


def test_a_person_is_moved_to_a_unit_and_logged_out_with_an_audit_row(data: Path) -> None:
    said = run(data, "user", "change", "张", "--unit", "housing", "--why", "调岗")
    assert said.output == "张: responder, housing\n"
    storage = open_storage(data)
    found = storage.store.user("张")
    assert found is not None
    assert found.unit == "housing"
    assert storage.store.credentials("session") == []
    row = storage.store.audit("user:张")[0]
    assert (row.action, row.who, row.why, row.detail["unit"]) == ("user.changed", "command line", "调岗", "housing")
    storage.close()
    assert "housing" in run(data, "user", "list").output
    assert run(data, "user", "change", "张", "--unit", "").output == "张: responder, whole office\n"


def test_somebody_stays_administrator(data: Path) -> None:
    for given in (("--role", "leader"), ("--disable",)):
        refused = run(data, "user", "change", "王", *given)
        assert isinstance(refused.exception, Refused)
        assert refused.exception.code == "last_admin"


@pytest.mark.parametrize("given", [("user", "change", "张"), ("token", "create", "--role", "viewer")])
def test_a_unit_that_is_not_there_is_refused(data: Path, given: tuple[str, ...]) -> None:
    refused = run(data, *given, "--unit", "nowhere")
    assert refused.exit_code == 1
    assert "there is no unit nowhere" in refused.output


def test_a_token_belongs_to_its_unit(data: Path) -> None:
    made = run(data, "token", "create", "--role", "responder", "--unit", "housing")
    storage = open_storage(data)
    stored = storage.store.credential(hash_secret(made.output.splitlines()[-1]))
    storage.close()
    assert stored is not None
    assert stored.unit == "housing"
