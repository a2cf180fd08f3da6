"""Messages to people through Apprise, which speaks to WeCom, DingTalk, Feishu, mail and many more."""

import asyncio
from datetime import datetime

import apprise
import msgspec

from alerts.delivery.retry import Uniform, dead, done, failed
from core.records import Channel, Delivery


class _Words(msgspec.Struct):
    title: str
    text: str


def _notify(url: str, words: _Words) -> bool | None:
    sender = apprise.Apprise()
    if not sender.add(url):
        return None
    return bool(sender.notify(title=words.title, body=words.text))


class PersonSender:
    """Apprise blocks, so each message goes out in a worker thread; a hanging one is left behind after `attempt_s`."""

    def __init__(self, uniform: Uniform, attempt_s: float = 10.0) -> None:
        self._uniform = uniform
        self._attempt_s = attempt_s

    async def send(self, delivery: Delivery, channel: Channel, now: datetime) -> Delivery:
        """One attempt; the channel's URL holds a secret and appears in no status."""
        try:
            words = msgspec.json.decode(delivery.body, type=_Words)
        except msgspec.DecodeError:
            return dead(delivery, "bad_body")
        try:
            async with asyncio.timeout(self._attempt_s):
                sent = await asyncio.to_thread(_notify, channel.url, words)
        except TimeoutError:
            return failed(delivery, "timeout", now, self._uniform)
        if sent is None:
            return dead(delivery, "bad_channel")
        return done(delivery, "sent", now) if sent else failed(delivery, "not_sent", now, self._uniform)
