"""The routes that only read: incidents, their stories, who is on call."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TypeVar

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from sqlalchemy import Connection

from oncall.core.messages import FINAL, Status
from oncall.core.schedule import current_duty, duties
from oncall.settings import Scope
from oncall.store import Lane, StoreUnavailable, incidents, log, outbox
from oncall.web.callers import allowed
from oncall.web.parts import parts_of
from oncall.web.problems import RETRY_AFTER_S, Problem
from oncall.web.taking import ANSWER_WITHIN_S
from oncall.web.views import Json, beside, duty_line, incident_line, incident_whole, shift_lines, time_text

router = APIRouter()

LISTED = 500
"""Incidents in one answer at most; the newest first."""
LONGEST_SPAN = timedelta(days=400)
"""A year and a bit of shifts in one answer."""


@router.get("/v1/incidents")
async def listing(request: Request, status: str = "") -> JSONResponse:
    """Incidents with one of the statuses (comma separated; `all`), by default those that are not over."""
    allowed(request, Scope.READ)
    wanted = statuses(status)
    parts = parts_of(request)
    found = await reading(parts.store.tx(lambda conn: incidents.listing(conn, wanted, LISTED), lane=Lane.SECOND))
    return JSONResponse({"timezone": parts.handbook().timezone, "incidents": [incident_line(one) for one in found]})


@router.get("/v1/incidents/{reference}")
async def one(request: Request, reference: str) -> JSONResponse:
    """One incident by number or case, with its story and its messages."""
    allowed(request, Scope.READ)
    parts = parts_of(request)

    def read(conn: Connection) -> Json | None:
        incident = incidents.by_reference(conn, reference)
        if incident is None:
            return None
        whole = incident_whole(incident, log.history(conn, incident.id), outbox.of_incident(conn, incident.id))
        emptied = [{"at": time_text(at), "fact": kind} for at, kind in log.emptied(conn, incident.id)]
        return {**whole, **beside(incident, parts.handbook()), "forgotten": emptied}

    found = await reading(parts.store.tx(read, lane=Lane.SECOND))
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, f"no incident '{reference}'; give its number or its four-character case reference")
    return JSONResponse({**found, "timezone": parts.handbook().timezone})


ON_CALL = "/v1/oncall"


async def on_call_now(request: Request) -> JSONResponse:
    """Who holds each rotation now or at the instant `at`, why, and until when. Asked by screens all day, so without FastAPI's route."""
    allowed(request, Scope.READ)
    parts = parts_of(request)
    handbook, when = parts.handbook(), instant("at", request.query_params.get("at", "")) or parts.now()
    return JSONResponse({"rotations": {name: duty_line(current_duty(handbook, name, when)) for name in handbook.rotations}})


@router.get("/v1/rotations/{name}")
async def rotation(request: Request, name: str) -> JSONResponse:
    """The shifts of a rotation from `from` to `to`, by default the next seven days."""
    allowed(request, Scope.READ)
    parts = parts_of(request)
    handbook = parts.handbook()
    if name not in handbook.rotations:
        raise Problem(HTTPStatus.NOT_FOUND, f"no rotation '{name}'; known: {', '.join(handbook.rotations)}")
    start = instant("from", request.query_params.get("from", "")) or parts.now()
    end = instant("to", request.query_params.get("to", "")) or start + timedelta(days=7)
    if not start < end <= start + LONGEST_SPAN:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"'to' must be after 'from', by at most {LONGEST_SPAN.days} days")
    return JSONResponse(shift_lines(duties(handbook, name, start, end)))


def statuses(text: str) -> tuple[Status, ...]:
    """The statuses that a comma separated list names."""
    if not text:
        return tuple(one for one in Status if one not in FINAL)
    if text == "all":
        return tuple(Status)
    words = [word.strip() for word in text.split(",")]
    unknown = [word for word in words if word not in set(Status)]
    if unknown:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"no status '{unknown[0]}'; known: {', '.join(Status)}, all", fields={"status": "is unknown"})
    return tuple(Status(word) for word in words)


def instant(name: str, text: str) -> datetime | None:
    """The instant that a parameter names, None if it is absent; a time without its zone would mean something else to each of us."""
    if not text:
        return None
    try:
        # In a query an unescaped + of a zone arrives as a blank.
        at = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
    except ValueError as error:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"'{name}' is no time; write 2026-11-28T02:30:00Z", fields={name: "is no time"}) from error
    if at.tzinfo is None:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"'{name}' lacks its zone; write 2026-11-28T02:30:00Z", fields={name: "lacks its zone"})
    return at


T = TypeVar("T")


async def reading(pending: Awaitable[T]) -> T:
    """What the store answers; a Problem (503) if it cannot."""
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            return await pending
    except (StoreUnavailable, TimeoutError) as error:
        detail = f"the store cannot be read now: {str(error) or f'no answer within {ANSWER_WITHIN_S:g} s'}"
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, retry_after_s=RETRY_AFTER_S) from error
