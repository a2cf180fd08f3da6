"""Messages to people: the robots of WeCom, DingTalk and Feishu in their own wire formats, everything else through Apprise."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime

import apprise
import httpx
import msgspec

from alerts.delivery import robots
from alerts.delivery.retry import Uniform, dead, done, failed
from alerts.notices.address import Words
from core.addresses import Networks, resolve
from core.errors import Refused, RetryLater
from core.records import Channel, Delivery

AT_ONCE = 16
MOST_BYTES = 64 * 1024


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


def _notify(sender: apprise.NotifyBase, words: Words) -> bool:
    one = apprise.Apprise()
    one.add(sender)
    lines = [words.text, words.link, f"确认：{words.ack}" if words.ack else ""]
    return bool(one.notify(title=words.title, body="\n".join(line for line in lines if line)))


class PersonSender:
    """Robots are sent to over `client`, whose transport is `core.addresses.PinnedTransport`.

    Apprise blocks, so its messages go out in threads of their own; a hanging one is left behind after `attempt_s`. A host
    named in a channel's URL must not be inward unless `allow` holds it. Apprise asks for the name once more when it
    connects, so a name that changes its answer in between could still lead inside: only administrators set channels.
    """

    def __init__(
        self, uniform: Uniform, attempt_s: float = 10.0, allow: Networks = (), client: httpx.AsyncClient | None = None
    ) -> None:
        self._uniform = uniform
        self._attempt_s = attempt_s
        self._allow = allow
        self._client = client
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="person")

    async def send(self, delivery: Delivery, channel: Channel, now: datetime) -> Delivery:
        """One attempt; the channel's URL holds a secret and appears in no status."""
        try:
            words = msgspec.json.decode(delivery.body, type=Words)
        except msgspec.DecodeError:
            return dead(delivery, "bad_body")
        try:
            address = robots.parse(channel.url)
            async with asyncio.timeout(self._attempt_s):
                if address is not None and self._client is not None:
                    return await self._to_robot(delivery, address, words, now)
                sent = await self._attempt(channel.url, words)
        except (TimeoutError, httpx.TimeoutException):
            return failed(delivery, "timeout", now, self._uniform)
        except (RetryLater, httpx.HTTPError, httpx.InvalidURL, httpx.StreamError):
            return failed(delivery, "network", now, self._uniform)
        except Refused as refusal:
            return dead(delivery, refusal.code)
        return done(delivery, "sent", now) if sent else failed(delivery, "not_sent", now, self._uniform)

    async def _to_robot(self, delivery: Delivery, address: robots.Address, words: Words, now: datetime) -> Delivery:
        assert self._client is not None  # noqa: S101  # the caller has asked
        url, body = robots.request(address, words, now)
        response = await self._client.send(
            self._client.build_request("POST", url, json=body), stream=True, follow_redirects=False
        )
        answer = bytearray()
        try:
            async for chunk in response.aiter_bytes():
                answer += chunk
                if len(answer) > MOST_BYTES:
                    break
        finally:
            await response.aclose()
        sent, code, again = robots.judged(address, response.status_code, bytes(answer))
        if sent:
            return done(delivery, code, now)
        return failed(delivery, code, now, self._uniform) if again else dead(delivery, code)

    async def _attempt(self, url: str, words: Words) -> bool:
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
