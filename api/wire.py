"""Bodies and answers: msgspec on the wire, described in the OpenAPI document."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec
from fastapi import Request, Response
from fastapi.responses import JSONResponse

from api.problems import Problem
from core.codec import decode

T = TypeVar("T")
REF = "#/components/schemas/{name}"
MAX_BODY = 16 * 1024 * 1024
"""A batch of 1 000 posts of 4 000 Chinese characters fits."""
MAX_RECORD = 256 * 1024
"""A single record with the longest published answer fits."""


class Json(JSONResponse):
    """An answer of records, encoded by msgspec."""

    def render(self, content: Any) -> bytes:
        return msgspec.json.encode(content)


def answers(type_: type, description: str, status: int = 200) -> dict[str, Any]:
    """Keyword arguments of a route that answers with `type_`."""
    schema = {"$ref": REF.format(name=type_.__name__)} if issubclass(type_, msgspec.Struct) else {"type": "object"}
    content = {"application/json": {"schema": schema}}
    return {
        "status_code": status,
        "response_class": Json,
        "responses": {status: {"description": description, "content": content}},
        "response_model": None,
    }


def gives(description: str, *media: str) -> dict[str, Any]:
    """Keyword arguments of a route that answers with a file or a page, of one of these media types."""
    content = {kind: {"schema": _file(kind)} for kind in media}
    return {"response_class": Response, "responses": {200: {"description": description, "content": content}}}


def reads(*media: str) -> dict[str, Any]:
    """`openapi_extra` of a route whose body is a file of one of these media types."""
    content = {kind: {"schema": _file(kind)} for kind in media}
    return {"requestBody": {"required": True, "content": content}}


def _file(kind: str) -> dict[str, str]:
    return {"type": "string"} if kind.startswith("text/") else {"type": "string", "format": "binary"}


def takes(type_: type, example: object) -> dict[str, Any]:
    """`openapi_extra` of a route whose body is `type_`."""
    schema = {"$ref": REF.format(name=type_.__name__)}
    content = {"application/json": {"schema": schema, "example": example}}
    return {"requestBody": {"required": True, "content": content}}


async def read_body(request: Request, limit: int = MAX_BODY) -> bytes:
    """The body, read no further than `limit` bytes."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise Problem(413, "body-too-large", f"The body is larger than {limit} bytes; send it in parts.")
        chunks.append(chunk)
    return b"".join(chunks)


def body(type_: type[T]) -> Callable[[Request], Awaitable[T]]:
    """A dependency that reads and validates the body as `type_`; an empty body stands for `{}`."""

    async def read(request: Request) -> T:
        data = await read_body(request, MAX_RECORD)
        try:
            return decode(data or b"{}", type_)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Problem(422, "invalid-body", f"The body does not fit {type_.__name__}: {error}.") from error

    return read
