"""The office of the story in a process of its own: `python -m tests.story.server FOLDER PORT NOW`.

Every request carries the time as `X-Now`; `POST /_due` does what time has made due.
"""

import logging
import sys
from datetime import datetime
from pathlib import Path

import structlog
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.e2e.timed import Office


class Clocked:
    """Sets the office's clock by each request."""

    def __init__(self, office: Office, app: ASGIApp) -> None:
        self._office = office
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = dict(scope["headers"])
            if b"x-now" in headers:
                self._office.now = datetime.fromisoformat(headers[b"x-now"].decode())
            if scope["path"] == "/_due":
                await self._due(send)
                return
        await self._app(scope, receive, send)

    async def _due(self, send: Send) -> None:
        await self._office.due_elsewhere()
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})


def main(folder: str, port: str, now: str) -> None:
    """Serve until killed; the token is written beside the data, and the policy lies there."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    place = Path(folder)
    office = Office(place, datetime.fromisoformat(now), place / "policy")
    (place / "token").write_text(office.secret)
    config = uvicorn.Config(Clocked(office, office.http.app), port=int(port), log_level="error", lifespan="off")
    uvicorn.Server(config).run()


if __name__ == "__main__":
    main(*sys.argv[1:4])
