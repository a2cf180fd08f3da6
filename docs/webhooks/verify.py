"""Verify a webhook of Huiying with the standard library: python verify.py < body, headers in the environment."""

import base64
import hashlib
import hmac
import os
import sys
import time

TOLERANCE_S = 300


def verify(secrets: list[str], headers: dict[str, str], body: bytes, now: float) -> bool:
    """Whether the body was signed with one of the secrets, within five minutes of `now`."""
    id_, at, signatures = (headers[name] for name in ("webhook-id", "webhook-timestamp", "webhook-signature"))
    if not at.isdigit() or abs(now - int(at)) > TOLERANCE_S:
        return False
    signed = f"{id_}.{at}.".encode() + body
    keys = [base64.b64decode(secret.removeprefix("whsec_")) for secret in secrets]
    wanted = ["v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode() for key in keys]
    return any(hmac.compare_digest(one, given) for one in wanted for given in signatures.split(" "))


if __name__ == "__main__":
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    given = {name: os.environ[name.upper().replace("-", "_")] for name in names}
    now = float(os.environ.get("NOW", time.time()))
    sys.exit(0 if verify(os.environ["SECRET"].split(), given, sys.stdin.buffer.read(), now) else 1)
