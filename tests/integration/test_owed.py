"""What a commit owes while a server is away: told, counted, and never waited for."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from core.effects import Effects, message
from core.storage.postgres import owed
from core.storage.postgres.owed import Debt
from core.topics import Topic
from tests.records import post
from tests.servers.distributed import Distributed


def debts(servers: Distributed) -> tuple[Debt, Debt]:
    with servers.database.write() as connection:
        return owed.debts(connection)


def server_time(servers: Distributed) -> datetime:
    with servers.database.write() as connection:
        return connection.execute(select(func.clock_timestamp())).scalar_one()  # type: ignore[no-any-return]


def test_what_the_servers_are_owed_is_counted_and_dated_by_the_clock_of_the_store(
    servers: Distributed, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert debts(servers) == (Debt(0, None), Debt(0, None))
    monkeypatch.setattr(servers.relay, "settle", lambda work, lanes: None)
    before = server_time(servers) - timedelta(milliseconds=1)
    one = post()
    servers.storage.commit(Effects(messages=[message(Topic.POSTS_ANALYSED, "33", one.id, one)], posts=[one]))
    after = server_time(servers)
    for debt in debts(servers):
        assert debt.rows == 1
        assert debt.since is not None
        assert before <= debt.since <= after
    servers.storage.sweep()
    assert debts(servers) == (Debt(0, None), Debt(0, None))
