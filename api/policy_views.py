"""Bodies and answers of the routes for policy and evaluation."""

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta as Limits
from msgspec import Raw, Struct

from alerts.evaluation.scorecard import CaseScore, UnitScore, Weight


class ScoreCards(Struct, frozen=True, kw_only=True):
    """Score cards of a month: the weights they are counted by, per unit, and per case."""

    month: str
    weights: list[Weight]
    units: list[UnitScore]
    cases: list[CaseScore]


class ItemBody(Struct, kw_only=True):
    """An item of the policy as the files have it, why it is changed, and the version that was seen (0: none yet)."""

    item: Raw
    why: Annotated[str, Limits(min_length=1, max_length=1_000)]
    version: int | None = None


class TryBody(Struct, kw_only=True):
    """A rule or signal to try over the last days."""

    item: Raw
    days: Annotated[int, Limits(ge=1, le=30)] = 7


class ItemVersion(Struct, frozen=True, kw_only=True):
    """A version of an item: who wrote it, when and why; `item` null: it was taken away."""

    kind: str
    id: str
    version: int
    at: datetime
    who: str
    why: str
    item: dict[str, Any] | None


class ItemHistory(Struct, frozen=True, kw_only=True):
    """All versions of an item, newest first."""

    items: list[ItemVersion]
