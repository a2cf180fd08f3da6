"""The group robots of WeCom, DingTalk and Feishu: their wire formats, with @ of whom is meant and the signature.

Formats as described at: WeCom https://developer.work.weixin.qq.com/document/path/91770, DingTalk
https://open.dingtalk.com/document/orgapp/custom-robot-access, Feishu
https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot. Channel addresses are those of Apprise:
`wecombot://KEY`, `dingtalk://[SECRET@]TOKEN`, `feishu://[SECRET@]TOKEN`; `?host=https://...` names
an installation of one's own.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, quote, quote_plus, urlsplit

import msgspec

from alerts.notices.address import Words
from alerts.notices.words import shortened
from core.errors import Refused

Mentions = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Address:
    """A robot: its token, its signing secret if it has one, and the installation it belongs to."""

    kind: str
    token: str
    secret: str
    host: str


@dataclass(frozen=True, slots=True)
class Robot:
    """A platform. `most` bytes of text it takes; `request` makes URL and body; `codes` are its answers."""

    host: str
    most: int
    request: Callable[[Address, str, Mentions, datetime], tuple[str, dict[str, Any]]]
    fine: Callable[[Mapping[str, Any]], bool]
    later: frozenset[int]


def parse(url: str) -> Address | None:
    """The robot of a channel's address; None when the address is of another kind. `Refused` for one without a token."""
    kind = url.partition("://")[0].lower()
    if kind not in ROBOTS:
        return None
    parts = urlsplit(url)
    secret, _, token = parts.netloc.rpartition("@")
    if kind == "feishu" and not token and parts.path:
        token = parts.path.strip("/")
    if not token:
        raise Refused("bad_channel", "The address of the robot has no token.")
    host = parse_qs(parts.query).get("host", [ROBOTS[kind].host])[0].rstrip("/")
    if not host.startswith(("https://", "http://")):
        raise Refused("bad_channel", "The host of a robot begins with https://.")
    return Address(kind, token, secret, host)


def text_of(words: Words, most: int) -> str:
    """The message in one text of at most `most` bytes; links are kept whole."""
    links = [f"查看：{words.link}" if words.link else "", f"确认：{words.ack}" if words.ack else ""]
    return shortened(words.title, words.text.split("\n") if words.text else [], links, most)


def request(address: Address, words: Words, now: datetime) -> tuple[str, dict[str, Any]]:
    """URL and JSON body of one message."""
    robot = ROBOTS[address.kind]
    return robot.request(address, text_of(words, robot.most), words.mentions, now)


def judged(address: Address, status: int, body: bytes) -> tuple[bool, str, bool]:
    """Whether it arrived, a short code, and whether another try may help. A robot answers 200 also when it refuses."""
    robot = ROBOTS[address.kind]
    if status != 200:
        return False, str(status), status in (408, 429) or not 400 <= status < 500
    try:
        answer = msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False, "garbage", True
    code = answer.get("errcode", answer.get("code", answer.get("StatusCode")))
    if type(code) is not int:
        # another server answers there, and always will
        return False, "garbage", False
    if robot.fine(answer):
        return True, "sent", False
    return False, f"refused_{code}"[:40], code in robot.later


def _wecom(address: Address, text: str, mentions: Mentions, now: datetime) -> tuple[str, dict[str, Any]]:
    said: dict[str, Any] = {"content": text}
    if mentions.get("wecom"):
        said["mentioned_list"] = list(mentions["wecom"])
    if mentions.get("mobile"):
        said["mentioned_mobile_list"] = list(mentions["mobile"])
    return f"{address.host}/cgi-bin/webhook/send?key={quote(address.token)}", {"msgtype": "text", "text": said}


def _dingtalk(address: Address, text: str, mentions: Mentions, now: datetime) -> tuple[str, dict[str, Any]]:
    """Signed: timestamp in milliseconds, HMAC-SHA256 of `timestamp\\nsecret` under the secret, base64, percent-encoded."""
    url = f"{address.host}/robot/send?access_token={quote(address.token)}"
    if address.secret:
        at = str(int(now.timestamp() * 1000))
        sign = _hmac(address.secret, f"{at}\n{address.secret}")
        url += f"&timestamp={at}&sign={quote_plus(sign)}"
    users, mobiles = list(mentions.get("dingtalk", ())), list(mentions.get("mobile", ()))
    # a person is only marked where his number or id stands in the text as well
    marks = "".join(f" @{one}" for one in (*users, *mobiles))
    body = {"msgtype": "text", "text": {"content": text + marks}}
    return url, {**body, "at": {"atUserIds": users, "atMobiles": mobiles, "isAtAll": False}}


def _feishu(address: Address, text: str, mentions: Mentions, now: datetime) -> tuple[str, dict[str, Any]]:
    """Signed: timestamp in seconds, HMAC-SHA256 of nothing under `timestamp\\nsecret`, base64."""
    # < and > of what citizens wrote must not become marks
    safe = text.replace("<", "＜").replace(">", "＞")
    marks = "".join(f'<at user_id="{one}"></at> ' for one in mentions.get("feishu", ()) if one.isascii())
    body: dict[str, Any] = {"msg_type": "text", "content": {"text": marks + safe}}
    if address.secret:
        at = str(int(now.timestamp()))
        body |= {"timestamp": at, "sign": _hmac(f"{at}\n{address.secret}", "")}
    return f"{address.host}/open-apis/bot/v2/hook/{quote(address.token)}", body


def _hmac(key: str, text: str) -> str:
    return base64.b64encode(hmac.digest(key.encode(), text.encode(), hashlib.sha256)).decode()


ROBOTS: dict[str, Robot] = {
    "wecombot": Robot(
        host="https://qyapi.weixin.qq.com",
        most=2048,
        request=_wecom,
        fine=lambda answer: answer.get("errcode") == 0,
        later=frozenset({-1, 45009}),  # busy; more than twenty in a minute
    ),
    "dingtalk": Robot(
        host="https://oapi.dingtalk.com",
        most=15_000,
        request=_dingtalk,
        fine=lambda answer: answer.get("errcode") == 0,
        later=frozenset({-1, 130101, 410100}),  # busy; sent too fast
    ),
    "feishu": Robot(
        host="https://open.feishu.cn",
        most=15_000,
        request=_feishu,
        fine=lambda answer: answer.get("code", answer.get("StatusCode")) == 0,
        later=frozenset({11232, 9499}),  # too many requests
    ),
}
"""By the scheme of the channel's address."""
