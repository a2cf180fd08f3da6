"""Logs and metrics: structured, with a closed vocabulary, without secrets or personal data."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

SECRET_KEYS = frozenset({"password", "token", "secret", "secrets", "key", "authorization", "cookie", "salt", "code"})
CONTENT_KEYS = frozenset({"text", "title", "body", "author", "content", "excerpt", "answer"})

Event = MutableMapping[str, Any]


def _redact(_: Any, __: str, event: Event) -> Event:
    """Whatever a caller passes by mistake: secrets and what people wrote never reach a log."""
    for name in event:
        if name in SECRET_KEYS or name in CONTENT_KEYS:
            event[name] = "[redacted]"
    return event


def configure_logging(level: str, form: str) -> None:
    """Set up structlog (and the standard library's loggers of others) for this process, to stderr."""
    renderer: Any = structlog.processors.JSONRenderer(ensure_ascii=False)
    if form == "console":
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _redact,
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(
        stream=sys.stderr, level=max(number, logging.WARNING), format="%(levelname)s %(name)s %(message)s"
    )


class Metrics:
    """The metrics of one process; `registry` is what /metrics prints."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.records = Counter(
            "huiying_stage_records", "Records a stage has handled.", ["stage"], registry=self.registry
        )
        self.batch_seconds = Histogram(
            "huiying_stage_batch_seconds",
            "Time from reading a batch to its commit.",
            ["stage"],
            registry=self.registry,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
        )
        self.lag = Gauge("huiying_stage_lag_records", "Records waiting for a stage.", ["stage"], registry=self.registry)
        self.retries = Counter(
            "huiying_stage_retries", "Batches that had to be tried again.", ["stage"], registry=self.registry
        )
        self.rejected = Counter("huiying_rejected", "Records refused, by reason.", ["reason"], registry=self.registry)
        self.received = Counter(
            "huiying_received", "Items offered at the edge, by answer.", ["answer"], registry=self.registry
        )
        self.deliveries = Counter(
            "huiying_deliveries", "Attempts to deliver, by outcome.", ["outcome"], registry=self.registry
        )
        self.owed = Gauge(
            "huiying_owed", "Pieces that commits still owe to the log and the index.", ["to"], registry=self.registry
        )
        self.newest_post = Gauge(
            "huiying_newest_post_timestamp_seconds", "When the newest post was published.", registry=self.registry
        )
