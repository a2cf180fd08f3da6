"""What people changed of the policy."""

from datetime import datetime

from msgspec import Struct


class PolicyItem(Struct, frozen=True, kw_only=True):
    """One version of what people change of the policy (`alerts.rulebook.KINDS`): who wrote it, when and why.

    `body` is its JSON text; empty when this version takes the item away. Versions count from 1; the newest holds.
    """

    kind: str
    id: str
    version: int
    at: datetime
    who: str
    why: str
    body: str = ""
    jurisdiction: str = ""
