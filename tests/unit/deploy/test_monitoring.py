"""Alert rules, dashboard and scrape example: they parse, and they name what our processes show."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import Counter, Histogram
from prometheus_client.metrics import MetricWrapperBase

from alerts.delivery import OUTCOMES
from core.telemetry import AT_A_STAGE, EDGE, INDEX, LOG, Metrics
from nlp.intake import ANSWERS
from stream.topology import TOPOLOGY
from tests.expressions import DEPLOY, drawn, expressions, grouped_by, panels, rules, series

OPERATIONS = Path(__file__).resolve().parents[3] / "docs" / "operations.md"
FROM_PROMETHEUS = {"job", "instance", "service"}
"""Labels that the scraper adds."""
CLOSED = {
    "stage": {*TOPOLOGY, EDGE},
    "to": {LOG, INDEX},
    "answer": {*ANSWERS},
    "outcome": {*OUTCOMES.values()},
    "reason": {*AT_A_STAGE},
    "service": {"api", "deliver", *TOPOLOGY},
    "job": {"huiying"},
}
"""The values that an expression may ask a label for."""


def shown() -> dict[str, set[str]]:
    """Every series of /metrics and its labels, by the client's own naming."""
    found: dict[str, set[str]] = {
        "up": set(),
        "process_resident_memory_bytes": set(),
        "process_cpu_seconds_total": set(),
    }
    for metric in vars(Metrics()).values():
        if not isinstance(metric, MetricWrapperBase):
            continue
        (family,) = metric.describe()
        labels = set(metric._labelnames)  # the client tells them in no other way
        if isinstance(metric, Histogram):
            found |= {family.name + end: labels for end in ("_count", "_sum")} | {
                f"{family.name}_bucket": {*labels, "le"}
            }
        else:
            found[family.name + ("_total" if isinstance(metric, Counter) else "")] = labels
    return found


@pytest.mark.parametrize("expression", expressions())
def test_an_expression_asks_for_series_that_we_show_with_labels_that_they_have(expression: str) -> None:
    there = shown()
    asked = list(series(expression))
    assert asked
    for name, labels in asked:
        assert name in there
        assert set(labels) <= there[name] | FROM_PROMETHEUS
        for label, value in labels.items():
            assert set(value.split("|")) <= CLOSED[label]
    assert grouped_by(expression) <= FROM_PROMETHEUS.union(*(there[name] for name, _ in asked))


def test_every_metric_of_ours_is_on_the_dashboard() -> None:
    names = {name for expression in drawn() for name, _ in series(expression)}
    families = [one.name for m in vars(Metrics()).values() if isinstance(m, MetricWrapperBase) for one in m.describe()]
    assert [family for family in families if not any(name.startswith(family) for name in names)] == []


def anchors() -> set[str]:
    """The headings of the page, as GitHub makes links of them."""
    headings = re.findall(r"^#+ (.+)$", OPERATIONS.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_an_alert_says_what_is_wrong_what_to_do_and_where_more_is_written(rule: dict[str, Any]) -> None:
    said = rule["annotations"]
    assert set(said) == {"summary", "action", "runbook_url"}
    assert rule["labels"]["severity"] in ("critical", "warning")
    page, _, anchor = said["runbook_url"].partition("#")
    assert page.endswith("docs/operations.md")
    assert anchor in anchors()
    named = set(re.findall(r"\$labels\.(\w+)", said["summary"]))
    matched = {label for _, labels in series(rule["expr"]) for label in labels}
    assert named <= grouped_by(rule["expr"]) | matched | FROM_PROMETHEUS


def test_the_dashboard_imports_as_it_is_and_asks_for_its_data_source() -> None:
    seen: set[tuple[int, int]] = set()
    for panel in panels():
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & seen, f"{panel['title']} lies over another panel"
        assert place["x"] + place["w"] <= 24
        seen |= cells
        for target in panel.get("targets", []):
            assert target["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
    assert len({panel["id"] for panel in panels()}) == len(panels())
    rows = [panel["title"] for panel in panels() if panel["type"] == "row"]
    assert rows == ["Is it well", "Per stage", "Edge", "Deliveries", "Debts", "Servers"]


def test_every_service_with_metrics_is_scraped() -> None:
    compose = yaml.safe_load((DEPLOY.parent / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    ours = {name for name, one in compose.items() if one.get("command", [""])[0] in ("api", "worker")}
    jobs = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))["scrape_configs"]
    scraped = [name for job in jobs for way in job["dns_sd_configs"] for name in way["names"]]
    assert sorted(scraped) == sorted(ours)
    assert ours == CLOSED["service"]
