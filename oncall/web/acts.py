"""POST /v1/incidents/{id}/...: a responder takes it, passes it on, closes it; the answer says what really happened."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from oncall.core.messages import ACTS
from oncall.core.model import Handbook
from oncall.settings import Scope
from oncall.web.callers import acting_person, allowed
from oncall.web.parts import parts_of
from oncall.web.problems import Problem
from oncall.web.taking import body_of, given_key, taken
from oncall.web.views import time_text

router = APIRouter()

LONGEST_SNOOZE_MIN = 24 * 60
"""A snooze always ends (decisions.md 25); whoever needs longer than a day closes the incident."""


class Act(BaseModel):
    """The body of an act. `by`: a person of the handbook.

    `minutes` is for a snooze, `text` for a note, a word to the customer, or a close, `severity` to reclassify. `decision`: the note says what
    was decided by the team's own authority.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    by: str = ""
    minutes: Annotated[int, Field(ge=1, le=LONGEST_SNOOZE_MIN)] = 30
    text: Annotated[str, StringConstraints(max_length=4000, strip_whitespace=True)] = ""
    severity: Annotated[str, StringConstraints(max_length=60, strip_whitespace=True)] = ""
    decision: bool = False


@router.post("/v1/incidents/{reference}/{verb}")
async def act(request: Request, reference: str, verb: str) -> JSONResponse:
    """Does what `verb` says to the incident that `reference` (its number or its case) names."""
    caller = allowed(request, Scope.ACT)
    kind = ACTS.get(verb)
    if kind is None:
        raise Problem(HTTPStatus.NOT_FOUND, f"'{verb}' is nothing that can be done to an incident; known: {', '.join(ACTS)}")
    said = await body_of(request, Act)
    parts = parts_of(request)
    by = acting_person(caller, said.by, parts.handbook())
    key = given_key(request)
    fact = kind(at=parts.now(), incident=reference, by=by, how=caller.door, **words(verb, said, parts.handbook()))
    outcome = await taken(request, fact, key=f"{caller.door}:{caller.name}:{verb}:{key}" if key else "")
    return JSONResponse(
        {
            "incident": outcome.incident,
            "case": outcome.case,
            "result": outcome.result,
            "status": outcome.status,
            "severity": outcome.severity,
            "held_by": outcome.held_by,
            "because": outcome.because,
            "contact_by": time_text(outcome.contact_by),
        }
    )


def words(verb: str, said: Act, handbook: Handbook) -> dict[str, int | str | bool]:
    """What the fact of `verb` carries beside who did it."""
    if verb == "reclassify":
        if said.severity not in handbook.severities:
            known = f"is none of the policy; known: {', '.join(handbook.severities)}" if said.severity else "is missing"
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"the severity {known}", fields={"severity": known})
        return {"severity": said.severity}
    if verb == "snooze":
        return {"minutes": said.minutes}
    if verb in {"note", "update"}:
        if not said.text:
            raise Problem(
                HTTPStatus.UNPROCESSABLE_ENTITY, f"{'a note' if verb == 'note' else 'an update'} needs words", fields={"text": "is missing"}
            )
        return {"text": said.text, "decision": said.decision} if verb == "note" else {"text": said.text}
    return {"note": said.text} if verb == "resolve" else {}
