"""Why a request brought no answer, in our words."""

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from twisted.internet.error import ConnectError, ConnectionDone, ConnectionLost

from core.records import Ending
from crawlers.middlewares.inward import BadAddress, InwardAddress, UnknownHost

_ENDINGS: tuple[tuple[tuple[type[BaseException], ...], Ending], ...] = (
    ((InwardAddress,), Ending.INWARD_ADDRESS),
    ((BadAddress,), Ending.BAD_ADDRESS),
    ((UnknownHost, CannotResolveHostError), Ending.DNS),
    ((DownloadTimeoutError,), Ending.TIMEOUT),
    ((DownloadCancelledError,), Ending.TOO_LARGE),  # Scrapy's word for a body beyond DOWNLOAD_MAXSIZE
    (
        (DownloadConnectionRefusedError, DownloadFailedError, ResponseDataLossError, ConnectError, ConnectionDone),
        Ending.CONNECTION,
    ),
    ((ConnectionLost, OSError, EOFError), Ending.CONNECTION),
)

_TLS = ("SSL", "OpenSSL", "certificate", "VerificationError")
"""Scrapy wraps what OpenSSL says into its own error for any failed connection."""

_IGNORED = (
    ("Forbidden by robots.txt", Ending.ROBOTS),
    ("DOWNLOAD_MAXSIZE", Ending.TOO_LARGE),
    ("max redirections", Ending.HTTP_ERROR),
)
"""What Scrapy's own middlewares say when they drop a request: they have one exception for everything."""


def ending_of(error: BaseException) -> Ending:
    """The ending of a request failed; `unfinished` for what we have no word for."""
    if any(sign in f"{type(error).__name__} {error!r}" for sign in _TLS):
        return Ending.TLS
    for kinds, ending in _ENDINGS:
        if isinstance(error, kinds):
            return ending
    if isinstance(error, IgnoreRequest):
        return next((ending for words, ending in _IGNORED if words in str(error)), Ending.HTTP_ERROR)
    return Ending.UNFINISHED
