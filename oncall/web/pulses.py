"""/v1/pulse: asks the team five questions, each person once a quarter, and shows the answers when there are enough."""

from __future__ import annotations

import asyncio
import re
import secrets
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection

from oncall.core.messages import Order
from oncall.core.notices import by_day
from oncall.core.pulse import ENOUGH, QUESTIONS, pulse, quarter_of
from oncall.engine.alarms import URGENCY, by_text, trouble
from oncall.settings import Scope
from oncall.store import Lane, StoreUnavailable, pulses
from oncall.web.callers import acting_person, allowed
from oncall.web.parts import parts_of
from oncall.web.problems import Problem
from oncall.web.reading import reading
from oncall.web.taking import ANSWER_WITHIN_S, body_of, not_stored

router = APIRouter()

QUARTER = re.compile(r"20\d\d-Q[1-4]")


class Asked(BaseModel):
    """The body: who asks."""

    model_config = ConfigDict(extra="forbid")

    by: str = ""


@router.post("/v1/pulse")
async def ask(request: Request) -> JSONResponse:
    """Asks everybody of the handbook who was not asked in this quarter, by text or in Slack, each with an address of their own."""
    caller = allowed(request, Scope.ACT)
    said = await body_of(request, Asked)
    parts = parts_of(request)
    handbook, now = parts.handbook(), parts.now()
    acting_person(caller, said.by, handbook)
    if not parts.ways.url:
        raise Problem(HTTPStatus.CONFLICT, "the pulse is answered on a page, and there is no address of it; an admin sets public_url")
    if len(handbook.people) < ENOUGH:
        raise Problem(HTTPStatus.CONFLICT, f"the pulse is shown from {ENOUGH} answers on, and the handbook has {len(handbook.people)} people")
    ways, quarter, asked = frozenset(way for way, is_on in parts.channels.items() if is_on), quarter_of(now, handbook.timezone), list[str]()

    def unit(conn: Connection) -> tuple[Order, ...]:
        asked.clear()
        orders: list[Order] = []
        for who in handbook.people:
            to = by_text(handbook, ways, who)[:1]
            if to and not pulses.is_asked(conn, quarter, who):
                token = secrets.token_hex(16)
                pulses.ask(conn, quarter, who, token, now)
                values = {"list": quarter, "page": f"{parts.ways.url}/pulse/{token}"}
                orders += trouble(handbook, "pulse", f"pulse.{quarter}", values, to, by_day(handbook, who, now, earlier=False), urgency=URGENCY)
                asked.append(who)
        return tuple(orders)

    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            await parts.engine.order(unit)
    except (StoreUnavailable, TimeoutError) as error:
        raise not_stored(str(error) or f"no answer within {ANSWER_WITHIN_S:g} s") from error
    return JSONResponse({"quarter": quarter, "asked": asked})


@router.get("/v1/pulse/{quarter}")
async def shown(request: Request, quarter: str) -> JSONResponse:
    """The answers of a quarter (2026-Q4), or of `now`; only how many were asked while fewer than ENOUGH answered."""
    allowed(request, Scope.READ)
    parts = parts_of(request)
    name = quarter_of(parts.now(), parts.handbook().timezone) if quarter == "now" else quarter
    if not QUARTER.fullmatch(name):
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"'{name}' is no quarter; write 2026-Q4, or now", fields={"quarter": "is unknown"})
    found = pulse(name, *await reading(parts.store.tx(lambda conn: pulses.answers(conn, name), lane=Lane.SECOND)))
    questions = [{"question": words, "counts": list(counts)} for words, counts in zip(QUESTIONS, found.counts, strict=False)]
    return JSONResponse({"quarter": name, "asked": found.asked, "answers": found.answers, "shown_from": ENOUGH, "questions": questions})
