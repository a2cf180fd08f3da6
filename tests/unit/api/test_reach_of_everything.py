"""Every operation of the OpenAPI document with every role and with objects that are there, all of another unit.

The paths name real objects, so that no refusal is a "not found" in disguise; an operation whose objects `tests.seeded` does
not have fails here.
"""

import re
from collections.abc import Iterator
from itertools import zip_longest

import pytest
from fastapi.testclient import TestClient

from api.access import ACCESS, UNITS, Scope, includes
from api.app import create_app, routed
from api.auth import issue
from api.parts import Parts
from core.effects import Effects
from core.records import Role
from tests import seeded
from tests.records import NOON

ORDER = ("GET", "POST", "PUT", "DELETE")
"""What is there is looked at before it is taken away."""
OPERATIONS = sorted(
    ((method.upper(), path) for path, found in routed("test").openapi()["paths"].items() for method in found),
    key=lambda operation: (ORDER.index(operation[0]), operation[1] == "/api/v1/sample", operation[1]),
)
STREAM = ("GET", "/api/v1/events")
"""Let in, it never ends; what it tells a unit is tested beside `api.live`."""
THEIRS = re.compile(r'"(c-(hand|new|done|more|weighed|shut)|d[12]|n1|t1|msg1)"')
"""Cases and what belongs to them, as answers name them."""


def named(path: str) -> list[str]:
    """The path with each of the ids that are there; each part of it has one at least."""
    ids = next((found for prefix, found in seeded.IDS.items() if path.startswith(prefix)), [])
    values = {name: ids if name == "id_" else seeded.PARTS[name] for name in re.findall(r"{(\w+)}", path)}
    assert all(values.values()), f"tests.seeded has nothing that {path} could name"
    rows = zip_longest(*values.values()) if values else [()]
    return [
        path.format(**{name: value or found[0] for (name, found), value in zip(values.items(), row, strict=True)})
        for row in rows
    ]


def calls() -> Iterator[tuple[tuple[str, str], str]]:
    """Each operation that is not open to everybody, with a path of it."""
    for operation in OPERATIONS:
        if ACCESS[operation] is not None and operation != STREAM:
            yield from ((operation, path) for path in named(operation[1]))


@pytest.fixture
def client(parts: Parts) -> TestClient:
    seeded.fill(parts)
    return TestClient(create_app(parts), raise_server_exceptions=False)


def with_token(parts: Parts, role: Role, unit: str | None) -> dict[str, str]:
    """A fresh one for each call: some end what they are called with."""
    secret, token = issue("token", "甲", role, NOON, None, unit)
    parts.storage.commit(Effects(changes=[token]))
    return {"Authorization": f"Bearer {secret}"}


def test_what_paths_name_is_there(parts: Parts, client: TestClient) -> None:
    reading = [(operation, path) for operation, path in calls() if operation[0] == "GET"]
    for operation, path in reading:
        answer = client.get(path, headers=with_token(parts, Role.ADMIN, None))
        assert answer.status_code in (200, 422), (operation, path, answer.text)
    seen = {prefix for prefix in seeded.IDS if any(path.startswith(prefix) for _, path in OPERATIONS)}
    assert seen == set(seeded.IDS)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.RESPONDER, Role.LEADER])
def test_a_person_of_another_unit_reads_and_changes_nothing_of_a_unit(
    parts: Parts, client: TestClient, role: Role
) -> None:
    for operation, path in calls():
        needs, scope = ACCESS[operation], UNITS.get(operation)
        answer = client.request(operation[0], path, json={}, headers=with_token(parts, role, seeded.OTHER))
        assert needs is not None
        if scope is not Scope.SHARED or not includes(role, needs):
            assert answer.status_code == 403, (operation, path, answer.text)
        assert answer.status_code < 500, (operation, path, answer.text)
        assert not THEIRS.search(answer.text), (operation, path, answer.text)


@pytest.mark.parametrize("role", list(Role))
def test_a_role_of_the_whole_office_is_let_in_where_the_table_says(
    parts: Parts, client: TestClient, role: Role
) -> None:
    for operation, path in calls():
        needs = ACCESS[operation]
        answer = client.request(operation[0], path, json={}, headers=with_token(parts, role, None))
        assert needs is not None
        assert (answer.status_code != 403) == includes(role, needs), (operation, path, answer.text)
        assert answer.status_code < 500, (operation, path, answer.text)
