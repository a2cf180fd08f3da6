import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import httpx
import pytest
import standardwebhooks
from hypothesis import given
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from alerts.delivery.people import PersonSender
from alerts.delivery.retry import CEILINGS_S, LONGEST_ASKED_S, failed, retry_after
from alerts.delivery.webhooks import Outcome, WebhookSender, new_secret, sign
from core.addresses import PinnedTransport, resolve
from core.errors import Refused
from core.records import Channel, Delivery, DeliveryState, Webhook

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
LOCAL = (ip_network("127.0.0.0/8"),)
# apprise asks for imghdr, which Python 3.11 announces to remove
APPRISE = pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")


def delivery(body: str = '{"a": 1}') -> Delivery:
    return Delivery(id="d1", kind="webhook", target="w", event="t", body=body, created_at=NOW, next_at=NOW)


def hook(url: str) -> Webhook:
    return Webhook(id="w", url=url, secrets=(new_secret(), new_secret()), created_at=NOW)


def attempt(to: Webhook, allow: tuple = LOCAL, attempt_s: float = 5.0) -> Outcome:
    async def go() -> Outcome:
        async with httpx.AsyncClient(transport=PinnedTransport(allow), trust_env=False) as client:
            return await WebhookSender(client, lambda: 0.5, attempt_s).send(delivery(), to, NOW)

    return asyncio.run(go())


def answer(server: HTTPServer, status: int, headers: dict[str, str] | None = None, body: str = "") -> Webhook:
    server.expect_request("/hook").respond_with_data(body, status=status, headers=headers)
    return hook(server.url_for("/hook"))


def test_either_key_verifies_what_arrived():
    keys, now = (new_secret(), new_secret()), datetime.now(UTC)
    headers = sign(keys, "d1", now, '{"a":1}')
    for key in keys:
        assert standardwebhooks.Webhook(key).verify('{"a":1}', headers) == {"a": 1}
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(new_secret()).verify('{"a":1}', headers)


def test_a_delivery_carries_its_id_and_two_signatures(httpserver: HTTPServer):
    got: list[dict[str, str]] = []

    def receive(request: Request) -> Response:
        got.append(dict(request.headers))
        return Response(status=204)

    httpserver.expect_request("/hook").respond_with_handler(receive)
    settled = attempt(hook(httpserver.url_for("/hook"))).delivery
    assert (settled.state, settled.attempts, settled.delivered_at) == (DeliveryState.DONE, 1, NOW)
    assert got[0]["Webhook-Id"] == "d1"
    assert len(got[0]["Webhook-Signature"].split(" ")) == 2


@pytest.mark.parametrize("status", [302, 400, 404, 500])
def test_other_answers_are_tried_again_by_back_off(httpserver: HTTPServer, status: int):
    settled = attempt(answer(httpserver, status, {"Location": "/other"})).delivery
    assert (settled.state, settled.last_status) == (DeliveryState.PENDING, str(status))
    assert settled.next_at == NOW + timedelta(seconds=5)
    assert len(httpserver.log) == 1


@pytest.mark.parametrize("value", ["120", "Mon, 02 Mar 2026 04:02:00 GMT"])
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_heeded_in_both_forms(httpserver: HTTPServer, status: int, value: str):
    settled = attempt(answer(httpserver, status, {"Retry-After": value})).delivery
    assert settled.next_at == NOW + timedelta(seconds=120)


@pytest.mark.parametrize("value", [None, "", "soon", "-5", "１２", "Mon, 99 Foo 2026"])
def test_an_unreadable_retry_after_is_ignored(value: str | None):
    assert retry_after(value, NOW) is None


def test_gone_switches_the_webhook_off(httpserver: HTTPServer):
    outcome = attempt(answer(httpserver, 410))
    assert outcome.delivery.state is DeliveryState.DEAD
    assert outcome.webhook is not None
    assert not outcome.webhook.enabled


def test_an_inward_address_is_refused_before_anything_is_sent(httpserver: HTTPServer):
    settled = attempt(answer(httpserver, 200), allow=()).delivery
    assert (settled.state, settled.last_status) == (DeliveryState.DEAD, "inward_address")
    assert httpserver.log == []


def test_a_huge_answer_still_counts(httpserver: HTTPServer):
    assert attempt(answer(httpserver, 200, body="x" * 2_000_000)).delivery.state is DeliveryState.DONE


@pytest.mark.parametrize("reply", [None, b"\x00garbage\r\n\r\n"])
def test_hanging_and_garbling_receivers_are_tried_again(reply: bytes | None):
    async def go() -> Outcome:
        async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                if reply is None:
                    await asyncio.sleep(0.5)
                else:
                    writer.write(reply)
            finally:
                writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, httpx.AsyncClient(transport=PinnedTransport(LOCAL), trust_env=False) as client:
            sender = WebhookSender(client, lambda: 0.5, 0.2)
            return await sender.send(delivery(), hook(f"http://127.0.0.1:{port}/"), NOW)

    settled = asyncio.run(go()).delivery
    assert settled.state is DeliveryState.PENDING
    assert settled.last_status == ("timeout" if reply is None else "network")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.1.1",
        "169.254.169.254",
        "100.100.100.200",
        "::1",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2002:7f00:1::",
        "224.0.0.1",
        "0.0.0.0",
        "fe80::1%eth0",
        "fd00::1",
    ],
)
def test_a_name_that_leads_inward_is_refused_even_beside_a_public_address(address: str):
    async def names(_host: str, _port: int) -> Sequence[str]:
        return ["8.8.8.8", address]

    with pytest.raises(Refused) as refused:
        asyncio.run(resolve("receiver.example", 443, (), names))
    assert refused.value.code == "inward_address"


def test_the_name_is_asked_once_so_rebinding_cannot_win():
    asked: list[str] = []

    async def names(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return ["8.8.8.8"] if len(asked) == 1 else ["127.0.0.1"]

    class Wire(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            assert (request.url.host, request.headers["host"]) == ("8.8.8.8", "receiver.example")
            assert request.extensions["sni_hostname"] == "receiver.example"
            return httpx.Response(200)

    async def go() -> None:
        transport = PinnedTransport((), names)
        await transport._inner.aclose()
        transport._inner = Wire()
        async with httpx.AsyncClient(transport=transport, trust_env=False) as client:
            await client.post("https://receiver.example/")
            with pytest.raises(Refused):
                await client.post("https://receiver.example/")

    asyncio.run(go())
    assert len(asked) == 2


def test_an_address_that_takes_no_connection_is_passed_over():
    asked: list[str] = []

    async def names(_host: str, _port: int) -> Sequence[str]:
        return ["8.8.8.8", "8.8.4.4", "9.9.9.9"]

    class Wire(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            asked.append(request.url.host)
            if request.url.host == "8.8.8.8":
                raise httpx.ConnectError("refused")
            return httpx.Response(200, content=await request.aread())

    async def go() -> bytes:
        transport = PinnedTransport((), names)
        await transport._inner.aclose()
        transport._inner = Wire()
        async with httpx.AsyncClient(transport=transport, trust_env=False) as client:
            return (await client.post("https://receiver.example/", content=b"body")).content

    assert asyncio.run(go()) == b"body"
    assert asked == ["8.8.8.8", "8.8.4.4"]


def test_no_connection_is_kept_for_another_host():
    """The pool knows connections by address: kept ones would lend one host's TLS name to another host there."""
    met: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        met.append(writer)
        while await reader.readline():
            while (await reader.readline()).strip():
                pass
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    async def names(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    async def go() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, httpx.AsyncClient(transport=PinnedTransport(LOCAL, names), trust_env=False) as client:
            for host in ("a.example", "b.example"):
                await client.get(f"http://{host}:{port}/")
        for writer in met:
            writer.close()
            await writer.wait_closed()

    asyncio.run(go())
    assert len(met) == 2


@given(st.lists(st.floats(0, 1, exclude_max=True), min_size=20, max_size=20), st.none() | st.floats(0, LONGEST_ASKED_S))
def test_tries_wait_within_their_ceilings_and_end_dead(chances: list[float], asked: float | None):
    chance, one, waits = iter(chances), delivery(), []
    while one.state is DeliveryState.PENDING:
        before, one = one, failed(one, "500", NOW, lambda: next(chance), asked)
        waits.append((one.next_at - NOW).total_seconds())
        assert one.attempts == before.attempts + 1
    assert one.state is DeliveryState.DEAD
    assert len(waits) == len(CEILINGS_S) + 1
    for wait, ceiling in zip(waits, CEILINGS_S, strict=False):
        assert (asked or 0) - 1e-6 <= wait <= max(ceiling, asked or 0) + 1e-6


def test_tries_go_on_for_about_three_days():
    assert 2.5 <= sum(CEILINGS_S) / 2 / 86400 <= 3.5


PATIENT = 60.0
"""Seconds for an attempt: the first use of Apprise loads its hundred services, slowly on a busy machine."""


@APPRISE
@pytest.mark.parametrize(("status", "state"), [(200, DeliveryState.DONE), (500, DeliveryState.PENDING)])
def test_people_are_reached_through_apprise(httpserver: HTTPServer, status: int, state: DeliveryState):
    httpserver.expect_request("/person").respond_with_data("", status=status)
    channel = Channel(id="c", name="n", url=httpserver.url_for("/person").replace("http://", "json://"))
    sent = asyncio.run(
        PersonSender(lambda: 0.5, PATIENT, LOCAL).send(delivery('{"title": "a", "text": "b"}'), channel, NOW)
    )
    assert sent.state is state


def notify(url: str, allow: tuple = ()) -> Delivery:
    channel = Channel(id="c", name="n", url=url)
    words = delivery('{"title": "a", "text": "b"}')
    return asyncio.run(PersonSender(lambda: 0.5, PATIENT, allow).send(words, channel, NOW))


@APPRISE
@pytest.mark.parametrize(
    "url",
    [
        "json://127.0.0.1:9/a",
        "xmls://[::1]/a",
        "form://169.254.169.254/latest",
        "json://2130706433/a",
        "ntfy://10.0.0.1/topic",
        "mailto://u:p@example.com?smtp=127.0.0.1",
    ],
)
def test_a_channel_that_names_an_inward_host_is_refused(url: str):
    sent = notify(url)
    assert (sent.state, sent.last_status) == (DeliveryState.DEAD, "inward_address")


@APPRISE
@pytest.mark.parametrize("url", ["", "nonsense://x", "json://", "https://a.example/"])
def test_a_channel_that_apprise_cannot_read_is_given_up(url: str):
    assert notify(url).last_status == "bad_channel"


@APPRISE
def test_a_channel_follows_no_redirect_whatever_its_address_asks(httpserver: HTTPServer):
    httpserver.expect_request("/person").respond_with_data("", status=302, headers={"Location": "/inside"})
    url = httpserver.url_for("/person").replace("http://", "json://")
    assert notify(f"{url}?redirect=yes", LOCAL).last_status == "not_sent"
    assert [request.path for request, _ in httpserver.log] == ["/person"]
