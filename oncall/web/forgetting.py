"""POST /v1/forget: an admin has a customer, or a case, forgotten; the answer says what was taken out and what this cannot reach."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from oncall.engine.forgetting import ForgetRefused, Forgot, Known
from oncall.settings import Scope
from oncall.store import StoreUnavailable
from oncall.web.callers import acting_person, allowed
from oncall.web.parts import parts_of
from oncall.web.problems import RETRY_AFTER_S, Problem
from oncall.web.taking import body_of
from oncall.web.views import Json, time_text

router = APIRouter()


class Wish(BaseModel):
    """The body: whom to forget (a number, an address, a customer or a case), who wants it, and whether only to look."""

    model_config = ConfigDict(extra="forbid", strict=True)

    forget: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    by: str = ""
    dry_run: Annotated[bool, Field(strict=True)] = False


@router.post("/v1/forget")
async def forget(request: Request) -> JSONResponse:
    """Forgets. 409 with the reasons while a case of theirs is not over; 422 if it is not clear whom is meant. It may take a while."""
    caller = allowed(request, Scope.ADMIN)
    wish = await body_of(request, Wish)
    parts = parts_of(request)
    by = acting_person(caller, wish.by, parts.handbook())
    try:
        found = await parts.forgetting.forget(wish.forget, by, caller.door, dry_run=wish.dry_run)
    except ForgetRefused as refused:
        status = HTTPStatus.UNPROCESSABLE_ENTITY if refused.is_unclear else HTTPStatus.CONFLICT
        raise Problem(status, f"nothing was forgotten: {refused}") from refused
    except StoreUnavailable as error:
        detail = f"the store cannot be used: {error}. Some may be forgotten and some not; ask again, and the rest follows"
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, retry_after_s=RETRY_AFTER_S) from error
    return JSONResponse({"dry_run": wish.dry_run, **as_json(found)})


def as_json(found: Forgot) -> Json:
    """What was taken out; never the words themselves."""
    beside = found.beside
    return {
        "cases": [case_line(one) for one in found.cases],
        "beside": {"messages": len(beside.messages), "bodies": len(beside.bodies), "handbooks": len(beside.versions)},
        "still_in": list(found.still_in),
        "clean": found.is_clean,
    }


def case_line(one: Known) -> Json:
    """A case, and how many rows of it say something."""
    left = one.left
    return {
        "incident": one.incident.id,
        "case": one.incident.case,
        "opened_at": time_text(one.incident.opened_at),
        "lines": left.lines,
        "messages": left.messages,
        "bodies": left.bodies,
    }
