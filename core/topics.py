"""The topics of the one topology; on Kafka each is prefixed with `huiying.`."""

from enum import StrEnum


class Topic(StrEnum):
    """A named, ordered log. Key of every message: the jurisdiction."""

    POSTS_RAW = "posts.raw"
    """`RawPost`: admitted (valid, cleaned, masked), not yet judged."""

    POSTS_ANALYSED = "posts.analysed"
    """`AnalysedPost`: prepared and labelled, each post once; and among them, in one order, `Regrouping`: what people say of
    incidents (the message's id begins with `REGROUPING`)."""

    INCIDENTS = "incidents"
    """`Incident`: the whole incident after a change that a rule may care about."""

    CASES = "cases"
    """`CaseEvent`: what happened to a case."""

    REJECTED = "rejected"
    """`Rejected`: what was refused and why; replayable."""

    INDEX_CHANGES = "index.changes"
    """`core.storage.postgres.unlogged.IndexChange`: what a commit gave to the index and no other topic tells. Not in the
    embedded set, whose index is part of the same file."""


REGROUPING = "regrouping:"
"""What the id of a message begins with that holds no post but a `Regrouping`."""
