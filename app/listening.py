"""Listens for the policy's signals: searches their posts, and writes what holds as incidents with cases."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from alerts.lifecycle import Moved, effects_of, together
from alerts.listening import incident_id, incident_of, judged
from alerts.notices import deliveries
from alerts.policy import Policy, unknown_names
from alerts.searching import gathered, listened_to
from alerts.signals import Heard, Signal, heard
from core.effects import Effects
from core.ports import Storage
from core.records import Incident
from stream.stages import Decide, answering
from stream.topology import waiting


def listen(storage: Storage, decide: Decide, now: datetime, false_a_day: float) -> bool:
    """Look for every signal once; whether anything was written. `false_a_day`: false silences that each may make a day.

    One that names what the policy lacks is not judged: some kinds hold when there are no posts.
    """
    policy = decide.policy
    # In this order: what a visit brought has been understood, or is still counted among those that wait.
    crawls = storage.store.crawls()
    so_far = gathered(crawls, waiting(storage.log))
    for signal in policy.signals:
        if any(unknown_names(signal, policy)):
            continue
        told = listened_to(signal, policy, storage.index, now, so_far)
        held = [one for one in heard(signal, told, now, false_a_day) if one.holds]
        made = list(_made(storage, signal, held, policy, now))
        if made:
            storage.commit(_effects(made, decide, now))
    return False


def _made(
    storage: Storage, signal: Signal, held: list[Heard], policy: Policy, now: datetime
) -> Iterator[tuple[Incident, Moved | None]]:
    """The incident of each value that holds, and what that does to its case."""
    for one in held:
        before = storage.index.incident(incident_id(signal, one.key))
        incident = incident_of(signal, one, before, now)
        own = storage.store.cases_of([incident.id]).get(incident.id)
        moved = judged(signal, one, incident, answering(own, storage.store) if own else None, policy, now)
        if moved is not None or before is None or now - before.last_at >= timedelta(minutes=10):
            yield incident, moved


def _effects(made: list[tuple[Incident, Moved | None]], decide: Decide, now: datetime) -> Effects:
    receivers = decide.receivers()
    written = together(
        effects_of(moved, moved.case.version - 1, deliveries(moved.event, receivers, now))
        for _, moved in made
        if moved is not None
    )
    written.incidents.extend(incident for incident, _ in made)
    return written
