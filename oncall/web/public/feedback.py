"""GET /feedback/<case>-<secret>: one question about a case that was closed; only a POST answers it, and the last answer counts."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass
from hmac import compare_digest
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import Connection

from oncall.core.feedback import BEST, SURVEY, WORST, Survey
from oncall.core.messages import Incident, Order, Status
from oncall.core.replies import draw_secret
from oncall.engine.rating import rated
from oncall.intake import Refused
from oncall.intake.form import words_of
from oncall.store import Lane, StoreUnavailable, incidents, surveys
from oncall.web.parts import parts_of
from oncall.web.problems import Problem
from oncall.web.public.answering import leads_to, page_of_form, root_of, shown
from oncall.web.public.case import NOBODY, REFERENCE
from oncall.web.public.rendering import page
from oncall.web.reading import reading
from oncall.web.taking import ANSWER_WITHIN_S, not_stored
from oncall.web.visitors import visitor

router = APIRouter()

ANSWERS = ((WORST, "bad"), (2, "poor"), (3, "fair"), (4, "good"), (BEST, "great"))
LONGEST_COMMENT = 2000
FIELDS = {"rating": 2, "comment": LONGEST_COMMENT, "call": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A survey whose secret its reader has. `own`: the case and the secret, as they stand in its address."""

    incident: Incident
    survey: Survey
    own: str


async def found(request: Request) -> Found:
    """The survey that the address names. A Problem (404) for a wrong secret as for no survey at all, (429) for whoever tries many."""
    parts, who = parts_of(request), visitor(request)
    wait_s = parts.visitors.guesses.wait_s(who, take=False)
    if wait_s:
        raise Problem(HTTPStatus.TOO_MANY_REQUESTS, "too many wrong addresses", retry_after_s=math.ceil(wait_s))
    named = REFERENCE.fullmatch(str(request.path_params["reference"]).upper())
    one = await reading(parts.store.tx(lambda conn: look_up(conn, named[1]), lane=Lane.SECOND)) if named else None
    secret = draw_secret(one[0].seed, SURVEY) if one else NOBODY
    if not (compare_digest(secret, named[2] if named else "") and one and named):
        parts.visitors.guesses.wait_s(who)
        raise Problem(HTTPStatus.NOT_FOUND, "there is no such survey")
    return Found(incident=one[0], survey=one[1], own=f"{named[1]}-{named[2]}")


def look_up(conn: Connection, reference: str) -> tuple[Incident, Survey] | None:
    """The case, and what was asked about it; it is read and nothing else."""
    incident = incidents.with_case(conn, reference)
    survey = surveys.load(conn, incident.id) if incident is not None and incident.forgotten_at is None else None
    return None if incident is None or survey is None else (incident, survey)


async def question(request: Request) -> HTMLResponse:
    """The question, and what was answered so far."""
    parts, one = parts_of(request), await found(request)
    incident, survey = one.incident, one.survey
    content = page(
        "feedback.html", ways=parts.ways, root=root_of(request.url.path), own=one.own, case=incident.case, at=parts.now(),
        zone=parts.handbook().timezone, reported_at=survey.reported_at, rating=survey.rating, low=survey.is_low, comment=survey.comment,
        call=survey.call, reopened=incident.status is not Status.RESOLVED, closed=parts.now() >= survey.until, answers=ANSWERS,
        longest=LONGEST_COMMENT,
    )  # fmt: skip
    return shown(content, cache="private, no-store")


async def answer(request: Request) -> Response:
    """Takes an answer, and leads back to the page, which says what is noted. A Problem for what is none, or comes too late."""
    page_of_form(request)
    parts, one = parts_of(request), await found(request)
    try:
        given = words_of(await request.body(), FIELDS)
    except Refused as refused:
        raise Problem(HTTPStatus.BAD_REQUEST, refused.reason) from refused
    if given["rating"] not in {str(value) for value, _ in ANSWERS}:
        raise Problem(HTTPStatus.BAD_REQUEST, "this is no answer of ours")
    wait_s = parts.visitors.acts.wait_s(one.incident.id)
    if wait_s:
        raise Problem(HTTPStatus.TOO_MANY_REQUESTS, "too much for one case", retry_after_s=math.ceil(wait_s))
    ways, at = frozenset(way for way, is_on in parts.channels.items() if is_on), parts.now()

    def unit(conn: Connection) -> tuple[Order, ...]:
        now = look_up(conn, one.incident.case)
        if now is None or now[0].status is not Status.RESOLVED or at >= now[1].until:
            return ()
        return rated(
            conn, parts.handbook(), ways, now[0], rating=int(given["rating"]), comment=given["comment"], call=bool(given["call"]), how="form", at=at
        )  # fmt: skip

    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            await parts.engine.order(unit)
    except (StoreUnavailable, TimeoutError) as error:
        raise not_stored(str(error) or f"no answer within {ANSWER_WITHIN_S:g} s") from error
    return leads_to(one.own)


router.add_route("/feedback/{reference}", question, methods=["GET"])
router.add_route("/feedback/{reference}", answer, methods=["POST"])
