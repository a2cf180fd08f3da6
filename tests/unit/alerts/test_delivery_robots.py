"""The robots' wire formats, checked by a server that does what the platforms' documentation says."""

import asyncio
import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from ipaddress import ip_network

import httpx
import msgspec
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from alerts.delivery.people import PersonSender
from alerts.notices.address import Words
from core.addresses import PinnedTransport
from core.records import Channel, Delivery, DeliveryState

NOW = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)
LOCAL = (ip_network("127.0.0.0/8"),)
SECRET = "SEC-of-a-robot"
WORDS = Words(
    title="【新事件·二级】滨河花园停水",
    text="\n".join(["热度 20", *("很长的说明" * 40 for _ in range(40))]),
    link="https://board.example/#/incidents/i1",
    ack="https://board.example/api/v1/acknowledge/TOKEN",
    mentions={"wecom": ("jia",), "mobile": ("13000000000",), "dingtalk": ("ding1",), "feishu": ("ou_1",)},
)


def wecom(request: Request) -> Response:
    """https://developer.work.weixin.qq.com/document/path/91770: 2048 bytes of text at most, errcode 0 when fine."""
    said = request.get_json()
    text = said["text"]
    assert set(said) == {"msgtype", "text"}
    assert set(text) == {"content", "mentioned_list", "mentioned_mobile_list"}
    assert request.args["key"] == "KEY"
    too_long = len(text["content"].encode()) > 2048
    return Response(json.dumps({"errcode": 40058 if too_long else 0, "errmsg": "ok"}))


def dingtalk(request: Request) -> Response:
    """https://open.dingtalk.com/document/orgapp/custom-robot-access: a wrong or old signature is errcode 310000."""
    at = request.args["timestamp"]
    digest = hmac.new(SECRET.encode(), f"{at}\n{SECRET}".encode(), hashlib.sha256).digest()
    right = request.args["sign"] == base64.b64encode(digest).decode() and abs(int(at) / 1000 - NOW.timestamp()) < 3600
    said = request.get_json()
    assert said["msgtype"] == "text"
    assert set(said["at"]) == {"atUserIds", "atMobiles", "isAtAll"}
    assert all(f"@{one}" in said["text"]["content"] for one in (*said["at"]["atMobiles"], *said["at"]["atUserIds"]))
    assert len(request.get_data()) <= 20_000
    return Response(json.dumps({"errcode": 0 if right else 310000, "errmsg": "ok"}))


def feishu(request: Request) -> Response:
    """https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot: the key is timestamp and secret, the message empty."""
    said = request.get_json()
    digest = hmac.new(f"{said['timestamp']}\n{SECRET}".encode(), b"", hashlib.sha256).digest()
    right = said["sign"] == base64.b64encode(digest).decode() and abs(int(said["timestamp"]) - NOW.timestamp()) < 3600
    assert said["msg_type"] == "text"
    assert '<at user_id="ou_1"></at>' in said["content"]["text"]
    assert len(request.get_data()) <= 20 * 1024
    return Response(json.dumps({"code": 0 if right else 19021, "msg": "success"}))


CHANNELS = {
    "wecom": ("wecombot://KEY?host={}", "/cgi-bin/webhook/send", wecom),
    "dingtalk": ("dingtalk://" + SECRET + "@TOKEN?host={}", "/robot/send", dingtalk),
    "feishu": ("feishu://" + SECRET + "@TOKEN?host={}", "/open-apis/bot/v2/hook/TOKEN", feishu),
}


def send(url: str, words: Words = WORDS, allow: tuple[object, ...] = LOCAL) -> Delivery:
    body = msgspec.json.encode(words).decode()
    delivery = Delivery(
        id="msg_1", kind="person", target="c", event="case.opened", body=body, created_at=NOW, next_at=NOW
    )

    async def go() -> Delivery:
        async with httpx.AsyncClient(transport=PinnedTransport(allow)) as client:
            sender = PersonSender(lambda: 0.5, 2.0, allow, client)
            return await sender.send(delivery, Channel(id="c", name="n", url=url), NOW)

    return asyncio.run(go())


@pytest.mark.parametrize("platform", CHANNELS)
def test_a_message_arrives_in_the_platforms_own_form_signed_marked_and_short_enough(
    httpserver: HTTPServer, platform: str
):
    url, path, answer = CHANNELS[platform]
    httpserver.expect_request(path, method="POST").respond_with_handler(answer)
    sent = send(url.format(httpserver.url_for("").rstrip("/")))
    httpserver.check_assertions()
    assert (sent.state, sent.last_status) == (DeliveryState.DONE, "sent")
    said = httpserver.log[0][0].get_json()
    text = (said.get("text") or said["content"]).get("content") or said["content"]["text"]
    assert WORDS.title in text
    assert WORDS.ack in text
    assert WORDS.link in text


@pytest.mark.parametrize("platform", ["dingtalk", "feishu"])
def test_a_wrong_secret_is_told_by_the_platforms_code_and_not_tried_again(httpserver: HTTPServer, platform: str):
    url, path, answer = CHANNELS[platform]
    httpserver.expect_request(path).respond_with_handler(answer)
    sent = send(url.replace(SECRET, "wrong").format(httpserver.url_for("").rstrip("/")))
    code = {"dingtalk": "refused_310000", "feishu": "refused_19021"}[platform]
    assert (sent.state, sent.last_status) == (DeliveryState.DEAD, code)


@pytest.mark.parametrize(
    ("body", "status", "state", "said"),
    [
        ('{"errcode": 45009}', 200, DeliveryState.PENDING, "refused_45009"),  # more than twenty in a minute
        ('{"errcode": 93000}', 200, DeliveryState.DEAD, "refused_93000"),  # the robot was removed
        ("<html>", 200, DeliveryState.PENDING, "garbage"),
        ("\xff", 200, DeliveryState.PENDING, "garbage"),
        ('{"errcode": ' + "[" * 9_000, 200, DeliveryState.PENDING, "garbage"),
        ('{"errcode": {"id": 1}}', 200, DeliveryState.DEAD, "garbage"),
        ('{"errcode": []}', 200, DeliveryState.DEAD, "garbage"),
        ('{"errcode": false}', 200, DeliveryState.DEAD, "garbage"),
        ("{}", 200, DeliveryState.DEAD, "garbage"),
        ("", 503, DeliveryState.PENDING, "503"),
        ("", 404, DeliveryState.DEAD, "404"),
        ("", 302, DeliveryState.PENDING, "302"),
    ],
)
def test_what_a_platform_answers_decides_whether_it_is_tried_again(
    httpserver: HTTPServer, body: str, status: int, state: DeliveryState, said: str
):
    httpserver.expect_request("/cgi-bin/webhook/send").respond_with_data(body.encode("latin-1"), status)
    sent = send(f"wecombot://KEY?host={httpserver.url_for('').rstrip('/')}")
    assert (sent.state, sent.last_status) == (state, said)


def test_a_robot_of_ones_own_installation_may_not_be_inward_unless_allowed(httpserver: HTTPServer):
    sent = send(f"wecombot://KEY?host={httpserver.url_for('').rstrip('/')}", allow=())
    assert (sent.state, sent.last_status) == (DeliveryState.DEAD, "inward_address")
    assert httpserver.log == []
    assert send("wecombot://").last_status == "bad_channel"


def test_words_of_citizens_become_no_marks(httpserver: HTTPServer):
    httpserver.expect_request("/open-apis/bot/v2/hook/TOKEN").respond_with_json({"code": 0})
    words = Words(title='<at user_id="all">所有人</at>', text="x")
    send(f"feishu://TOKEN?host={httpserver.url_for('').rstrip('/')}", words)
    assert "<at" not in httpserver.log[0][0].get_json()["content"]["text"]
