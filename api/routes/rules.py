"""The policy that decides: rules, levels, clocks and units, each with its source."""

from fastapi import APIRouter

from alerts.policy import Policy
from api.requests import PartsOf
from api.wire import Json, answers

router = APIRouter(prefix="/api/v1", tags=["policy"])


@router.get("/rules", summary="The policy in force", **answers(Policy, "With its version and every source."))
def rules(parts: PartsOf) -> Json:
    return Json(parts.policy)
