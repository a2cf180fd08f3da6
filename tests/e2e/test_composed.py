"""The distributed set as docker-compose.yml describes it, on a real Kafka, Elasticsearch and PostgreSQL."""

import importlib.util
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
import yaml
from pytest_httpserver import HTTPServer

from core.settings import PREFIX, SECRETS_DIR, Settings
from stream.topology import TOPOLOGY
from tests.e2e.composed import ONCE, SERVERS, STOP_S, Composed, ordered, services
from tests.e2e.outage import posts
from tests.e2e.product import ROOT, until
from tests.e2e.test_story import Receiver, _with_draft

OURS = [name for name in services() if name not in SERVERS]


def specification() -> Any:
    """The compose specification, as check-jsonschema ships it."""
    found = importlib.util.find_spec("check_jsonschema")
    assert found is not None
    assert found.origin is not None
    vendored = Path(found.origin).parent / "builtin_schemas" / "vendor" / "compose-spec.json"
    return json.loads(vendored.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["docker-compose.yml", "docker-compose.dev.yml"])
def test_the_file_is_valid_by_the_compose_specification(name: str) -> None:
    jsonschema.validate(yaml.safe_load((ROOT / name).read_text(encoding="utf-8")), specification())


def test_every_stage_has_a_service_and_every_process_of_ours_is_confined() -> None:
    all_ = services()
    commands = [service["command"] for name, service in all_.items() if name in OURS]
    for stage in (*TOPOLOGY, "deliver"):
        assert ["worker", stage] in commands
    for name in OURS:
        service = all_[name]
        assert service["user"].split(":")[0] != "0"
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "postgresql://" not in json.dumps(service), "secrets come by files"
        if name in ONCE:
            assert service["restart"] == "no"
            continue
        assert service["healthcheck"]["test"]
        assert service["deploy"]["resources"]["limits"]["memory"]
        assert {"kafka", "elasticsearch", "postgres"} <= set(service["depends_on"])
        assert service["depends_on"]["upgrade"] == {"condition": "service_completed_successfully"}
    assert ordered(all_).index("secrets") < ordered(all_).index("postgres")


def test_one_service_builds_the_image_that_all_of_ours_run_and_none_asks_a_registry_for_it() -> None:
    ours = [service for service in services().values() if service["image"] == "huiying:latest"]
    assert len(ours) == len(OURS)
    assert [service["command"][0] for service in ours if "build" in service] == ["secrets"]
    assert {service["pull_policy"] for service in ours} == {"never"}


def test_only_who_talks_to_others_can_reach_out_and_the_servers_cannot_be_reached_from_outside() -> None:
    file = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    assert file["networks"]["servers"] == {"internal": True}
    outside = {name for name, service in services().items() if "outside" in service.get("networks", [])}
    assert outside == {"api", "draft", "deliver", "crawlers"}  # screens, the phraser, receivers, sources
    published = {name: service["ports"] for name, service in file["services"].items() if "ports" in service}
    assert set(published) == {"api", "grafana"}
    assert all(re.match(r"(127\.0\.0\.1|\$\{HUIYING_LISTEN:-127\.0\.0\.1\}):", port) for (port,) in published.values())


def test_every_variable_of_ours_is_a_setting() -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields} | {SECRETS_DIR}
    for name in OURS:
        assert set(services()[name].get("environment", {})) <= known


def test_servers_have_the_time_to_write_down_what_they_hold_and_workers_to_finish_a_batch() -> None:
    grace = {name: int(service.get("stop_grace_period", "10s").rstrip("s")) for name, service in services().items()}
    assert all(grace[name] >= 60 for name in SERVERS)
    assert all(grace[name] >= STOP_S for name in OURS if name != "secrets")


def test_crawlers_show_that_they_are_well_and_what_came_in(composed: Composed) -> None:
    composed.starts = {"crawlers"}
    with composed:
        (process,) = composed.running("crawlers")
        shown = httpx.get(f"{composed.url_of(process)}/metrics").text
        assert "# TYPE huiying_received_total counter" in shown
        composed.stop("crawlers")
        assert process.returncode == 0
    assert "Traceback" not in composed.log_text("crawlers")


def test_a_post_becomes_one_delivered_alert_though_workers_are_killed(
    composed: Composed, httpserver: HTTPServer
) -> None:
    receiver = Receiver(httpserver)
    with composed, composed.client("admin") as http:
        made = http.post("/api/v1/webhooks", json={"url": receiver.url})
        receiver.secret = made.json()["secret"]
        for name in ("understand", "detect"):
            composed.kill(name)
        pushed = http.post("/api/v1/posts", json=posts(datetime.now(UTC)))
        assert pushed.json()["accepted"] == 32, pushed.text
        for name in ("detect", "decide", "draft", "deliver"):
            if name != "detect":
                composed.kill(name)
            composed.start(name)
        until(lambda: receiver.ids_of("case.opened"), 90, f"no alert came:\n{composed.log_text()}")
        _, event = next(e for e in receiver.events if e[1]["type"] == "case.opened")
        file = until(lambda: _with_draft(http, event["data"]["case"]["id"]), 60, composed.log_text("draft")).json()
        assert "湖畔雅苑" in file["incident"]["title"]
        assert file["case"]["clocks"]
        assert file["drafts"][0]["status"] in ("proposed", "refused")
        board = until(lambda: _board_with(http, 32), 30, "the board does not show the posts")
        assert board["incidents"][0]["case"]["id"] == event["data"]["case"]["id"]
        assert len(http.get("/api/v1/posts", params={"q": "湖畔雅苑", "limit": 200}).json()["items"]) == 32
    assert len(set(receiver.ids_of("case.opened"))) == len(receiver.ids_of("case.opened")) == 1
    assert "Traceback" not in composed.log_text()


def _board_with(http: Any, number: int) -> dict[str, Any] | None:
    board: dict[str, Any] = http.get("/api/v1/board").json()
    return board if board["figures"]["posts"] == number else None
