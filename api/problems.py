"""Errors as RFC 9457 problem details: one shape for every failure, with a sentence for a person."""

from typing import Any

import msgspec
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from core.errors import Conflict, HuiyingError, IllegalMove, NotFound, Refused, RetryLater, StorageError

log = structlog.get_logger()
TYPE = "https://github.com/huiying/huiying/blob/main/docs/api.md#"
"""Each problem type is a heading of docs/api.md."""
STORAGE_RETRY_S = "10"
"""A person has to free the disk or end the other program: no sooner is there hope."""


class Problem(Exception):  # it becomes an answer, not a crash
    """Ends a request with this problem; `more` adds members (`possible`, `errors`)."""

    def __init__(
        self, status: int, kind: str, detail: str, headers: dict[str, str] | None = None, **more: object
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail
        self.headers = headers or {}
        self.more = more


def answer(problem: Problem) -> Response:
    """The problem as `application/problem+json`."""
    title = problem.kind.replace("-", " ").capitalize()
    members = {"type": TYPE + problem.kind, "title": title, "status": problem.status, "detail": problem.detail}
    content = msgspec.json.encode({**members, **problem.more})
    return Response(content, problem.status, problem.headers, media_type="application/problem+json")


def problem_of(error: HuiyingError) -> Problem:
    """How an error of ours looks from outside."""
    if isinstance(error, IllegalMove):
        more: dict[str, Any] = {"code": error.code} if error.code else {}
        return Problem(409, "illegal-move", str(error), possible=list(error.possible), **more)
    if isinstance(error, Refused):
        return Problem(422, "refused", str(error), code=error.code)
    if isinstance(error, RetryLater):
        return Problem(503, "retry-later", str(error), {"Retry-After": str(max(1, round(error.after)))})
    if isinstance(error, StorageError):
        return Problem(503, "storage", str(error), {"Retry-After": STORAGE_RETRY_S})
    for kind, (status, name) in _PLAIN.items():
        if isinstance(error, kind):
            return Problem(status, name, str(error))
    return Problem(500, "internal", "Something went wrong; the log of the server says what.")


_PLAIN: dict[type[HuiyingError], tuple[int, str]] = {
    NotFound: (404, "not-found"),
    Conflict: (409, "conflict"),
}


def unexpected(request: Request, error: Exception) -> Response:
    """The answer to a bug of ours, which stands in the log."""
    log.error("request_failed", path=request.url.path, exc_info=error)
    return answer(problem_of(HuiyingError()))


def install(app: FastAPI) -> None:
    """Turn what the application raises on purpose into problems; see `unexpected` for the rest."""

    async def ours(_: Request, error: Any) -> Response:
        return answer(error if isinstance(error, Problem) else problem_of(error))

    async def http(_: Request, error: Any) -> Response:
        kind = {404: "not-found", 405: "method-not-allowed"}.get(error.status_code, "refused-by-server")
        return answer(Problem(error.status_code, kind, str(error.detail), dict(error.headers or {})))

    async def invalid(_: Request, error: Any) -> Response:
        errors = [{"where": ".".join(map(str, e["loc"])), "what": e["msg"]} for e in error.errors()]
        return answer(Problem(422, "invalid-query", "Some parameters are wrong.", errors=errors))

    app.add_exception_handler(Problem, ours)
    app.add_exception_handler(HuiyingError, ours)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, invalid)
