"""Hands facts of the doors to the engine; what the store or the engine cannot do becomes an answer with a remedy."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from oncall.core.messages import HumanAct, MarkedUrgent, Reported
from oncall.engine import Outcome, UnknownIncident
from oncall.store import StoreUnavailable
from oncall.web.parts import parts_of
from oncall.web.problems import RETRY_AFTER_S, Problem

ANSWER_WITHIN_S = 8.0
"""A client is told within this time; providers and monitoring tools hang up after ten to fifteen seconds."""
LONGEST_KEY = 255
Body = TypeVar("Body", bound=BaseModel)


async def taken(request: Request, fact: Reported | HumanAct | MarkedUrgent, *, key: str = "", same_as: str = "") -> Outcome:
    """What came of `fact`, after its commit; a Problem if it is not known to be stored."""
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            return await parts_of(request).engine.take(fact, key=key, same_as=same_as)
    except UnknownIncident as error:
        raise Problem(HTTPStatus.NOT_FOUND, str(error)) from error
    except StoreUnavailable as error:
        raise not_stored(str(error)) from error
    except TimeoutError as error:
        raise not_stored(f"the store did not answer within {ANSWER_WITHIN_S:g} s") from error


def not_stored(reason: str) -> Problem:
    """The answer when nothing can be written: it may work later, so it is never a 4xx."""
    detail = f"this could not be stored: {reason}. Nobody is paged for it. Send it again, with the same Idempotency-Key if you have one"
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, retry_after_s=RETRY_AFTER_S)


def given_key(request: Request) -> str:
    """The request's Idempotency-Key, '' without one; a Problem if it is no use as a key."""
    key = request.headers.get("idempotency-key", "").strip()
    if len(key) > LONGEST_KEY:
        raise Problem(HTTPStatus.BAD_REQUEST, f"the Idempotency-Key is longer than {LONGEST_KEY} characters")
    return key


def json_type(request: Request) -> None:
    """A Problem (415) unless the body is said to be JSON."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "send JSON and say so: Content-Type: application/json")


async def body_of(request: Request, kind: type[Body]) -> Body:
    """The JSON body as `kind`; none at all is one without any field. A Problem names each field that cannot be used."""
    raw = await request.body()
    if raw:
        json_type(request)
    try:
        return kind.model_validate_json(raw or b"{}")
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        if any(one["type"] == "json_invalid" or not one["loc"] for one in problems):
            raise Problem(HTTPStatus.BAD_REQUEST, "the body is not a JSON object in UTF-8") from error
        fields = {".".join(str(part) for part in one["loc"]): one["msg"] for one in problems}
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "the body has fields that cannot be used", fields=fields) from error
