"""Messages to people through Apprise, which speaks to WeCom, DingTalk, Feishu, mail and many more."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime

import apprise
import msgspec

from alerts.delivery.retry import Uniform, dead, done, failed
from core.addresses import Networks, resolve
from core.errors import Refused, RetryLater
from core.records import Channel, Delivery

AT_ONCE = 16


class _Words(msgspec.Struct):
    title: str
    text: str


def _sender(url: str) -> apprise.NotifyBase | None:
    """What Apprise makes of a channel's URL; None when nothing. It never follows redirects, whatever the URL asks."""
    sender = apprise.Apprise.instantiate(url)
    if not isinstance(sender, apprise.NotifyBase):
        return None
    sender.redirects = False
    return sender


def _host(sender: apprise.NotifyBase) -> tuple[str, int]:
    """The machine that the URL itself names (`json://`, `mailto://`, ...); empty for services with hosts of their own."""
    if "host" not in sender.template_tokens:
        return "", 0
    host = str(getattr(sender, "smtp_host", "") or sender.host or "")
    return host.strip("[]"), int(sender.port or 443)


def _notify(sender: apprise.NotifyBase, words: _Words) -> bool:
    one = apprise.Apprise()
    one.add(sender)
    return bool(one.notify(title=words.title, body=words.text))


class PersonSender:
    """Apprise blocks, so messages go out in threads of their own; a hanging one is left behind after `attempt_s`.

    A host named in a channel's URL must not be inward unless `allow` holds it. Apprise asks for the name once more when
    it connects, so a name that changes its answer in between could still lead inside: only administrators set channels.
    """

    def __init__(self, uniform: Uniform, attempt_s: float = 10.0, allow: Networks = ()) -> None:
        self._uniform = uniform
        self._attempt_s = attempt_s
        self._allow = allow
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="person")

    async def send(self, delivery: Delivery, channel: Channel, now: datetime) -> Delivery:
        """One attempt; the channel's URL holds a secret and appears in no status."""
        try:
            words = msgspec.json.decode(delivery.body, type=_Words)
        except msgspec.DecodeError:
            return dead(delivery, "bad_body")
        try:
            async with asyncio.timeout(self._attempt_s):
                sent = await self._attempt(channel.url, words)
        except TimeoutError:
            return failed(delivery, "timeout", now, self._uniform)
        except Refused as refusal:
            return dead(delivery, refusal.code)
        return done(delivery, "sent", now) if sent else failed(delivery, "not_sent", now, self._uniform)

    async def _attempt(self, url: str, words: _Words) -> bool:
        loop = asyncio.get_running_loop()
        sender = await loop.run_in_executor(self._threads, _sender, url)
        if sender is None:
            raise Refused("bad_channel", "Apprise cannot read the address of the channel")
        host, port = _host(sender)
        if host:
            # a name without address reaches nothing; and some URLs hold a topic in the place of the host
            with suppress(RetryLater):
                await resolve(host, port, self._allow)
        return await loop.run_in_executor(self._threads, _notify, sender, words)
