"""What a relay could not send is counted by whom it was for."""

from collections.abc import Sequence

import pytest

from core.effects import Effects, Message
from core.errors import StorageError
from core.records import AnalysedPost, Assignment, Incident
from core.storage.postgres.owed import Parcel
from core.topics import Topic
from tests.records import post
from tests.servers.distributed import Distributed


class Away:
    """A log and an index that nobody reaches."""

    def send(self, parcels: Sequence[Parcel]) -> None:
        raise StorageError("no broker")

    def write(
        self,
        posts: Sequence[AnalysedPost],
        incidents: Sequence[Incident],
        assigned: Sequence[Assignment],
        version: int,
    ) -> None:
        raise StorageError("no index")

    def remove(self, jurisdiction: str) -> None:
        raise StorageError("no index")


def failures(servers: Distributed) -> dict[str, float | None]:
    value = servers.metrics.registry.get_sample_value
    return {to: value("huiying_relay_failures_total", {"to": to}) for to in ("log", "index")}


def test_a_relay_counts_what_the_log_and_the_index_did_not_take(
    servers: Distributed, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert failures(servers) == {"log": 0, "index": 0}
    message = Message(topic=Topic.POSTS_RAW, key="330106", id="m", value=b"{}")
    monkeypatch.setattr(servers.relay, "_sender", Away())
    monkeypatch.setattr(servers.relay, "_index", Away())
    servers.storage.commit(Effects(messages=[message]))
    assert failures(servers) == {"log": 1, "index": 0}
    servers.storage.commit(Effects(posts=[post("p")]))  # no message tells of it, so the log is owed one too
    assert failures(servers) == {"log": 2, "index": 1}
    assert servers.storage.waiting() == (2, 1)
    monkeypatch.undo()
    assert servers.storage.sweep()
    assert failures(servers) == {"log": 2, "index": 1}
    assert servers.storage.waiting() == (0, 0)
