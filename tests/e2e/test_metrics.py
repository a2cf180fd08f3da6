"""What the running processes show is what the alert rules and the dashboard ask for."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.product import ROOT, WITH_ENCODER, Serving, command, environment, until
from tests.expressions import expressions, series
from tests.servers.names import unique
from tests.servers.process import free_ports

FROM_PROMETHEUS = {"job", "service", "instance"}
OF_A_RELAY = {"huiying_owed", "huiying_relay_failures_total"}
OF_THE_ENCODER = {"huiying_encoder_posts_total"}
AT_THE_EDGE = {"huiying_received_total"}

Sample = tuple[str, dict[str, str]]


def samples(text: str) -> list[Sample]:
    """Every series of an answer of /metrics."""
    return [(s.name, dict(s.labels)) for family in text_string_to_metric_families(text) for s in family.samples]


def missing(shown: list[Sample]) -> set[str]:
    """The names that rules or dashboard ask for and find nothing."""
    asked = [one for expression in expressions() for one in series(expression) if one[0] != "up"]
    wanted = [(name, {k: v for k, v in labels.items() if k not in FROM_PROMETHEUS}) for name, labels in asked]
    return {name for name, labels in wanted if not any(name == n and _selects(labels, there) for n, there in shown)}


def _selects(labels: dict[str, str], there: dict[str, str]) -> bool:
    return all(there.get(label) in value.split("|") for label, value in labels.items())


def test_serve_shows_every_series_but_those_of_what_it_does_without(serving: Serving) -> None:
    with serving.client("viewer") as http:
        answer = http.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert missing(samples(answer.text)) == OF_A_RELAY | OF_THE_ENCODER


@contextmanager
def working(addresses: list[str], home: Path) -> Iterator[str]:
    """A worker of all stages; its address."""
    kafka, postgres, elasticsearch = addresses
    (port,) = free_ports(1)
    env = environment(
        HUIYING_RUNNER="distributed",
        HUIYING_KAFKA=kafka,
        HUIYING_POSTGRES=postgres,
        HUIYING_ELASTICSEARCH=elasticsearch,
        HUIYING_ELASTICSEARCH_REPLICAS="0",
        HUIYING_PREFIX=unique(),
        HUIYING_SALT="test",
        **WITH_ENCODER,
    )
    with (home / "worker.log").open("wb") as out:
        process = subprocess.Popen(command("worker", "--port", port), cwd=ROOT, env=env, stdout=out, stderr=out)
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        assert process.poll() is None, (home / "worker.log").read_text()
        try:
            return httpx.get(f"{url}/healthz").status_code == 200
        except httpx.TransportError:
            return False

    try:
        until(answers, 90, "the worker does not answer")
        yield url
    finally:
        process.terminate()
        process.wait(30)


def test_workers_show_every_series_but_those_of_the_edge(addresses: list[str], tmp_path: Path) -> None:
    with working(addresses, tmp_path) as url:
        until(lambda: missing(samples(httpx.get(f"{url}/metrics").text)) == AT_THE_EDGE, 30, "series are missing")
