"""Incidents, and the file of everything about one."""

from collections.abc import Sequence
from itertools import chain
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from alerts.calm import Ending, ending
from alerts.counting import all_joined
from alerts.lifecycle import moves
from alerts.policy import Policy
from alerts.refuted import said_again
from alerts.rules import judge
from api.checking import with_checklist
from api.explained_views import Explanation, FirstPost, SimilarIncident, SimilarIncidents, UnverifiedSignal
from api.parts import Parts
from api.reach import Reach
from api.regrouping import linked_with
from api.requests import Cursor, IncidentOf, Jurisdiction, Limit, PartsOf, ReachOf
from api.views import CaseFile, RankedIncident, RankedPage
from api.wire import Json, answers
from core.ports import FoundPost, IncidentQuery, Index, PostQuery
from core.records import AnalysedPost, Case, Incident
from nlp.incidents.similar import likest
from nlp.incidents.telling import negative_shares, representatives, signals

router = APIRouter(prefix="/api/v1", tags=["incidents"])
POSTS_SHOWN = 50
POSTS_READ = 100
SOURCES = 12
VOICES = 5
REMEMBERED = 100
"""How many incidents are compared: of the newest, and as many again of those whose posts held the same terms before."""
RECALLED = 500
"""Earlier posts with one of the terms that are asked for their incidents."""

Order = Annotated[Literal["heat", "newest"], Query(description="By heat, or by when they were raised.")]


def ranked(parts: Parts, incidents: Sequence[Incident], reach: Reach) -> list[RankedIncident]:
    """Incidents with those of their cases that may be seen."""
    cases = parts.storage.store.cases_of([i.id for i in incidents])
    return [RankedIncident(incident=i, case=reach.seen(cases.get(i.id))) for i in incidents]


def case_file(parts: Parts, incident: Incident, case: Case | None) -> CaseFile:
    """Everything about an incident and its case, and about the cases that were merged into it."""
    store = parts.storage.store
    joined = list(all_joined(case.joined)) if case else []
    others = (parts.storage.index.incident(one.incident) for one in joined)
    posts = [_posts(parts, one) for one in (incident, *others) if one is not None]
    audit = [row for id_ in ((case.id, *(one.case for one in joined)) if case else ()) for row in store.audit(id_)]
    file = CaseFile(
        incident=incident,
        case=case,
        posts=sorted(chain(*posts), key=lambda found: found.post.at, reverse=True)[:POSTS_SHOWN],
        drafts=store.drafts(case.id) if case else [],
        audit=sorted(audit, key=lambda row: row.at),
        moves=list(moves(case)) if case else [],
    )
    return with_checklist(parts, file)


def _posts(parts: Parts, incident: Incident) -> list[FoundPost]:
    """Its posts; of a signal's, which are of other incidents or none, its examples."""
    found = parts.storage.index.posts(PostQuery(incident=incident.id, fold=True, limit=POSTS_SHOWN)).items
    if found:
        return found
    examples = parts.storage.index.posts_by_id(incident.examples)
    return [FoundPost(post=post, interactions=post.interactions) for post in examples]


@router.get("/incidents", summary="Incidents", **answers(RankedPage, "A page of incidents with their cases."))
def incidents(
    parts: PartsOf,
    reach: ReachOf,
    order: Order = "heat",
    jurisdiction: Jurisdiction = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Json:
    query = IncidentQuery(jurisdiction=jurisdiction, order=order, cursor=cursor, limit=limit)
    page = parts.storage.index.incidents(query)
    return Json(RankedPage(items=ranked(parts, page.items, reach), cursor=page.cursor))


@router.get("/incidents/{id_}", summary="An incident and its case", **answers(CaseFile, "The whole file."))
def incident(parts: PartsOf, reach: ReachOf, found: IncidentOf) -> Json:
    case = reach.seen(parts.storage.store.cases_of([found.id]).get(found.id))
    return Json(case_file(parts, found, case))


@router.get(
    "/incidents/{id_}/similar",
    summary="Past incidents like this one",
    **answers(SimilarIncidents, "The most alike, best first."),
)
def similar(parts: PartsOf, reach: ReachOf, found: IncidentOf, limit: Annotated[int, Query(ge=1, le=20)] = 5) -> Json:
    same = {one.id: one for one, _ in linked_with(parts, found, parts.storage.store.audit(found.id))}
    alike = likest(found, [*same.values(), *_remembered(parts.storage.index, found)], limit, same)
    cases = parts.storage.store.cases_of([one.incident.id for one in alike])
    items = [
        SimilarIncident(
            incident=one.incident,
            score=one.score,
            terms=one.terms,
            same=one.same,
            case=reach.seen(cases.get(one.incident.id)),
        )
        for one in alike
    ]
    return Json(SimilarIncidents(items=items))


def _remembered(index: Index, incident: Incident) -> list[Incident]:
    """The newest incidents, and those of the newest posts from before it that hold one of its terms."""
    newest = index.incidents(IncidentQuery(jurisdiction=incident.jurisdiction, order="newest", limit=REMEMBERED)).items
    if not incident.terms:
        return newest
    words = " OR ".join(f'"{term.text}"' for term in incident.terms)
    before = PostQuery(
        words=words, jurisdiction=incident.jurisdiction, until=incident.first_at, fold=True, limit=RECALLED
    )
    ids = dict.fromkeys(post.incident for post in index.posts(before).items if post.incident is not None)
    recalled = (index.incident(id_) for id_ in list(ids)[:REMEMBERED])
    return [*newest, *(one for one in recalled if one is not None)]


@router.get(
    "/incidents/{id_}/explanation",
    summary="What its posts tell: the first, its way through sources, voices, feelings, what is unverified, what would end it",
    **answers(Explanation, "As far as the posts looked at go."),
)
def explanation(parts: PartsOf, reach: ReachOf, found: IncidentOf) -> Json:
    index = parts.storage.index
    firsts = index.first_of_sources(found.id, SOURCES)
    posts = [one.post for one in index.posts(PostQuery(incident=found.id, fold=True, limit=POSTS_READ)).items]
    shares = negative_shares(index.histogram(PostQuery(incident=found.id, fold=True)))
    told = Explanation(
        incident=found.id,
        looked_at=len(posts),
        first=firsts[0] if firsts else None,
        path=[FirstPost(source=one.source, platform=one.platform, at=one.at, post=one.id) for one in firsts],
        representatives=representatives([*index.posts_by_id(found.examples), *posts], VOICES),
        unverified=_unverified(parts.policy, posts),
        ending=_ending(parts, reach, found),
        negative_early=shares[0] if shares else None,
        negative_late=shares[1] if shares else None,
    )
    return Json(told)


def _unverified(policy: Policy, posts: Sequence[AnalysedPost]) -> list[UnverifiedSignal]:
    """What was refuted before comes first: there somebody knows what is right."""
    again = [
        UnverifiedSignal(code="refuted_before", posts=one.posts, examples=one.examples, refuted=one.refuted)
        for one in said_again(policy.refuted, posts)
    ]
    told = [
        UnverifiedSignal(code=one.code, posts=one.posts, examples=one.examples, figures=one.figures)
        for one in signals(posts)
    ]
    return again + told


def _ending(parts: Parts, reach: Reach, incident: Incident) -> Ending:
    """By the level of its case; without one that may be seen, by the level that its rules give, or the mildest."""
    case = reach.seen(parts.storage.store.cases_of([incident.id]).get(incident.id))
    number = case.level if case is not None else judge(incident, parts.policy).level
    level = parts.policy.level(number) if number is not None else parts.policy.levels[-1]
    return ending(incident, level, parts.now())
