"""The modules whose records tell of policy, moves and evaluation; `api.app` describes them with all others."""

from alerts import checklists, concerns, dryrun, signals
from alerts.evaluation import curves, interrupted, questions, report, scorecard
from api import case_views, policy_views

JUDGING = (
    checklists,
    concerns,
    dryrun,
    signals,
    curves,
    interrupted,
    questions,
    report,
    scorecard,
    case_views,
    policy_views,
)
