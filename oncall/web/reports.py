"""POST /v1/emergencies: an emergency comes in; 202 is sent only after the commit."""

from __future__ import annotations

import secrets
from hashlib import sha256
from http import HTTPStatus

from fastapi import Request
from fastapi.responses import JSONResponse

from oncall.engine import Outcome
from oncall.intake import INTAKES, Received, Refused
from oncall.intake.report import Why
from oncall.settings import Scope
from oncall.web.callers import allowed
from oncall.web.parts import parts_of
from oncall.web.problems import Problem
from oncall.web.taking import given_key, json_type, taken
from oncall.web.views import time_text

STATUS_OF = {
    Why.NOT_READABLE: HTTPStatus.BAD_REQUEST,
    Why.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Why.WRONG_FIELDS: HTTPStatus.UNPROCESSABLE_ENTITY,
}
PATH = "/v1/emergencies"
ANSWERED = frozenset({"paging", "folded", "waiting", "declined"})
"""The words of the outer contract. What could not be decided is `paging` too, for the last resort is paged about it."""


async def report(request: Request) -> JSONResponse:
    """Takes a report; the same Idempotency-Key, or without one the same body within ten minutes, is the same report."""
    caller = allowed(request, Scope.REPORT)
    json_type(request)
    key = given_key(request)
    raw = await request.body()
    seed = secrets.token_hex(16)
    try:
        received = INTAKES["api"](raw, at=parts_of(request).now(), seed=seed, source=caller.name)
    except Refused as refused:
        raise Problem(STATUS_OF[refused.why], refused.reason, fields=refused.fields) from refused
    same_as = "" if key else sha256(caller.name.encode() + b"\0" + raw).hexdigest()
    outcome = await taken(request, received.fact, key=f"{caller.door}:{caller.name}:{key or seed}", same_as=same_as)
    page = parts_of(request).ways.case_page(outcome.case, outcome.secret)
    return JSONResponse({**answer(received, outcome), **({"status_url": page} if page else {})}, status_code=HTTPStatus.ACCEPTED)


def answer(received: Received, outcome: Outcome) -> dict[str, object]:
    """What the reporter is told: the contract's fields, and in `because` what we could not use as it was given."""
    return {
        "incident": outcome.incident,
        "case": outcome.case,
        "status": outcome.result if outcome.result in ANSWERED else "paging",
        "severity": outcome.severity,
        "because": "; ".join((outcome.because, *received.remarks)),
        "contact_by": time_text(outcome.contact_by),
    }
