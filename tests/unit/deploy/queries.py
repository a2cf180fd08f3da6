"""Queries of Prometheus taken apart, and the series that our processes show."""

import promql_parser
from prometheus_client import Counter, Histogram
from prometheus_client.metrics import MetricWrapperBase

from core.telemetry import Metrics

OF_PROMETHEUS = {"up": {"job", "instance", "component"}, "ALERTS": {"alertname", "alertstate", "severity"}}
"""What Prometheus makes itself, with the labels that deploy/prometheus/prometheus.yml gives."""


def series() -> dict[str, set[str]]:
    """Every series that a query may name, with its labels."""
    shown: dict[str, set[str]] = {}
    for metric in vars(Metrics()).values():
        if isinstance(metric, MetricWrapperBase):
            (family,) = metric.describe()
            labels = set(metric._labelnames)  # the library says the labels of samples only, and there are none yet
            shown.update(dict.fromkeys(_names(metric, family.name), labels))
            if isinstance(metric, Histogram):
                shown[f"{family.name}_bucket"] = labels | {"le"}
    return {**shown, **OF_PROMETHEUS}


def _names(metric: MetricWrapperBase, family: str) -> list[str]:
    if isinstance(metric, Counter):
        return [f"{family}_total"]
    return [f"{family}_sum", f"{family}_count"] if isinstance(metric, Histogram) else [family]


def unknown_in(query: str) -> list[str]:
    """The metrics and labels of a query that nobody shows. Raises `ValueError` when it is not PromQL."""
    known = series()
    wrong: list[str] = []
    for node in _nodes(promql_parser.parse(query)):
        if isinstance(node, promql_parser.VectorSelector):
            labels = known.get(node.name)
            if labels is None:
                wrong.append(node.name)
                continue
            wrong += [f"{node.name}{{{m.name}}}" for m in node.matchers.matchers if m.name not in labels]
        else:
            wrong += [f"{label} of {node}" for label in _kept(node) if not _all_have(label, node, known)]
    return wrong


def _kept(node: promql_parser.Expr) -> list[str]:
    """The labels by which a node aggregates or matches."""
    if isinstance(node, promql_parser.AggregateExpr) and node.modifier is not None:
        return list(node.modifier.labels)
    if isinstance(node, promql_parser.BinaryExpr) and node.modifier is not None and node.modifier.matching is not None:
        return list(node.modifier.matching.labels)
    return []


def _all_have(label: str, node: promql_parser.Expr, known: dict[str, set[str]]) -> bool:
    selectors = [n for n in _nodes(node) if isinstance(n, promql_parser.VectorSelector)]
    return all(label in known.get(n.name, {label}) for n in selectors)


def _nodes(root: promql_parser.Expr) -> list[promql_parser.Expr]:
    found: list[promql_parser.Expr] = []
    promql_parser.walk(root, found.append)
    return found
