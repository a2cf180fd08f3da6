"""What a worker shows over HTTP: whether it lives, and its metrics. Nothing of the office, so without credentials."""

from collections.abc import Callable

from fastapi import FastAPI
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from core.telemetry import Metrics


def create_probe(metrics: Metrics, trouble: Callable[[], str]) -> FastAPI:
    """`trouble` says what is wrong, nothing while all is well."""
    app = FastAPI(title="Huiying 回应 worker", docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/healthz")
    @app.get("/readyz")
    async def healthz() -> Response:
        said = trouble()
        return JSONResponse({"status": said or "ok"}, 503 if said else 200)

    @app.get("/metrics")
    async def shown() -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return app
