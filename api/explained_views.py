"""What is told of an incident beyond its record. The fields are the API's promise."""

from datetime import datetime

from msgspec import Struct

from alerts.calm import Ending
from alerts.refuted import RefutedClaim
from core.records import AnalysedPost, Case, Incident


class SimilarIncident(Struct, frozen=True, kw_only=True):
    """A past incident that is like another: how much (0 to 1), the terms both have, and its case with what was answered.

    `same`: people say that it is the same happening, and could not be united with it any more.
    """

    incident: Incident
    score: float
    terms: tuple[str, ...]
    same: bool = False
    case: Case | None = None


class SimilarIncidents(Struct, frozen=True, kw_only=True):
    """The incidents most like one, best first; before them those that people say are the same happening."""

    items: list[SimilarIncident]


class UnverifiedSignal(Struct, frozen=True, kw_only=True):
    """Why a claim is unverified; `examples` are post ids.

    `denied`, `doubted`, `figures_differ` (with the `figures`), or `refuted_before`: it comes near a claim that was `refuted`.
    """

    code: str
    posts: int
    examples: tuple[str, ...]
    figures: tuple[str, ...] = ()
    refuted: RefutedClaim | None = None


class FirstPost(Struct, frozen=True, kw_only=True):
    """The first post of an incident in a source."""

    source: str
    platform: str
    at: datetime
    post: str


class Explanation(Struct, frozen=True, kw_only=True):
    """What the posts of an incident tell.

    `first` is the earliest of all, `path` the first of each source in order of time (of the twelve sources that came
    first), `negative_early` and `negative_late` the shares of negative posts in the earlier and the later half of all
    distinct ones, and `ending` what would make it end. `representatives`, which differ from each other, and `unverified`
    are from the `looked_at` newest distinct posts; a signal is for a person to check: the machine judges no claim.
    """

    incident: str
    looked_at: int
    first: AnalysedPost | None
    path: list[FirstPost]
    representatives: list[AnalysedPost]
    unverified: list[UnverifiedSignal]
    ending: Ending
    negative_early: float | None = None
    negative_late: float | None = None
