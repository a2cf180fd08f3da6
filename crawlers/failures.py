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

from crawlers.middlewares.cooling import Cooling
from crawlers.middlewares.inward import BadAddress, InwardAddress, UnknownHost
from crawlers.results import Reason

_REASONS: tuple[tuple[tuple[type[BaseException], ...], Reason], ...] = (
    ((InwardAddress,), Reason.INWARD_ADDRESS),
    ((BadAddress,), Reason.BAD_ADDRESS),
    ((Cooling,), Reason.BLOCKED),
    ((UnknownHost, CannotResolveHostError), Reason.DNS),
    ((DownloadTimeoutError,), Reason.TIMEOUT),
    ((DownloadCancelledError,), Reason.TOO_LARGE),  # Scrapy's word for a body beyond DOWNLOAD_MAXSIZE
    (
        (DownloadConnectionRefusedError, DownloadFailedError, ResponseDataLossError, ConnectError, ConnectionDone),
        Reason.CONNECTION,
    ),
    ((ConnectionLost, OSError, EOFError), Reason.CONNECTION),
)

_IGNORED = (
    ("Forbidden by robots.txt", Reason.ROBOTS),
    ("DOWNLOAD_MAXSIZE", Reason.TOO_LARGE),
    ("max redirections", Reason.HTTP_ERROR),
)
"""What Scrapy's own middlewares say when they drop a request: they have one exception for everything."""


def reason_of(error: BaseException) -> Reason:
    """The reason a request failed; `unfinished` for what we have no word for."""
    for kinds, reason in _REASONS:
        if isinstance(error, kinds):
            return reason
    if isinstance(error, IgnoreRequest):
        return next((reason for words, reason in _IGNORED if words in str(error)), Reason.HTTP_ERROR)
    return Reason.UNFINISHED
