"""/v1/reviews: what somebody has to look into, and that it is done, with the reason."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, StringConstraints
from sqlalchemy import Connection

from oncall.core.feedback import Review
from oncall.core.messages import Order
from oncall.settings import Scope
from oncall.store import Lane, StoreUnavailable, incidents, reviews, surveys
from oncall.web.callers import acting_person, allowed
from oncall.web.parts import parts_of
from oncall.web.problems import Problem
from oncall.web.reading import reading
from oncall.web.taking import ANSWER_WITHIN_S, body_of, not_stored
from oncall.web.views import Json, time_text

router = APIRouter()

LISTS = {"open": reviews.still_open, "closed": reviews.closed}


class Closed(BaseModel):
    """The body of a close: who closes it, and why it is done."""

    model_config = ConfigDict(extra="forbid")

    because: Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]
    by: str = ""


@router.get("/v1/reviews")
async def listing(request: Request, status: str = "open") -> JSONResponse:
    """The reviews that are open, what is due first at the front, or those that were closed last."""
    allowed(request, Scope.READ)
    if status not in LISTS:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"no status '{status}'; known: {', '.join(LISTS)}", fields={"status": "is unknown"})
    parts = parts_of(request)
    found = await reading(parts.store.tx(lambda conn: [line(conn, one) for one in LISTS[status](conn)], lane=Lane.SECOND))
    return JSONResponse({"timezone": parts.handbook().timezone, "now": time_text(parts.now()), "reviews": found})


@router.post("/v1/reviews/{number}/close")
async def close(request: Request, number: int) -> JSONResponse:
    """Closes a review. 404 if there is none, 409 if it is closed already."""
    caller = allowed(request, Scope.ACT)
    said = await body_of(request, Closed)
    parts = parts_of(request)
    by, at = acting_person(caller, said.by, parts.handbook()), parts.now()
    closed: list[Review | None] = [None]
    done: list[bool] = [False]

    def unit(conn: Connection) -> tuple[Order, ...]:
        done[0] = reviews.close(conn, number, by, said.because, at)
        closed[0] = reviews.load(conn, number)
        return ()

    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            await parts.engine.order(unit)
    except (StoreUnavailable, TimeoutError) as error:
        raise not_stored(str(error) or f"no answer within {ANSWER_WITHIN_S:g} s") from error
    review = closed[0]
    if review is None:
        raise Problem(HTTPStatus.NOT_FOUND, f"no review {number}; see: oncall reviews")
    if not done[0]:
        raise Problem(HTTPStatus.CONFLICT, f"review {number} was closed by {review.closed_by}: {review.because}")
    return JSONResponse({"review": number, "closed_by": by, "because": said.because})


def line(conn: Connection, one: Review) -> Json:
    """A review with its case, and the customer's own words where there are some."""
    incident = incidents.load(conn, one.incident)
    survey = surveys.load(conn, one.incident) if one.topic == "rating" else None
    return {
        "review": one.id,
        "topic": one.topic.value,
        "incident": one.incident,
        "case": incident.case if incident else "",
        "customer": incident.label if incident else "",
        "about": one.words,
        "comment": survey.comment if survey else "",
        "owner": one.owner,
        "made_at": time_text(one.made_at),
        "due_at": time_text(one.due_at),
        "closed_at": time_text(one.closed_at),
        "closed_by": one.closed_by,
        "because": one.because,
    }
