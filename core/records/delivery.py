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


class NoticeState(StrEnum):
    """What became of a notice. `waiting`: held back for now, `reason` says why; `told`: it is in a message on its way.

    `dropped`: nobody is told, and `reason` is the step that decided so.
    """

    WAITING = "waiting"
    TOLD = "told"
    DROPPED = "dropped"


class Notice(Struct, frozen=True, kw_only=True):
    """Something that people should be told: of a case (`case` set; the words are made of the case as it is when they are
    told), or of the office itself (`title` and `text` set: nobody on duty, a webhook that was disabled, a fact that expires).

    `members` are to be told in person beside the group chats. `reason` is a name of a step and its verdict, `group` what
    the notice was told together with, `deliveries` the ids of the messages that hold it.
    """

    id: str
    event: str
    at: datetime
    jurisdiction: str
    level: int
    case: str | None = None
    unit: str | None = None
    who: str = "system"
    why: str = ""
    title: str = ""
    text: str = ""
    members: tuple[str, ...] = ()
    state: NoticeState = NoticeState.WAITING
    reason: str = ""
    group: str = ""
    settled_at: datetime | None = None
    deliveries: tuple[str, ...] = ()


class Webhook(Struct, frozen=True, kw_only=True):
    """A receiver of events. `secrets` are the active signing keys (`whsec_...`), newest first.

    `events`, `levels` and `places` (prefixes of codes) empty mean all. An event without a level or a place fits every one.
    `disabled_reason` is `failing` or `gone` (by its receiver), or `removed` (by a person).
    """

    id: str
    url: str
    secrets: tuple[str, ...]
    created_at: datetime
    events: tuple[str, ...] = ()
    levels: tuple[int, ...] = ()
    places: tuple[str, ...] = ()
    jurisdiction: str | None = None
    enabled: bool = True
    disabled_reason: str = ""
    description: str = ""

    @property
    def wanted(self) -> bool:
        """Whether events are meant for it: also while its receiver is away, so that they can be sent when it is back."""
        return self.enabled or self.disabled_reason in ("failing", "gone")


class Channel(Struct, frozen=True, kw_only=True):
    """A way to reach people: an Apprise URL (it holds a secret, so it is never logged), for units and levels.

    With `member` it is that person's own: it is used when he is to be told, whatever unit and level.
    """

    id: str
    name: str
    url: str
    units: tuple[str, ...] = ()
    levels: tuple[int, ...] = (1, 2, 3, 4)
    member: str | None = None
    enabled: bool = True
