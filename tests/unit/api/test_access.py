"""The access table: every route is in it, and it is what happens."""

import pytest

from api.access import ACCESS, ORDER, includes
from api.routes import all_routes
from core.records import Role
from tests.unit.api.conftest import ClientOf

STREAMS = {"/api/v1/events"}
"""A stream that is let in never ends; what it sends is tested end to end."""


def test_the_table_names_every_route_and_no_other() -> None:
    routes = {(method, route.path) for route in all_routes() for method in route.methods or ()}
    assert routes == set(ACCESS)


def test_nobody_gets_in_without_credentials_but_where_the_table_says_so(client_of: ClientOf) -> None:
    client = client_of(None)
    for (method, path), needs in ACCESS.items():
        answer = client.request(method, path.replace("{id_}", "x"), json={})
        assert (answer.status_code == 401) == (needs is not None), (method, path)


@pytest.mark.parametrize("role", list(Role))
def test_a_role_reaches_what_it_may_and_nothing_more(client_of: ClientOf, role: Role) -> None:
    client = client_of(role)
    for (method, path), needs in ACCESS.items():
        if path in STREAMS or needs is None or path == "/api/v1/session":
            continue
        answer = client.request(method, path.replace("{id_}", "x"), json={})
        allowed = includes(role, needs)
        assert (answer.status_code != 403) == allowed, (method, path, answer.status_code)
        assert answer.status_code < 500, (method, path, answer.text)


def test_roles_include_each_other_in_order() -> None:
    assert [includes(Role.LEADER, role) for role in ORDER] == [True, True, True, False]
