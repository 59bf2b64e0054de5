"""Puts the doors together: routes, bounds and the form of errors; both servers serve this one application."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

import structlog
from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from oncall.web import acts, changes, control, feeds, health, reading, reports
from oncall.web.bounds import Bounds
from oncall.web.parts import Parts
from oncall.web.problems import Problem

log = structlog.get_logger(__name__)


def make_app(webhooks: Sequence[APIRouter] = ()) -> FastAPI:
    """The application in its starting state: /healthz answers, everything else is 503 until `open_doors`."""
    app = FastAPI(title="oncall", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.parts = None
    # Without FastAPI's route around it, which takes longer than all of the rest of it; it declares nothing that FastAPI would check.
    app.add_route(reports.PATH, reports.report, methods=["POST"])
    app.add_route(reading.ON_CALL, reading.on_call_now, methods=["GET"])
    for router in (health.router, reading.router, control.router, acts.router, changes.router, feeds.router, *webhooks):
        app.include_router(router)
    app.add_middleware(Bounds, ready=lambda: app.state.parts is not None)
    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(HTTPException, on_http_error)
    app.add_exception_handler(RequestValidationError, on_wrong_parameters)
    app.add_exception_handler(Exception, on_bug)
    return app


def open_doors(app: FastAPI, parts: Parts) -> None:
    """From now on requests are served."""
    app.state.parts = parts


async def on_problem(_request: Request, error: Exception) -> JSONResponse:
    """A refusal of ours."""
    assert isinstance(error, Problem)
    return error.response()


async def on_http_error(_request: Request, error: Exception) -> JSONResponse:
    """A refusal of the framework: no such route, wrong method."""
    assert isinstance(error, HTTPException)
    words = {HTTPStatus.NOT_FOUND: "there is nothing here", HTTPStatus.METHOD_NOT_ALLOWED: "this address does not know that method"}
    status = HTTPStatus(error.status_code)
    return Problem(status, words.get(status, str(error.detail))).response()


async def on_wrong_parameters(_request: Request, error: Exception) -> JSONResponse:
    """A parameter that is no text, which only a broken client sends."""
    assert isinstance(error, RequestValidationError)
    fields = {".".join(str(part) for part in one["loc"][1:]): str(one["msg"]) for one in error.errors()}
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "the request has parameters that cannot be used", fields=fields).response()


async def on_bug(request: Request, error: Exception) -> JSONResponse:
    """A bug of ours: the log has all of it, the client learns nothing but that it may come again."""
    log.error("a request failed", path=request.url.path, exc_info=error)
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "something is broken here; the daemon's log says what").response()
