"""The OpenAPI document: complete enough to generate a client from."""

import re
from pathlib import Path
from typing import Any

import pytest

from alerts.notices import EVENTS
from api.access import ACCESS, PUBLIC
from tests.unit.api.conftest import ClientOf


@pytest.fixture
def document(client_of: ClientOf) -> dict[str, Any]:
    made: dict[str, Any] = client_of(None).get("/openapi.json").json()
    return made


def test_every_reference_leads_somewhere(client_of: ClientOf, document: dict[str, Any]) -> None:
    names = set(re.findall(r'"#/components/schemas/([^"]+)"', client_of(None).get("/openapi.json").text))
    assert names
    assert names <= set(document["components"]["schemas"])


def test_every_route_tells_its_summary_its_answer_who_may_call_and_how_it_fails(document: dict[str, Any]) -> None:
    seen = set()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            route = (method.upper(), path)
            seen.add(route)
            told = set(operation["responses"])
            closed = ACCESS[route] is not PUBLIC
            assert operation["summary"], route
            assert told & {"200", "201", "202"}, route
            assert bool(operation["security"]) == closed, route
            assert not closed or {"401", "403"} <= told, route
            assert "{id_}" not in path or "404" in told, route
    assert seen == set(ACCESS)


def test_an_answer_is_described_as_the_record_that_it_is(document: dict[str, Any]) -> None:
    """FastAPI calls the answer of any class but its own JSONResponse a string."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for status, response in operation["responses"].items():
                for kind, content in response.get("content", {}).items():
                    if kind.endswith("json"):
                        assert content["schema"].keys() in ({"$ref"}, {"type"}), (method, path, status)
                        assert content["schema"].get("type", "object") == "object", (method, path, status)


def test_failures_are_described_as_problems(document: dict[str, Any]) -> None:
    push = document["paths"]["/api/v1/posts"]["post"]["responses"]
    assert set(push) == {"200", "400", "401", "403", "413", "422", "429", "503"}
    assert list(push["429"]["content"]) == ["application/problem+json"]


def test_every_problem_has_its_heading_and_every_event_its_name_in_the_docs() -> None:
    root = Path(__file__).resolve().parents[3]
    code = "".join(path.read_text() for path in (root / "api").rglob("*.py"))
    kinds = set(re.findall(r'Problem\(\s*\d{3}, "([a-z-]+)"', code))
    kinds |= set(re.findall(r'\d{3}[,:] "([a-z-]+)"', (root / "api" / "problems.py").read_text()))
    docs = (root / "docs" / "api.md").read_text()
    assert kinds
    assert kinds <= set(re.findall(r"^### ([a-z-]+)$", docs, re.MULTILINE))
    assert all(f"`{event}`" in docs for event in EVENTS)


def test_where_a_search_found_its_words_is_described_as_pairs_of_offsets(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["FoundPost"]["properties"]["highlights"]["$ref"].endswith("/Highlights")
    span = schemas["Highlights"]["properties"]["text"]["items"]
    assert (span["minItems"], span["maxItems"]) == (2, 2)
