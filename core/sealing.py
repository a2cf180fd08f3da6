"""Secrets that people lend us (a login cookie), kept so that the database alone does not give them away."""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import Refused


class Seal:
    """Seals with a key made (HKDF, RFC 5869) from the secret that all processes of an office share.

    The secret lies outside the database: a copy of the database, or a backup without the secret, opens nothing.
    """

    def __init__(self, secret: str) -> None:
        key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"huiying cookies").derive(secret.encode())
        self._box = Fernet(base64.urlsafe_b64encode(key))

    def close(self, text: str) -> bytes:
        """The text, encrypted and authenticated (AES-128-CBC and HMAC-SHA256, as Fernet specifies)."""
        return self._box.encrypt(text.encode())

    def open(self, sealed: bytes) -> str:
        """The text; raises `Refused` (`bad_seal`) when it was sealed with another secret or changed."""
        try:
            return self._box.decrypt(sealed).decode()
        except (InvalidToken, UnicodeDecodeError):
            raise Refused(
                "bad_seal", "the stored login cannot be opened with this office's secret: save it again"
            ) from None
