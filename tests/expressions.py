"""The PromQL of the alert rules and the dashboard, and which series it asks for."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser as promql
import yaml

DEPLOY = Path(__file__).resolve().parents[1] / "deploy"
ALERTS = DEPLOY / "prometheus" / "alerts.yml"
DASHBOARD = DEPLOY / "grafana" / "huiying.json"


def rules() -> list[dict[str, Any]]:
    """Every alert rule."""
    return [rule for group in yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"] for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    """Every panel of the dashboard, rows too."""
    found: list[dict[str, Any]] = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    return found


def drawn() -> list[str]:
    """What the panels ask for; Grafana's own variable stands for a span of time."""
    asked = [target["expr"] for panel in panels() for target in panel.get("targets", [])]
    return [expression.replace("$__rate_interval", "5m") for expression in asked]


def expressions() -> list[str]:
    """Of rules and panels."""
    return [*(rule["expr"] for rule in rules()), *drawn()]


def nodes(expression: str) -> list[promql.Expr]:
    """Everything in an expression, the expression itself first; raises `ValueError` when it cannot be parsed."""
    found: list[promql.Expr] = []
    promql.walk(promql.parse(expression), found.append)
    return found


def series(expression: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The name and the labels of each series that an expression selects; alternatives of a label stand between `|`."""
    for node in nodes(expression):
        if isinstance(node, promql.VectorSelector):
            assert node.name is not None, expression
            yield node.name, {matcher.name: matcher.value for matcher in node.matchers.matchers}


def grouped_by(expression: str) -> set[str]:
    """The labels that its aggregations keep."""
    kept = [n.modifier.labels for n in nodes(expression) if isinstance(n, promql.AggregateExpr) and n.modifier]
    return {label for labels in kept for label in labels}
