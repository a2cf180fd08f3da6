"""Who is told in a story, on one local server: an integrator's webhook, and the robot of the duty officers' group (WeCom)."""

from datetime import UTC, datetime
from typing import Any

from pytest_httpserver import HTTPServer
from standardwebhooks import Webhook
from werkzeug import Request, Response


class Listeners:
    """`events` are what the webhook received, by `webhook-id`; `messages` what the group read, in order."""

    def __init__(self, server: HTTPServer) -> None:
        self.secret = ""
        self.events: dict[str, str] = {}
        self.messages: list[dict[str, Any]] = []
        server.expect_request("/hook", method="POST").respond_with_handler(self._event)
        server.expect_request("/cgi-bin/webhook/send", method="POST").respond_with_handler(self._message)
        self.hook = server.url_for("/hook")
        self.robot = f"wecombot://GROUP?host={server.url_for('').rstrip('/')}"

    def _event(self, request: Request) -> Response:
        """Signed, at the time of the story, and the same whenever it comes again."""
        id_, body = request.headers["webhook-id"], request.get_data(as_text=True)
        at = datetime.fromtimestamp(int(request.headers["webhook-timestamp"]), UTC)
        assert request.headers["webhook-signature"] == Webhook(self.secret).sign(id_, at, body)
        assert self.events.setdefault(id_, body) == body
        return Response(status=204)

    def _message(self, request: Request) -> Response:
        self.messages.append(request.get_json()["text"])
        return Response('{"errcode": 0}', content_type="application/json")
