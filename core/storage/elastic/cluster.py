"""Where Elasticsearch is, its indices as we need them, and its errors as ours."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from copy import copy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from elasticsearch import ApiError, Elasticsearch, SSLError, TransportError
from elasticsearch.exceptions import SerializationError

from core.errors import ConfigurationError, StorageError
from core.storage.elastic import mappings

REQUEST_S = 15.0
MOMENT = "2m"
"""How long a point in time is kept after each page: each holds files of the server open."""
PREFIX = "huiying-"


class Cluster:
    """The connections of one process. Safe to use from several threads.

    Args:
        url: One address or several, with commas; https needs `ca` unless a public authority signed the certificate.
        api_key: The encoded form that Elasticsearch prints; empty where security is off.
        replicas: Copies of each shard; they are left out while the cluster has a single node.
        fresh: Refresh before every search, for tests that write and look at once.
    """

    def __init__(
        self,
        url: str,
        *,
        api_key: str = "",
        ca: Path | None = None,
        replicas: int = 1,
        prefix: str = PREFIX,
        fresh: bool = False,
    ) -> None:
        self.where = url.rpartition("@")[2]
        self.replicas = replicas
        self.fresh = fresh
        self.prefix = prefix
        self._name(mappings.SCHEMA)
        trust: dict[str, Any] = {"ca_certs": str(ca)} if ca else {}
        try:
            self.client = Elasticsearch(
                url.split(","),
                api_key=api_key or None,
                request_timeout=REQUEST_S,
                max_retries=0,  # the relay and the callers know better when to try again
                **trust,
            )
        except ValueError:  # its text holds the address as given, and so a password in it
            raise ConfigurationError("HUIYING_ELASTICSEARCH: give https://host:9200, several with commas") from None
        except OSError as error:  # a file that is not there, or holds no certificate
            raise ConfigurationError(f"HUIYING_ELASTICSEARCH_CA: {ca} holds no certificate that can be read") from error

    def at(self, schema: int) -> "Cluster":
        """The same connections, with the indices of another schema."""
        other = copy(self)
        other._name(schema)
        return other

    def _name(self, schema: int) -> None:
        """Every name has the schema's number: programs of two schemas never see each other's indices."""
        self.schema = schema
        self.posts, self.incidents, self.members = (
            f"{self.prefix}{name}-v{schema}" for name in ("posts", "incidents", "members")
        )

    def month(self, at: datetime) -> str:
        """The index that holds posts published at that time."""
        return f"{self.posts}-{at.astimezone(UTC):%Y.%m}"

    @property
    def patterns(self) -> str:
        """Matches every index of ours and no other."""
        return f"{self.posts}-*,{self.incidents},{self.members}"

    def search(self, index: str, **body: Any) -> Mapping[str, Any]:
        """Search an index or alias that may not exist yet."""
        with self.said_plainly():
            if self.fresh:
                self.client.indices.refresh(index=index, ignore_unavailable=True)
            answer = self.client.search(index=index, ignore_unavailable=True, track_total_hits=False, **body)
        return answer.body  # type: ignore[no-any-return]

    def open_moment(self, index: str) -> str:
        """A point in time of an index or alias; empty when the server gives none."""
        if self.fresh:
            self.refresh()
        try:
            answer = self.client.open_point_in_time(index=index, keep_alive=MOMENT, ignore_unavailable=True)
        except (ApiError, TransportError):
            return ""
        return str(answer["id"])

    def search_moment(self, moment: str, **body: Any) -> Mapping[str, Any] | None:
        """Search in a point in time, which lives on from now; None when the server no longer has all of it."""
        pit = {"id": moment, "keep_alive": MOMENT}
        whole = {"allow_partial_search_results": False, "track_total_hits": False}
        try:
            return self.client.search(pit=pit, **whole, **body).body  # type: ignore[arg-type,no-any-return]
        except (ApiError, TransportError, SerializationError):
            self.close_moment(moment)
            return None

    def close_moment(self, moment: str) -> None:
        """Give a point in time back; one that is gone, or never was, is no error: each ends by itself."""
        with suppress(ApiError, TransportError):
            self.client.close_point_in_time(id=moment)

    def refresh(self) -> None:
        """Let everything written so far be found."""
        with self.said_plainly():
            index = f"{self.posts},{self.incidents},{self.members}"
            self.client.indices.refresh(index=index, ignore_unavailable=True)

    @contextmanager
    def said_plainly(self) -> Iterator[None]:
        """Errors of Elasticsearch as ours."""
        try:
            yield
        except (ApiError, TransportError, SerializationError) as error:
            raise StorageError(f"Elasticsearch at {self.where}: {_cause(error)}"[:300]) from error

    def close(self) -> None:
        """Close the connections."""
        self.client.close()


def _cause(error: Exception) -> str:
    """Without the request, which is what people wrote, and without what the server repeats of our key."""
    if isinstance(error, ApiError):
        return _REFUSALS.get(error.status_code, f"{error.status_code} {error.error}")
    message = str(getattr(error, "message", ""))
    if isinstance(error, SSLError):
        return f"{message}; HUIYING_ELASTICSEARCH_CA names the authority that signed its certificate"
    if "Remote end closed" in message or "Connection aborted" in message:
        return f"{message}; where it speaks TLS, HUIYING_ELASTICSEARCH begins with https://"
    return f"{type(error).__name__}: {message}"


_REFUSALS = {
    401: "401, it does not know this key: HUIYING_ELASTICSEARCH_KEY is the `encoded` form that it printed",
    403: "403, the key in HUIYING_ELASTICSEARCH_KEY may not do this: its role is in docs/operations.md, Security",
}
