"""GET /c/<case>-<secret>: how far a case is; and what its customer may do: add words, say that it cannot wait, or that it is still broken."""

from __future__ import annotations

import math
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import Connection

from oncall.core.feedback import SURVEY, Survey
from oncall.core.incident import RINGING
from oncall.core.messages import Incident, LogEntry, MarkedUrgent, Noted, Reopened, Status, Updated
from oncall.core.progress import FACTS_OF_CUSTOMERS, HANDLED, Case, came_of, progress
from oncall.core.replies import CASE_ALPHABET, SECRET_LENGTH, draw_secret
from oncall.engine.hearing import REOPEN_WITHIN
from oncall.intake import Refused
from oncall.intake.form import words_of
from oncall.store import Lane, incidents, log, outbox, surveys
from oncall.web.parts import Parts, parts_of
from oncall.web.problems import Problem
from oncall.web.public.answering import leads_to, page_of_form, root_of, shown
from oncall.web.public.rendering import page
from oncall.web.reading import reading
from oncall.web.taking import taken
from oncall.web.visitors import visitor

router = APIRouter()

REFERENCE = re.compile(rf"([{CASE_ALPHABET}]{{4}})-([{CASE_ALPHABET}]{{{SECRET_LENGTH}}})")
NOBODY = "0" * SECRET_LENGTH
"""What is compared where there is no case, so that a case that exists takes as long as one that does not."""
TOLD = 5
"""So much of what we wrote last, and of what the customer told us last, is shown."""
LOOKED_THROUGH = 30
"""Lines of the story that are looked through for it, for staff write notes of their own."""
LONGEST_WORDS = 2000
KINDS = tuple(fact.__name__ for fact in FACTS_OF_CUSTOMERS)
NO_WORDS = "Tell us what you know."


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What the store has of a case: when its first page was accepted, what we wrote, and what was told about it; the newest first."""

    incident: Incident
    alerted_at: datetime | None
    updated: tuple[LogEntry, ...]
    told: list[LogEntry]
    survey: Survey | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A case whose secret its reader has, with what is told of it beside its state. `own`: the case and the secret, as they stand in its address."""

    case: Case
    told: list[LogEntry]
    survey: Survey | None
    own: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Something that the customer told us, and what came of it."""

    at: datetime
    words: str
    came_of: str


async def found(request: Request) -> Found:
    """The case that the address names. A Problem (404) for a wrong secret as for no case at all, (429) for whoever tries many."""
    parts, who = parts_of(request), visitor(request)
    wait_s = parts.visitors.guesses.wait_s(who, take=False)
    if wait_s:
        raise Problem(HTTPStatus.TOO_MANY_REQUESTS, "too many wrong addresses", retry_after_s=math.ceil(wait_s))
    named = REFERENCE.fullmatch(str(request.path_params["reference"]).upper())
    one = await reading(parts.store.tx(lambda conn: look_up(conn, named[1]), lane=Lane.SECOND)) if named else None
    secret = draw_secret(one.incident.seed) if one else NOBODY
    if not (compare_digest(secret, named[2] if named else "") and one and named):
        parts.visitors.guesses.wait_s(who)
        raise Problem(HTTPStatus.NOT_FOUND, "there is no such case")
    case = Case(incident=one.incident, handbook=parts.handbook(), at=parts.now(), alerted_at=one.alerted_at, updated=one.updated)
    return Found(case=case, told=one.told, survey=one.survey, own=f"{named[1]}-{named[2]}")


def look_up(conn: Connection, reference: str) -> Kept | None:
    """What the store has of a case; it is read and nothing else."""
    incident = incidents.with_case(conn, reference)
    if incident is None or incident.forgotten_at is not None:
        return None
    alerted_at = outbox.first_page(conn, incident.id, incident.called_since or incident.opened_at, RINGING)
    updated = tuple(log.newest(conn, incident.id, (Updated.__name__,), TOLD))
    told = log.newest(conn, incident.id, KINDS, LOOKED_THROUGH)
    return Kept(incident=incident, alerted_at=alerted_at, updated=updated, told=told, survey=surveys.load(conn, incident.id))


async def status(request: Request) -> HTMLResponse:
    """How far the case is."""
    return shown(seen(request, await found(request)), cache="private, no-store")


def seen(request: Request, one: Found, *, wrong: str = "") -> str:
    """The page of a case, with what is wrong with what was added."""
    case, incident = one.case, one.case.incident
    told = [Told(at=entry.fact.at, words=said[0], came_of=said[1]) for entry in one.told if (said := came_of(case, entry.fact, entry.decision))]
    root = root_of(request.url.path)
    is_over = incident.status is Status.RESOLVED
    can = {
        "urgent": incident.status in {Status.WAITING, Status.DECLINED},
        "broken": is_over and case.at - (incident.resolved_at or case.at) < REOPEN_WITHIN,
        "add": incident.status in HANDLED or incident.status is Status.WAITING,
        "rate": is_over and one.survey is not None and case.at < one.survey.until,
    }
    ways = parts_of(request).ways
    return page(
        "case.html", ways=ways, root=root, own=f"{root}c/{one.own}", case=incident.case, company=case.handbook.company,
        summary=incident.summary, progress=progress(case), at=case.at, zone=case.handbook.timezone, has_phone=bool(incident.contact.phone),
        has_mail=ways.mail and bool(incident.contact.email), news=[entry.fact for entry in case.updated], told=told[:TOLD], can=can, over=is_over,
        token=secrets.token_hex(16), longest=LONGEST_WORDS, wrong=wrong,
        survey=f"{incident.case}-{draw_secret(incident.seed, SURVEY)}" if can["rate"] else "",
    )  # fmt: skip


async def act(request: Request) -> Response:
    """What a customer tells us about their case, taken once for each page that was shown; then the page says what came of it."""
    page_of_form(request)
    one, verb = await found(request), str(request.path_params["verb"])
    parts, incident = parts_of(request), one.case.incident
    given = given_words(await request.body())
    fact = fact_of(verb, one.case, parts.now(), given["words"])
    if fact is None:
        raise Problem(HTTPStatus.NOT_FOUND, "there is no such form")
    if verb == "add" and not given["words"]:
        return shown(seen(request, one, wrong=NO_WORDS), HTTPStatus.UNPROCESSABLE_ENTITY, cache="private, no-store")
    limited(parts, incident)
    await taken(request, fact, key=key_of(incident, verb, given))
    return leads_to(f"../{one.own}#told")


def fact_of(verb: str, case: Case, at: datetime, words: str) -> Noted | Reopened | MarkedUrgent | None:
    """What a form of the page says; None for one that there is not, or not any more."""
    incident = case.incident.id
    match verb:
        case "add":
            return Noted(at=at, incident=incident, by="customer", how="form", text=words)
        case "broken" if not is_too_old(case):
            return Reopened(at=at, incident=incident, by="customer", how="form")
        case "urgent":
            return MarkedUrgent(at=at, incident=incident)
        case _:
            return None


def is_too_old(case: Case) -> bool:
    """Whether a case was closed so long ago that it is no longer the same emergency."""
    closed = case.incident.resolved_at
    return case.incident.status is Status.RESOLVED and closed is not None and case.at - closed >= REOPEN_WITHIN


def given_words(raw: bytes) -> dict[str, str]:
    """The fields of a form of the page. A Problem if these bytes are none."""
    try:
        return words_of(raw, {"words": LONGEST_WORDS, "token": 64})
    except Refused as refused:
        raise Problem(HTTPStatus.BAD_REQUEST, refused.reason) from refused


def limited(parts: Parts, incident: Incident) -> None:
    """A Problem (429) when somebody writes to one case without end."""
    wait_s = parts.visitors.acts.wait_s(incident.id)
    if wait_s:
        raise Problem(HTTPStatus.TOO_MANY_REQUESTS, "too much for one case", retry_after_s=math.ceil(wait_s))


def key_of(incident: Incident, verb: str, given: dict[str, str]) -> str:
    """The key under which this is one act: the same page with the same words, clicked twice."""
    content = f"{given['token'] or secrets.token_hex(16)} {given['words']}"
    return f"case:{incident.id}:{verb}:{sha256(content.encode()).hexdigest()}"


router.add_route("/c/{reference}", status, methods=["GET"])
router.add_route("/c/{reference}/{verb}", act, methods=["POST"])
