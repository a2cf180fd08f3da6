"""Liveness, readiness, metrics."""

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from api.problems import Problem
from api.requests import PartsOf
from api.wire import Json, answers

router = APIRouter(tags=["operation"])


@router.get("/healthz", summary="The process is alive", **answers(dict, "Alive."))
def healthz() -> Json:
    return Json({"status": "ok"})


@router.get("/readyz", summary="The process can do its work", **answers(dict, "Ready."))
def readyz(parts: PartsOf) -> Json:
    backlog = parts.intake.backlog()
    if parts.intake.full():
        raise Problem(503, "busy", f"{backlog} posts are waiting.", {"Retry-After": "5"})
    return Json({"status": "ok", "backlog": backlog})


@router.get("/metrics", summary="Prometheus metrics", response_class=PlainTextResponse)
def metrics(parts: PartsOf) -> Response:
    return Response(generate_latest(parts.metrics.registry), media_type=CONTENT_TYPE_LATEST)
