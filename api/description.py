"""The OpenAPI document: FastAPI's own, plus what it cannot know (our records, who may call what, how calls fail)."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any, get_args

import msgspec
from fastapi.openapi.utils import get_openapi

from api.access import ACCESS
from api.wire import REF
from core.records import Role

Part = dict[str, Any]

FAILURES = {
    400: "The body is not JSON.",
    401: "No credentials, or wrong or expired ones.",
    403: "The caller's role does not allow it, or the link was used.",
    404: "There is no such object.",
    409: "Somebody else was first, or the object cannot do this now; `possible` lists what it can.",
    412: "The case is not at the version that If-Match names; `happened` lists what was changed since.",
    413: "The body is too large.",
    422: "A parameter or the body does not fit; `errors` or `detail` say what.",
    429: "Too much or too often; Retry-After says when to come back.",
    503: "The storage cannot be used now; Retry-After says when to come back.",
}
PROBLEM: Part = {
    "type": "object",
    "description": "RFC 9457 problem details; members beyond these depend on the type.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence for a person."},
    },
}
SECURITY = {
    "token": {"type": "http", "scheme": "bearer"},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "huiying_session",
        "description": "A change by cookie needs the header `X-Huiying` as well, which other sites cannot send.",
    },
}
TIMES = {datetime: "date-time", date: "date"}
ALSO: dict[tuple[str, str], tuple[int, ...]] = {
    ("POST", "/api/v1/setup"): (403, 409),
    ("POST", "/api/v1/session"): (401, 429),
    ("DELETE", "/api/v1/session"): (409,),
    ("POST", "/api/v1/session/lock"): (409,),
    ("POST", "/api/v1/session/unlock"): (401, 409, 429),
    ("POST", "/api/v1/screens/pair"): (403, 429),
    ("PUT", "/api/v1/rules/{kind}/{item}"): (409,),
    ("DELETE", "/api/v1/rules/{kind}/{item}"): (404, 409),
    ("POST", "/api/v1/posts"): (400, 429),
    ("POST", "/api/v1/publications"): (404, 409),
    ("POST", "/api/v1/reports"): (404,),
    ("POST", "/api/v1/units"): (409,),
}
"""How a route fails beside what its path, body and role tell already."""


def openapi_of(app: Any, types: tuple[type, ...]) -> Callable[[], Part]:
    """What makes the document, once."""

    def document() -> Part:
        if app.openapi_schema is None:
            made = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
            _, schemas = msgspec.json.schema_components(types, ref_template=REF)
            _add_times(schemas, types)
            made["components"] = {"schemas": {**schemas, "Problem": PROBLEM}, "securitySchemes": SECURITY}
            for path, operations in made["paths"].items():
                for method, operation in operations.items():
                    _complete(operation, method.upper(), path)
            app.openapi_schema = made
        schema: Part = app.openapi_schema
        return schema

    return document


def _add_times(schemas: dict[str, Part], types: tuple[type, ...]) -> None:
    """Say of a time that it is one: msgspec calls it a string, as it takes times without a zone too."""
    for type_ in types:
        fields = schemas[type_.__name__].get("properties", {})
        for known in msgspec.structs.fields(type_):
            told = next((name for kind, name in TIMES.items() if kind in (known.type, *get_args(known.type))), None)
            if told is not None and known.encode_name in fields:
                _string_in(fields[known.encode_name])["format"] = told


def _string_in(schema: Part) -> Part:
    """The string of a schema that takes one, or something else too."""
    found: Part = next(one for one in schema.get("anyOf", [schema]) if one.get("type") == "string")
    return found


def _complete(operation: Part, method: str, path: str) -> None:
    """Add who may call it and how it fails."""
    needs = ACCESS.get((method, path), Role.ADMIN)
    operation["security"] = [] if needs is None else [{name: []} for name in SECURITY]
    if needs is not None:
        operation["description"] = f"{operation.get('description', '')}\n\nNeeds the role {needs}.".strip()
    problem = {"application/problem+json": {"schema": {"$ref": REF.format(name="Problem")}}}
    for status in _failures(operation, method, path):
        operation["responses"][str(status)] = {"description": FAILURES[status], "content": problem}


def _failures(operation: Part, method: str, path: str) -> Iterator[int]:
    yield 503
    yield from ALSO.get((method, path), ())
    if ACCESS.get((method, path), Role.ADMIN) is not None:
        yield from (401, 403)
    if "{id_}" in path:
        yield 404
    if "{id_}" in path and method != "GET":
        yield 409
    if any(parameter["name"] == "If-Match" for parameter in operation.get("parameters", ())):
        yield 412
    if "requestBody" in operation:
        yield from (413, 422)
    if "parameters" in operation:
        yield 422
