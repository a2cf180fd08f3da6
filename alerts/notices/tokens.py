"""Signed links by which a case is acknowledged out of a message, without a login."""

import base64
import binascii
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec import Struct

from core.errors import Refused

LENGTH = 24
"""Bytes of the signature: 192 bits of HMAC-SHA256."""


class Pass(Struct, frozen=True, array_like=True):
    """Who may acknowledge which case, until when (seconds since 1970)."""

    case: str
    who: str
    until: int


def key_of(secret: str) -> bytes:
    """The signing key that follows from the office's secret, for this use alone."""
    return hashlib.sha256(b"huiying acknowledge\x00" + secret.encode()).digest()


def issue(key: bytes, case: str, who: str, now: datetime, hours: int) -> str:
    """The token for one receiver of a message."""
    data = msgspec.json.encode(Pass(case, who, int((now + timedelta(hours=hours)).timestamp())))
    return _text(data + _sign(key, data))


def read(key: bytes, token: str, now: datetime) -> Pass:
    """What a token allows; `Refused`: `bad_link` for one that is not ours, `link_expired`."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError) as error:
        raise Refused("bad_link", "This link is damaged: open the case on the board.") from error
    data, signature = raw[:-LENGTH], raw[-LENGTH:]
    # one spelling only: base64 would take several for the same bytes
    if _text(raw) != token or not hmac.compare_digest(signature, _sign(key, data)):
        raise Refused("bad_link", "This link is damaged: open the case on the board.")
    found = msgspec.json.decode(data, type=Pass)
    if datetime.fromtimestamp(found.until, UTC) <= now:
        raise Refused("link_expired", "This link is too old: open the case on the board.")
    return found


def _sign(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sha256")[:LENGTH]


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
