"""What every runner does with a batch: run the stage; when a record breaks it, find the record and reject it."""

from collections.abc import Callable, Sequence

import structlog

from core.clock import Now, derived_id
from core.effects import Effects, Message, message
from core.errors import Conflict, RetryLater, StorageError
from core.records import Rejected
from core.telemetry import Metrics
from core.topics import Topic
from stream.topology import Step

log = structlog.get_logger()

Commit = Callable[[Sequence[Message], Effects], None]
"""Commits what a batch, or a part of one, changes, with its offset."""


def handle(step: Step, batch: Sequence[Message], commit: Commit, now: Now, metrics: Metrics) -> None:
    """Run the stage on a batch and commit what it changes, whole or, where a record breaks it, record by record.

    A record that breaks it alone becomes a `Rejected`. `RetryLater`, `Conflict` and `StorageError` are for the runner:
    parts before the one that raised are committed then.
    """
    try:
        commit(batch, step.run(batch, now()))
    except (RetryLater, Conflict, StorageError):
        raise
    except Exception as error:  # noqa: BLE001  # a record must never stop the pipeline: it is isolated and rejected
        step.stage.forget()
        if len(batch) == 1:
            commit(batch, reject(step, batch[0], error, now, metrics))
            return
        log.warning("batch_split", stage=step.name, records=len(batch), error=type(error).__name__)
    else:
        return
    for one in batch:
        handle(step, [one], commit, now, metrics)


def reject(step: Step, culprit: Message, error: Exception, now: Now, metrics: Metrics) -> Effects:
    """The record that broke a stage, on its way to `rejected`."""
    log.error("record_rejected", stage=step.name, record=culprit.id, exc_info=error)
    metrics.rejected.labels(step.name, "stage_failed").inc()
    rejected = Rejected(
        id=derived_id("rejected", step.name, culprit.id),
        at=now(),
        origin=f"stage {step.name}",
        code="stage_failed",
        reason=f"{step.name} failed on {culprit.topic.value} {culprit.id}: {type(error).__name__}: {error}"[:500],
        jurisdiction=culprit.key,
    )
    return Effects(messages=[message(Topic.REJECTED, culprit.key, rejected.id, rejected)])
