"""Bodies of the moves that ask for more than a reason."""

from typing import Annotated

from msgspec import Meta as Limits

from api.views import Instant, MoveBody


class ExtendBody(MoveBody, kw_only=True):
    """The kind of the clock, and how much more time (`24h`, `2d`; `20wd` for one that counts working days)."""

    clock: str
    by: str


class TaskBody(MoveBody, kw_only=True):
    """What a unit is asked to do; `part` is `lead` (主办) or `support` (协办)."""

    unit: str
    text: Annotated[str, Limits(max_length=2_000)]
    part: str = "support"
    due_at: Instant | None = None


class TaskEndBody(MoveBody, kw_only=True):
    """What came of it."""

    note: Annotated[str, Limits(max_length=2_000)] = ""


class MergeBody(MoveBody, kw_only=True):
    """The case that is taken in; `version` is of the one that takes it."""

    case: str


class SplitBody(MoveBody, kw_only=True):
    """The case that was taken in and becomes its own again."""

    case: str


class SatisfactionBody(MoveBody, kw_only=True):
    """How satisfied the public was (0 to 100), of how many answers; `why` says where it was asked."""

    score: float
    answers: int


class UnextendBody(MoveBody, kw_only=True):
    """The kind of the clock whose last extension is taken back."""

    clock: str


class TickBody(MoveBody, kw_only=True):
    """A step of the case's checklist that is done, and a note for those who read it later."""

    step: str
    note: Annotated[str, Limits(max_length=500)] = ""


class UntickBody(MoveBody, kw_only=True):
    """A step of the case's checklist that is to be done again."""

    step: str
