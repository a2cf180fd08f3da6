"""The records that flow through the product, from a post to an evaluated answer.

All are immutable values with a schema version; times are aware datetimes in UTC. Unknown fields are ignored when reading
(an older reader meets a newer record) and missing ones take their default (the other way round).
"""

from core.records.cases import (
    AuditRow,
    Case,
    CaseEvent,
    CaseState,
    Citation,
    Clock,
    Draft,
    FactCard,
    Pause,
    Question,
    Sentence,
)
from core.records.delivery import (
    Channel,
    Delivery,
    DeliveryState,
    Webhook,
)
from core.records.incidents import (
    Assignment,
    Incident,
    PlaceCount,
    Reason,
    Term,
)
from core.records.people import (
    Credential,
    Role,
    Source,
    User,
)
from core.records.posts import (
    AnalysedPost,
    Label,
    Labels,
    Ngram,
    Offence,
    Place,
    Post,
    RawPost,
    Rejected,
    Risk,
    RiskHit,
    Target,
    Told,
)
from core.records.record import (
    JURISDICTION_SAMPLE,
    Record,
)
from core.records.teaching import (
    Correction,
    ModelCard,
)

__all__ = [
    "JURISDICTION_SAMPLE",
    "AnalysedPost",
    "Assignment",
    "AuditRow",
    "Case",
    "CaseEvent",
    "CaseState",
    "Channel",
    "Citation",
    "Clock",
    "Correction",
    "Credential",
    "Delivery",
    "DeliveryState",
    "Draft",
    "FactCard",
    "Incident",
    "Label",
    "Labels",
    "ModelCard",
    "Ngram",
    "Offence",
    "Pause",
    "Place",
    "PlaceCount",
    "Post",
    "Question",
    "RawPost",
    "Reason",
    "Record",
    "Rejected",
    "Risk",
    "RiskHit",
    "Role",
    "Sentence",
    "Source",
    "Target",
    "Term",
    "Told",
    "User",
    "Webhook",
]
