"""Puts the doors together: routes, bounds and the form of errors; both servers serve this one application."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

import structlog
from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from oncall.core.publishing import NO_WAYS, Ways
from oncall.web import acts, changes, control, feeds, forgetting, health, measured, pulses, reading, reports, reviews
from oncall.web.bounds import Bounds
from oncall.web.parts import Parts
from oncall.web.problems import Problem
from oncall.web.public import case, feedback, policy, pulse, report
from oncall.web.public.answering import answer_to, loggable

log = structlog.get_logger(__name__)


def make_app(webhooks: Sequence[APIRouter] = (), ways: Ways = NO_WAYS) -> FastAPI:
    """The application in its starting state: /healthz answers, everything else is 503 until `open_doors`.

    `ways`: how customers reach us, said on every page that refuses them something.
    """
    app = FastAPI(title="oncall", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.parts, app.state.ways = None, ways
    # Without FastAPI's route around it, which takes longer than all of the rest of it; it declares nothing that FastAPI would check.
    app.add_route(reports.PATH, reports.report, methods=["POST"])
    app.add_route(reading.ON_CALL, reading.on_call_now, methods=["GET"])
    for router in (
        health.router,
        reading.router,
        measured.router,
        control.router,
        acts.router,
        changes.router,
        reviews.router,
        pulses.router,
        feeds.router,
        forgetting.router,
        policy.router,
        report.router,
        case.router,
        feedback.router,
        pulse.router,
        *webhooks,
    ):
        app.include_router(router)
    app.add_middleware(Bounds, ready=lambda: app.state.parts is not None, refused=lambda scope, problem: answer_to(scope, problem, ways))
    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(HTTPException, on_http_error)
    app.add_exception_handler(RequestValidationError, on_wrong_parameters)
    app.add_exception_handler(Exception, on_bug)
    return app


def open_doors(app: FastAPI, parts: Parts) -> None:
    """From now on requests are served."""
    app.state.parts = parts


def refused(request: Request, problem: Problem) -> Response:
    """A refusal as whoever asks can read it."""
    return answer_to(request.scope, problem, request.app.state.ways)


async def on_problem(request: Request, error: Exception) -> Response:
    """A refusal of ours."""
    assert isinstance(error, Problem)
    return refused(request, error)


async def on_http_error(request: Request, error: Exception) -> Response:
    """A refusal of the framework: no such route, wrong method."""
    assert isinstance(error, HTTPException)
    words = {HTTPStatus.NOT_FOUND: "there is nothing here", HTTPStatus.METHOD_NOT_ALLOWED: "this address does not know that method"}
    status = HTTPStatus(error.status_code)
    return refused(request, Problem(status, words.get(status, str(error.detail))))


async def on_wrong_parameters(request: Request, error: Exception) -> Response:
    """A parameter that is no text, which only a broken client sends."""
    assert isinstance(error, RequestValidationError)
    fields = {".".join(str(part) for part in one["loc"][1:]): str(one["msg"]) for one in error.errors()}
    return refused(request, Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "the request has parameters that cannot be used", fields=fields))


async def on_bug(request: Request, error: Exception) -> Response:
    """A bug of ours: the log has all of it, the client learns nothing but that it may come again."""
    log.error("a request failed", path=loggable(request.url.path), exc_info=error)
    return refused(request, Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "something is broken here; the daemon's log says what"))
