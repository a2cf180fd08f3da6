"""What an evaluation reads: all posts of a case, its audit, and the cases of a month."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from alerts.counting import all_joined
from alerts.evaluation.questions import asked_kinds
from alerts.evaluation.report import Report, report
from alerts.evaluation.scorecard import CaseScore, case_score, weights
from api.parts import Parts
from api.problems import Problem
from core.ports import CaseQuery, PostQuery
from core.records import AnalysedPost, Case

MOST_POSTS = 10_000
MOST_CASES = 5_000
PAGE = 200


def evaluated(parts: Parts, case: Case) -> Report:
    """The evaluation of a case as it stands, with the posts of the cases that were merged into it."""
    incidents = (case.incident, *(one.incident for one in all_joined(case.joined)))
    posts = [post for incident in incidents for post in _posts(parts, incident)]
    audit = parts.storage.store.audit(case.id)
    return report(case, posts, audit, asked_kinds(), parts.now())


def month_of(text: str, zone: str) -> tuple[datetime, datetime]:
    """The beginning and the end of a month (`2026-06`) in a time zone."""
    try:
        begin = datetime.strptime(text, "%Y-%m").replace(tzinfo=ZoneInfo(zone))
    except ValueError as error:
        raise Problem(422, "invalid-query", "A month is written 2026-06.") from error
    return begin, (begin + timedelta(days=32)).replace(day=1)


def cases_of_month(parts: Parts, jurisdiction: str | None, begin: datetime, end: datetime) -> list[Case]:
    """The cases that were opened in that time; those merged into others are left out. At most 5 000."""
    found: list[Case] = []
    for case in _all(parts, jurisdiction):
        if begin <= case.opened_at < end and case.merged_into is None:
            found.append(case)
            if len(found) >= MOST_CASES:
                break
    return found


def cards(parts: Parts, cases: list[Case]) -> list[CaseScore]:
    """A score card for each."""
    return [case_score(case, parts.storage.store.audit(case.id), weights()) for case in cases]


def _all(parts: Parts, jurisdiction: str | None) -> Iterator[Case]:
    query = CaseQuery(jurisdiction=jurisdiction, limit=PAGE)
    while True:
        page = parts.storage.store.cases(query)
        yield from page.items
        if page.cursor is None:
            return
        query = CaseQuery(jurisdiction=jurisdiction, limit=PAGE, cursor=page.cursor)


def _posts(parts: Parts, incident: str) -> list[AnalysedPost]:
    found: list[AnalysedPost] = []
    cursor: str | None = None
    while len(found) < MOST_POSTS:
        page = parts.storage.index.posts(PostQuery(incident=incident, cursor=cursor, limit=PAGE))
        found.extend(one.post for one in page.items)
        cursor = page.cursor
        if cursor is None:
            break
    return found
