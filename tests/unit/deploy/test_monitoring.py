"""Alert rules, scrape configuration and dashboard: what they name exists, and who is woken is told what to do."""

import json
import re
import shutil
import subprocess
from itertools import combinations
from typing import Any

import pytest
import yaml

from tests.e2e.composed import services
from tests.e2e.product import ROOT
from tests.unit.deploy.queries import unknown_in

PROMETHEUS = ROOT / "deploy" / "prometheus"
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((PROMETHEUS / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]
STORIES = yaml.safe_load((PROMETHEUS / "alerts.test.yml").read_text(encoding="utf-8"))["tests"]
DASHBOARD = json.loads((ROOT / "deploy" / "grafana" / "huiying.json").read_text(encoding="utf-8"))
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
QUERIES = [rule["expr"] for rule in RULES] + [target["expr"] for panel in PANELS for target in panel["targets"]]
PAGE = "https://github.com/huiying/huiying/blob/main/"


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_is_promql_and_names_only_what_our_processes_show(query: str) -> None:
    assert unknown_in(query) == []


@pytest.mark.parametrize(
    "query",
    [
        "sum(huiying_nothing)",
        "rate(huiying_rejected[5m])",
        'rate(huiying_rejected_total{cause="x"}[5m])',
        "sum by (stage) (huiying_owed)",
        "huiying_owed / on (stage) huiying_stage_lag_records",
    ],
)
def test_a_query_that_names_what_nobody_shows_is_found(query: str) -> None:
    assert unknown_in(query) != []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_says_what_it_sees_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in ("critical", "warning")
    said = rule["annotations"]
    assert set(said) == {"summary", "description", "action", "runbook_url"}
    assert all(said.values())
    page, _, anchor = said["runbook_url"].removeprefix(PAGE).partition("#")
    assert anchor in anchors((ROOT / page).read_text(encoding="utf-8"))


def anchors(text: str) -> set[str]:
    """Where GitHub lets a link into a page of Markdown point."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_alerts_have_names_of_their_own_and_a_story_in_which_they_fire() -> None:
    names = [rule["alert"] for rule in RULES]
    assert len(set(names)) == len(names)
    fired = " ".join(
        sample["labels"] + check["expr"]
        for story in STORIES
        for check in story["promql_expr_test"]
        for sample in check["exp_samples"]
    )
    assert [name for name in names if f'"{name}"' not in fired] == []


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool comes with Prometheus, not from PyPI")
def test_the_stories_of_the_alerts_come_true() -> None:
    told = subprocess.run(
        ["promtool", "test", "rules", "alerts.test.yml"], cwd=PROMETHEUS, check=False, capture_output=True, text=True
    )
    assert told.returncode == 0, told.stdout + told.stderr


def test_every_process_of_ours_is_read_and_missed_when_it_is_gone() -> None:
    config = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text(encoding="utf-8"))
    found = [job["dns_sd_configs"][0] for job in config["scrape_configs"]]
    ours = {
        name
        for name, service in services().items()
        if "healthcheck" in service and "HUIYING_RUNNER" in service["environment"]
    }
    assert {name for job in found for name in job["names"]} == ours
    assert {job["port"] for job in found} == {8400}
    (missing,) = [rule["expr"] for rule in RULES if rule["alert"] == "HuiyingComponentMissing"]
    assert set(re.findall(r'component="(\w+)"', missing)) == ours
    (down,) = [rule["expr"] for rule in RULES if rule["alert"] == "HuiyingProcessDown"]
    assert set(re.findall(r'"(.+)"', down)[0].split("|")) == ours


def test_panels_lie_beside_one_another_within_the_screen() -> None:
    places = [panel["gridPos"] for panel in DASHBOARD["panels"]]
    for place in places:
        assert 0 <= place["x"]
        assert place["x"] + place["w"] <= 24
    overlapping = [
        (a, b)
        for a, b in combinations(places, 2)
        if a["x"] < b["x"] + b["w"]
        and b["x"] < a["x"] + a["w"]
        and a["y"] < b["y"] + b["h"]
        and b["y"] < a["y"] + a["h"]
    ]
    assert overlapping == []
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(places)


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_a_panel_has_a_unit_says_what_it_shows_and_takes_the_chosen_source(panel: dict[str, Any]) -> None:
    (variable,) = DASHBOARD["templating"]["list"]
    assert (variable["type"], variable["query"]) == ("datasource", "prometheus")
    chosen = {"type": "prometheus", "uid": f"${{{variable['name']}}}"}
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert panel["title"]
    assert panel["description"]
    assert panel["datasource"] == chosen
    assert all(target["datasource"] == chosen for target in panel["targets"])
