"""The access table: every route is in it. That it is what happens with each role: test_reach_of_everything."""

from api.access import ACCESS, ORDER, includes
from api.routes import all_routes
from core.records import Role
from tests.unit.api.conftest import ClientOf


def test_the_table_names_every_route_and_no_other() -> None:
    routes = {(method, route.path) for route in all_routes() for method in route.methods or ()}
    assert routes == set(ACCESS)


def test_nobody_gets_in_without_credentials_but_where_the_table_says_so(client_of: ClientOf) -> None:
    client = client_of(None)
    for (method, path), needs in ACCESS.items():
        answer = client.request(method, path.replace("{id_}", "x"), json={})
        assert (answer.status_code == 401) == (needs is not None), (method, path)


def test_roles_include_each_other_in_order() -> None:
    assert [includes(Role.LEADER, role) for role in ORDER] == [True, True, True, False]
