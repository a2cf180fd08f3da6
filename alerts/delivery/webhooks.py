"""Webhooks signed by the Standard Webhooks specification (https://www.standardwebhooks.com, version 1)."""

import asyncio
import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus

import httpx
import msgspec
import standardwebhooks

from alerts.delivery.retry import Uniform, dead, done, failed, retry_after
from core.errors import Refused, RetryLater
from core.records import Delivery, Webhook

ATTEMPT_S = 10.0
MOST_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Outcome:
    """A settled delivery, and the webhook's new record when the receiver is gone for good."""

    delivery: Delivery
    webhook: Webhook | None = None


def new_secret() -> str:
    """A signing key of 256 random bits in the specification's form."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def sign(keys: Sequence[str], id_: str, now: datetime, body: str) -> dict[str, str]:
    """The three headers, with one signature per key, so that a receiver may still hold the older one."""
    at = now.astimezone(UTC)
    signatures = [standardwebhooks.Webhook(key).sign(id_, at, body) for key in keys]
    return {
        "webhook-id": id_,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


class WebhookSender:
    """Sends over a client whose transport is `core.addresses.PinnedTransport`."""

    def __init__(self, client: httpx.AsyncClient, uniform: Uniform, attempt_s: float = ATTEMPT_S) -> None:
        self._client = client
        self._uniform = uniform
        self._attempt_s = attempt_s

    async def send(self, delivery: Delivery, webhook: Webhook, now: datetime) -> Outcome:
        """One attempt. Never raises for what the receiver does."""
        try:
            headers = sign(webhook.secrets, delivery.id, now, delivery.body)
        except (ValueError, standardwebhooks.webhooks.EmptyWebhookSecretError):
            return Outcome(dead(delivery, "bad_secret"))
        if not webhook.secrets:
            return Outcome(dead(delivery, "no_secret"))
        try:
            async with asyncio.timeout(self._attempt_s):
                status, asked = await self._post(webhook.url, delivery.body, headers)
        except Refused as refusal:
            return Outcome(dead(delivery, refusal.code))
        except (TimeoutError, httpx.TimeoutException):
            return Outcome(failed(delivery, "timeout", now, self._uniform))
        except (RetryLater, httpx.HTTPError, httpx.InvalidURL, httpx.StreamError):
            return Outcome(failed(delivery, "network", now, self._uniform))
        return self._judge(delivery, webhook, now, (status, asked))

    async def _post(self, url: str, body: str, headers: dict[str, str]) -> tuple[int, str | None]:
        content = {"content-type": "application/json", **headers}
        request = self._client.build_request("POST", url, content=body.encode(), headers=content)
        response = await self._client.send(request, stream=True, follow_redirects=False)
        try:
            taken = 0
            async for chunk in response.aiter_raw():
                taken += len(chunk)
                if taken >= MOST_BYTES:
                    break
        finally:
            await response.aclose()
        return response.status_code, response.headers.get("retry-after")

    def _judge(self, delivery: Delivery, webhook: Webhook, now: datetime, answer: tuple[int, str | None]) -> Outcome:
        status, asked = answer
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return Outcome(done(delivery, str(status), now))
        if status == HTTPStatus.GONE:
            gone = msgspec.structs.replace(webhook, enabled=False, disabled_reason="gone")
            return Outcome(dead(delivery, "410"), gone)
        heeded = status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
        wait = retry_after(asked, now) if heeded else None
        return Outcome(failed(delivery, str(status), now, self._uniform, wait))
