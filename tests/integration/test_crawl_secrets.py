"""A lent login goes to its own site and nowhere else: to no other host, into no log, no result and no post."""

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from core.effects import Effects, SaveCookie
from core.records import Ending
from core.sealing import Seal
from crawlers.walks.registry import shipped
from tests.integration.office import office_in

COOKIE, TOKEN = "z_c0=very-secret-login", "very-secret-token"
GOOD = next(example.body for example in shipped()["zhihu_hot"].examples if example.rows)
LOGIN = '{"error":{"message":"请求参数异常","code":100,"name":"AuthenticationError"}}'


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    """At every address of this machine: each site is a host of its own, nobody waits for another's pause."""
    with HTTPServer(host="0.0.0.0") as made:
        yield made


def sites(server: HTTPServer) -> dict[str, tuple[str, Ending]]:
    """Where sources with a login are, and how a visit of each ends."""

    def at(number: int, path: str, scheme: str = "http") -> str:
        return f"{scheme}://127.0.2.{number}:{server.port}{path}"

    def broken(_: object) -> Response:
        return Response("half", headers={"Content-Length": "4000"}, content_type="application/json")

    answers = {"/good": GOOD, "/login": LOGIN, "/changed": json.dumps({"items": []})}
    server.expect_request("/robots.txt").respond_with_data("", status=404)
    for path, body in answers.items():
        server.expect_request(path).respond_with_data(body, content_type="application/json")
    server.expect_request("/error").respond_with_data("no", status=500)
    server.expect_request("/broken").respond_with_handler(broken)
    server.expect_request("/moved").respond_with_data("", status=302, headers={"Location": at(99, "/good")})
    return {
        "good": (at(1, "/good"), Ending.OK),
        "login": (at(2, "/login"), Ending.LOGIN),
        "changed": (at(3, "/changed"), Ending.DRIFT),
        "error": (at(4, "/error"), Ending.HTTP_ERROR),
        "broken": (at(5, "/broken"), Ending.PARSE_ERROR),
        "moved": (at(6, "/moved"), Ending.OK),
        "tls": (at(7, "/good", "https"), Ending.TLS),
        "nobody": ("http://nobody.invalid/hot", Ending.DNS),
        "closed": ("http://127.0.2.8:9/hot", Ending.CONNECTION),
    }


def test_a_login_and_a_token_reach_their_site_and_nothing_else_sees_them(server: HTTPServer, tmp_path: Path) -> None:
    expected = sites(server)
    with (tmp_path / "log").open("wb") as log, office_in(tmp_path / "data", log) as office:
        for name, (url, _) in expected.items():
            office.add(name, "zhihu_hot", f"{url}?token={TOKEN}")
            office.storage.commit(Effects(changes=[SaveCookie(name, Seal("test").close(COOKIE))]))
        results = office.look(*expected)
        assert {name: r.ending for name, r in results.items()} == {
            name: ending for name, (_, ending) in expected.items()
        }

        asked = {r.host.partition(":")[0]: r for r, _ in server.log if r.path == "/good"}
        assert (asked["127.0.2.1"].headers["Cookie"], asked["127.0.2.1"].args["token"]) == (COOKIE, TOKEN)
        assert (asked["127.0.2.99"].headers.get("Cookie"), asked["127.0.2.99"].args.get("token")) == (None, None)

        said = (tmp_path / "log").read_text("utf-8")
        assert "source_failed" in said, "its log is read here"
        kept = msgspec.json.encode([*results.values(), *map(office.crawl, expected)]).decode()
        posts = msgspec.json.encode(office.messages("good")).decode()
        assert [text.count("very-secret-login") for text in (said, kept, posts)] == [0, 0, 0]
        assert [text.count(TOKEN) for text in (said, posts)] == [0, 0], (
            "an address is shown to those who may see the source"
        )
