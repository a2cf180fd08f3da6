"""What people teach: corrections of labels, and the models that were learnt from them."""

from datetime import datetime

from msgspec import Struct, field

from core.records.posts import Label
from core.records.record import Record


class Correction(Record, frozen=True, kw_only=True):
    """A person's label of one kind (`head`) for a post, beside what the model had said.

    `published` is the post's time: with the post the correction goes. `text` is the post's folded, masked text, from which
    the model learns; `fingerprint` tells near-duplicates (`nlp.duplicates`). A withdrawn one stays as history.
    """

    id: str
    jurisdiction: str
    post: str
    published: datetime
    head: str
    label: str
    given: Label
    model: str
    who: str
    at: datetime
    note: str = ""
    fingerprint: int
    text: str
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None

    @property
    def changed_at(self) -> datetime:
        """When it was made, or withdrawn."""
        return self.withdrawn_at or self.at


class ModelCard(Struct, frozen=True, kw_only=True):
    """A model that was learnt here. `parent` is the one that it replaced, `base` the shipped one that it began from.

    `figures` are what it was judged by, by name.
    """

    version: str
    parent: str
    base: str
    at: datetime
    corrections: int
    figures: dict[str, float] = field(default_factory=dict)
