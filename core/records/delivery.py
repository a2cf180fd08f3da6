"""What leaves: deliveries and their receivers."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class DeliveryState(StrEnum):
    """Where a delivery stands. `dead`: given up after the last retry or refused for good by the receiver."""

    PENDING = "pending"
    DONE = "done"
    DEAD = "dead"


class Delivery(Struct, frozen=True, kw_only=True):
    """One message to one receiver. `id` is derived from the event and the receiver: written twice it is still one.

    `kind` is `webhook` or `person`; `target` a webhook id or a channel id; `event` the event type; `body` its JSON text.
    """

    id: str
    kind: str
    target: str
    event: str
    body: str
    created_at: datetime
    next_at: datetime
    state: DeliveryState = DeliveryState.PENDING
    attempts: int = 0
    last_status: str = ""
    delivered_at: datetime | None = None


class Webhook(Struct, frozen=True, kw_only=True):
    """A receiver of events. `secrets` are the active signing keys (`whsec_...`), newest first; `events` empty means all."""

    id: str
    url: str
    secrets: tuple[str, ...]
    created_at: datetime
    events: tuple[str, ...] = ()
    jurisdiction: str | None = None
    enabled: bool = True
    disabled_reason: str = ""
    description: str = ""


class Channel(Struct, frozen=True, kw_only=True):
    """A way to reach people: an Apprise URL (it holds a secret, so it is never logged), for units and levels."""

    id: str
    name: str
    url: str
    units: tuple[str, ...] = ()
    levels: tuple[int, ...] = (1, 2, 3, 4)
    enabled: bool = True
