"""What is told of an incident beyond its record. The fields are the API's promise."""

from msgspec import Struct

from core.records import AnalysedPost, Case, Incident


class SimilarIncident(Struct, frozen=True, kw_only=True):
    """A past incident that is like another: how much (0 to 1), the terms both have, and its case with what was answered."""

    incident: Incident
    score: float
    terms: tuple[str, ...]
    case: Case | None = None


class SimilarIncidents(Struct, frozen=True, kw_only=True):
    """The incidents most like one, best first."""

    items: list[SimilarIncident]


class UnverifiedSignal(Struct, frozen=True, kw_only=True):
    """Why a claim is unverified: `denied`, `doubted` or `figures_differ` (with the `figures`); `examples` are post ids."""

    code: str
    posts: int
    examples: tuple[str, ...]
    figures: tuple[str, ...] = ()


class Explanation(Struct, frozen=True, kw_only=True):
    """What the posts of an incident tell, as far as `looked_at` of them (distinct, the newest) go.

    `first` is the earliest of them, `representatives` differ from each other, `negative_early` and `negative_late` are the
    shares of negative posts in the earlier and the later half. `unverified` is for a person to check: the machine judges no
    claim.
    """

    incident: str
    looked_at: int
    first: AnalysedPost | None
    representatives: list[AnalysedPost]
    unverified: list[UnverifiedSignal]
    negative_early: float | None = None
    negative_late: float | None = None
