"""GET /pulse/<token>: five questions to one of the team; a POST stores the answers without whose they are, and the address is worth nothing then."""

from __future__ import annotations

import asyncio
import math
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import Connection

from oncall.core.messages import Order
from oncall.core.pulse import ENOUGH, HIGHEST, LOWEST, QUESTIONS
from oncall.intake import Refused
from oncall.intake.form import words_of
from oncall.store import Lane, StoreUnavailable, pulses
from oncall.web.parts import parts_of
from oncall.web.problems import Problem
from oncall.web.public.answering import leads_to, page_of_form, root_of, shown
from oncall.web.public.rendering import page
from oncall.web.reading import reading
from oncall.web.taking import ANSWER_WITHIN_S, not_stored
from oncall.web.visitors import visitor

router = APIRouter()

VALUES = tuple(range(LOWEST, HIGHEST + 1))
FIELDS = {f"q{number}": 2 for number in range(len(QUESTIONS))}
NOT_ALL = "Answer all five questions."


async def token_of(request: Request) -> str:
    """The token that the address names. A Problem (404) if it is worth nothing, or no more, (429) for whoever tries many."""
    parts, who, token = parts_of(request), visitor(request), str(request.path_params["token"])
    wait_s = parts.visitors.guesses.wait_s(who, take=False)
    if wait_s:
        raise Problem(HTTPStatus.TOO_MANY_REQUESTS, "too many wrong addresses", retry_after_s=math.ceil(wait_s))
    if not await reading(parts.store.tx(lambda conn: pulses.quarter_of(conn, token), lane=Lane.SECOND)):
        parts.visitors.guesses.wait_s(who)
        raise Problem(HTTPStatus.NOT_FOUND, "these questions were answered, or there are none here")
    return token


async def questions(request: Request) -> HTMLResponse:
    """The five questions."""
    return shown(asking(request, await token_of(request), {}), cache="private, no-store")


def asking(request: Request, token: str, given: dict[str, str], *, wrong: str = "") -> str:
    """The page, with what was answered already."""
    return page(
        "pulse.html", ways=parts_of(request).ways, root=root_of(request.url.path), own=token, questions=QUESTIONS, values=VALUES, given=given,
        wrong=wrong, enough=ENOUGH,
    )  # fmt: skip


async def answer(request: Request) -> Response:
    """Stores the answers, once for each token."""
    page_of_form(request)
    parts, token = parts_of(request), await token_of(request)
    try:
        given = words_of(await request.body(), FIELDS)
    except Refused as refused:
        raise Problem(HTTPStatus.BAD_REQUEST, refused.reason) from refused
    if not all(one in {str(value) for value in VALUES} for one in given.values()):
        return shown(asking(request, token, given, wrong=NOT_ALL), HTTPStatus.UNPROCESSABLE_ENTITY, cache="private, no-store")

    def unit(conn: Connection) -> tuple[Order, ...]:
        pulses.answer(conn, token, tuple(int(given[name]) for name in FIELDS))
        return ()

    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            await parts.engine.order(unit)
    except (StoreUnavailable, TimeoutError) as error:
        raise not_stored(str(error) or f"no answer within {ANSWER_WITHIN_S:g} s") from error
    return leads_to("thanks")


async def thanks(request: Request) -> HTMLResponse:
    """What is said afterwards; the same to everybody."""
    return shown(page("thanks.html", ways=parts_of(request).ways, root="../", enough=ENOUGH))


router.add_route("/pulse/thanks", thanks, methods=["GET"])
router.add_route("/pulse/{token}", questions, methods=["GET"])
router.add_route("/pulse/{token}", answer, methods=["POST"])
