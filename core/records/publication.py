"""What an office has chosen to publish."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

PublicationKind = Literal["answer", "question", "figures"]


class Publication(Struct, frozen=True, kw_only=True):
    """An answer (of a case), a common question with its answer, or the leave to show how clocks are kept.

    `title` and `text` are masked as posts are, and hold nothing that the office has not written or approved. `case` and `by`
    stay inside.
    """

    id: str
    kind: PublicationKind
    published_at: datetime
    by: str
    title: str = ""
    text: str = ""
    unit: str | None = None
    case: str | None = None
    asked_at: datetime | None = None
    answered_at: datetime | None = None
