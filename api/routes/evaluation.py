"""Evaluation: whether an answer helped, and score cards (考核) per case and per unit by the month."""

from typing import Annotated

from fastapi import APIRouter, Query

from alerts.evaluation.report import Report
from alerts.evaluation.scorecard import unit_scores, weights
from api.evaluating import cards, cases_of_month, evaluated, month_of
from api.moving import find
from api.policy_views import ScoreCards
from api.requests import Id, Jurisdiction, PartsOf, ReachOf
from api.wire import Json, answers

router = APIRouter(prefix="/api/v1", tags=["evaluation"])

Month = Annotated[
    str, Query(max_length=7, description="2026-06: cases that were opened in it, by the server's time zone.")
]


@router.get("/cases/{id_}/evaluation", summary="Whether the answer helped", **answers(Report, "As it stands now."))
def evaluation(parts: PartsOf, id_: Id) -> Json:
    """Curves, times, effect with its uncertainty, questions that were not touched; docs/evaluation.md has the method."""
    return Json(evaluated(parts, find(parts, id_)))


@router.get("/scorecards", summary="Score cards of a month", **answers(ScoreCards, "Per unit and per case."))
def scorecards(
    parts: PartsOf, reach: ReachOf, month: Month, jurisdiction: Jurisdiction = None, unit: str | None = None
) -> Json:
    """With `unit` only that one's. Cases merged into others are left out: their cases count."""
    begin, end = month_of(month, parts.time_zone)
    opened = cases_of_month(parts, jurisdiction, begin, end)
    cases = [case for case in opened if unit in (None, case.unit) and reach.sees(case)]
    made = cards(parts, cases)
    return Json(
        ScoreCards(
            month=month,
            weights=list(weights()),
            units=unit_scores(made, {case.id: case for case in cases}),
            cases=made,
        )
    )
