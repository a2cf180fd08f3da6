"""Logs and metrics: structured, with a closed vocabulary, without secrets or personal data."""

import logging
import re
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

SECRET_KEYS = frozenset({"password", "token", "secret", "secrets", "key", "authorization", "cookie", "salt", "code"})
CONTENT_KEYS = frozenset({"text", "title", "body", "author", "content", "excerpt", "answer"})

Event = MutableMapping[str, Any]

_ADDRESS = re.compile(r"\b(https?://)(?:[^\s/@]*@)?([^\s?#'\"<>]*)([?#][^\s'\"<>]*)?")


def without_secrets(text: str) -> str:
    """The text with its web addresses cut to scheme, host and path: names, passwords and tokens stand in the rest."""
    return _ADDRESS.sub(lambda found: f"{found[1]}{found[2]}{'?…' if found[3] else ''}", text)


def _redact(_: Any, __: str, event: Event) -> Event:
    """Whatever a caller passes by mistake: secrets and what people wrote never reach a log."""
    for name in event:
        if name in SECRET_KEYS or name in CONTENT_KEYS:
            event[name] = "[redacted]"
    return event


def _cut_addresses(_: Any, __: str, event: Event) -> Event:
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = without_secrets(value)
    return event


class _Foreign(logging.Formatter):
    """What libraries say, their tracebacks too."""

    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))


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
            _cut_addresses,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    foreign = logging.StreamHandler(sys.stderr)
    foreign.setFormatter(_Foreign("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(handlers=[foreign], level=max(number, logging.WARNING))


EDGE = "edge"
"""Where a record is refused that no stage has seen: at the push API, the crawler, an import."""
AT_A_STAGE = ("stage_failed", "lost_by_log", "deleted_unread")
"""Why a stage refuses: a record broke it, or never reached it."""
LOG, INDEX = "log", "index"
"""To whom commits owe."""
UNKNOWN = float("nan")
"""Of a gauge that another process measures, and of an age while there is nothing that could be old."""


class Metrics:
    """The metrics of one process; `registry` is what /metrics prints.

    A closed list: the dashboard and the alert rules in `deploy/` name nothing that is not here.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._of_stages()
        self._of_the_office()
        ProcessCollector(registry=self.registry)

    def expect(self, stages: Iterable[str]) -> None:
        """Show these stages from zero on: a rate cannot be told from a series that begins with its first event."""
        for stage in stages:
            for metric in (self.records, self.batch_seconds, self.lag, self.retries):
                metric.labels(stage)
            for reason in AT_A_STAGE:
                self.rejected.labels(stage, reason)

    def _of_stages(self) -> None:
        self.records = self._counter("huiying_stage_records", "Records a stage has handled.", "stage")
        self.batch_seconds = Histogram(
            "huiying_stage_batch_seconds",
            "Time from reading a batch to its commit.",
            ["stage"],
            registry=self.registry,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
        )
        self.lag = self._gauge("huiying_stage_lag_records", "Records waiting for a stage.", "stage")
        self.retries = self._counter("huiying_stage_retries", "Batches that had to be tried again.", "stage")
        self.encoder = self._counter(
            "huiying_encoder_posts", "Posts by what the encoder had to do with them: certain, read, shed.", "answer"
        )
        self.rejected = self._counter("huiying_rejected", "Records refused, by where and why.", "stage", "reason")

    def _of_the_office(self) -> None:
        self.received = self._counter("huiying_received", "Items offered at the edge, by answer.", "answer")
        self.deliveries = self._counter("huiying_deliveries", "Attempts to deliver, by outcome.", "outcome")
        self.outbox_age = self._gauge(
            "huiying_outbox_oldest_due_seconds", "For how long the oldest delivery that is due has waited."
        )
        self.newest_post = self._gauge(
            "huiying_newest_post_timestamp_seconds", "When the newest post was published (Unix time)."
        )
        self.owed = self._gauge("huiying_owed", "Pieces that commits still owe to the log and the index.", "to")
        self.relay_failures = self._counter(
            "huiying_relay_failures", "Attempts to send what is owed that failed.", "to"
        )
        self.outbox_age.set(UNKNOWN)
        self.newest_post.set(UNKNOWN)

    def _counter(self, name: str, says: str, *labels: str) -> Counter:
        return Counter(name, says, labels, registry=self.registry)

    def _gauge(self, name: str, says: str, *labels: str) -> Gauge:
        return Gauge(name, says, labels, registry=self.registry)
