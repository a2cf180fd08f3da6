"""`huiying migrate`: an office moves to a real Kafka, Elasticsearch and PostgreSQL and goes on there."""

import asyncio
import re
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import httpx
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from app.commands.migrate import move
from app.compose import Workshop
from app.distributed import Connected
from app.locking import sole_runner
from core.clock import utc_now
from core.effects import Effects
from core.ports import lag
from core.records import Assignment
from core.storage.kafka import Producer
from core.storage.sqlite import open_storage
from core.telemetry import Metrics
from stream.distributed import Agent, Tools
from stream.topology import TOPOLOGY, topology
from tests.e2e import outage
from tests.e2e.migration import ANALYSED, COPY, WAITING, Seen, Servers, build_office, empty_servers, seen
from tests.e2e.product import ROOT, command, environment, huiying, until

LONG_S = 120


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_office(tmp_path_factory.mktemp("office"))


@pytest.fixture
def office(built: Path, tmp_path: Path) -> Path:
    """A directory of its own for each test: a move closes it."""
    return Path(shutil.copytree(built, tmp_path / "data"))


@pytest.fixture
def servers(addresses: list[str], office: Path) -> Iterator[Servers]:
    with empty_servers(addresses, office) as made:
        yield made


def migrate(servers: Servers, **more: str) -> "subprocess.CompletedProcess[str]":
    return huiying("migrate", env=environment(**(servers.env | more)), timeout=300)


def straight(servers: Servers, *_: object) -> None:
    """The move as it should go."""
    done = migrate(servers)
    assert done.returncode == 0, done.stderr
    assert "WRONG" not in done.stderr


def broken_twice(servers: Servers, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed while the index fills; then it dies when Kafka has some messages and PostgreSQL does not know; then it goes on."""
    kill_at_bulk(3, servers, httpserver)
    send, calls = Producer.send, 0

    def dies(self: Producer, parcels: list[object]) -> None:
        nonlocal calls
        calls += 1
        send(self, parcels)  # type: ignore[arg-type]
        if calls == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Producer, "send", dies)
        with pytest.raises(KeyboardInterrupt):
            move(servers.settings)
    straight(servers)


def kill_at_bulk(number: int, servers: Servers, httpserver: HTTPServer) -> None:
    """kill -9 while the request stands at Elasticsearch's door."""
    arrived, killed, bulks = threading.Event(), threading.Event(), 0

    def forward(request: Request) -> Response:
        nonlocal bulks
        bulks += request.path == "/_bulk"
        if bulks == number:
            arrived.set()
            killed.wait(LONG_S)
        url = f"{servers.settings.elasticsearch}{request.full_path}"
        headers = {k: v for k, v in request.headers.items() if k not in ("Host", "Content-Length")}
        answer = httpx.request(request.method, url, content=request.get_data(), headers=headers)
        told = {k: v for k, v in answer.headers.items() if k in ("content-type", "x-elastic-product")}
        return Response(answer.content, answer.status_code, told)

    httpserver.expect_request(re.compile(".*")).respond_with_handler(forward)
    env = environment(**(servers.env | {"HUIYING_ELASTICSEARCH": httpserver.url_for("").rstrip("/")}))
    process = subprocess.Popen(command("migrate"), cwd=ROOT, env=env)
    until(lambda: arrived.is_set() or process.poll() is not None, LONG_S, "it never wrote so much")
    process.kill()
    killed.set()
    assert process.wait() == -signal.SIGKILL, "it ended before"


@pytest.mark.parametrize("how", [straight, broken_twice])
async def test_everything_is_found_there_and_the_steps_go_on_where_they_were(
    how: Callable[..., None],
    office: Path,
    servers: Servers,
    httpserver: HTTPServer,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    storage, now = open_storage(office), utc_now()
    before = seen(storage, now)
    storage.close()
    assert before["incidents"]
    assert before["cases"]
    how(servers, httpserver, monkeypatch)
    with servers.open() as made:
        after = seen(made.storage, now)
        for part, there in before.items():
            assert after[part] == there, part
        assert {step for step, number in waiting(made).items() if number} == {"understand", "detect", "draft"}
        assert waiting(made)["draft"] == 1, "the kept messages are not handed to it again"
        await go_on(made, servers, tmp_path)
        check_that_each_was_handled_once(before, seen(made.storage, now))
        check_that_later_memberships_win(made, before)


def waiting(made: Connected) -> dict[str, int]:
    return {step: lag(made.storage.log, step, topic) for step, topic in TOPOLOGY.items()}


async def go_on(made: Connected, servers: Servers, home: Path) -> None:
    """The steps as Faust runs them, until nothing waits."""
    tools = Tools(made.storage, made.brokers, utc_now, Metrics(), 200, home / "scratch", f"{servers.settings.prefix}-")
    agents = [Agent(step, tools) for step in topology(Workshop(servers.settings, made.storage))]
    give_up = monotonic() + LONG_S
    for agent in agents:
        await agent.start()
    while any(waiting(made).values()):
        assert monotonic() < give_up, waiting(made)
        await asyncio.sleep(0.2)
    for agent in agents:
        await agent.stop()


def check_that_each_was_handled_once(before: Seen, after: Seen) -> None:
    assert len(after["all"]) == len(before["all"]) + WAITING - ANALYSED
    first = next(row for row in before["all"] if row[1] == f"{outage.VOICES[0]}。")
    assert first[2] is not None
    again = [row for row in after["all"] if row[1] == COPY["text"]]
    assert {row[2] for row in again} == {first[2]}, "what repeats an old post joins its old incident"
    grown = next(row for row in after["all"] if row[0] == first[0])
    assert grown[3] == first[3] + 1
    assert set(after["cases"]) >= set(before["cases"])
    for id_, (case, drafts, _) in before["cases"].items():
        mine = [c for c, _, _ in after["cases"].values() if c.incident == case.incident]
        assert [c.id for c in mine] == [id_]
        assert len(after["cases"][id_][1]) - len(drafts) in (0, 1)
    more = sum(len(after["cases"][id_][1]) - len(drafts) for id_, (_, drafts, _) in before["cases"].items())
    assert more == 1, "the one draft that was asked for"


def check_that_later_memberships_win(made: Connected, before: Seen) -> None:
    moved = next(row for row in before["all"] if row[2] is not None)
    made.storage.commit(Effects(assigned=[Assignment(post=moved[0], incident="elsewhere", known_at=utc_now())]))
    found = made.storage.index.post(moved[0])
    assert found is not None
    assert found.incident == "elsewhere"


def test_a_moved_directory_is_closed_and_a_second_move_does_nothing(office: Path, servers: Servers) -> None:
    straight(servers)
    again = migrate(servers)
    assert again.returncode == 0
    assert "was moved before" in again.stderr
    for args in (("serve", "--port", 0), ("token", "create", "--role", "viewer")):
        refused = huiying(*args, "--data-dir", office)
        assert refused.returncode == 2
        assert "was moved to the distributed set" in refused.stderr


def test_a_set_that_holds_something_is_refused_and_the_directory_stays_open(
    built: Path, office: Path, servers: Servers, tmp_path: Path
) -> None:
    straight(servers)
    other = Path(shutil.copytree(built, tmp_path / "other"))
    refused = migrate(servers, HUIYING_DATA_DIR=str(other))
    assert refused.returncode == 2
    assert "is not empty" in refused.stderr
    open_storage(other).close()


def test_another_salt_is_refused_with_what_to_do_and_nothing_moves(office: Path, servers: Servers) -> None:
    refused = migrate(servers, HUIYING_SALT="ab" * 32)
    assert refused.returncode == 2
    assert str(office / "salt") in refused.stderr
    assert (office / "salt").read_text() not in refused.stderr
    open_storage(office).close()


def test_a_directory_in_use_is_refused(office: Path, servers: Servers) -> None:
    with sole_runner(office):
        refused = migrate(servers)
    assert refused.returncode == 2
    assert "stop it first" in refused.stderr


def test_a_directory_without_data_is_refused(servers: Servers, tmp_path: Path) -> None:
    refused = migrate(servers, HUIYING_DATA_DIR=str(tmp_path / "nothing"))
    assert "holds no data of Huiying" in refused.stderr
    assert not (tmp_path / "nothing").exists()
