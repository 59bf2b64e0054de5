"""/v1/changes: who is on call is changed tonight; refused with the reason, or in force at once and told to both sides."""

from __future__ import annotations

from datetime import UTC
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import Connection

from oncall.core.asks import Stage, naive
from oncall.core.differences import Difference
from oncall.core.model import Handbook
from oncall.core.overrides import Override, cut
from oncall.core.place import Place
from oncall.core.rota import Change, ChangeKind
from oncall.engine.changing import ChangeRefused
from oncall.settings import Scope
from oncall.store import Lane, StoreUnavailable, asks, overrides, requests
from oncall.web.callers import acting_person, allowed
from oncall.web.parts import parts_of
from oncall.web.problems import RETRY_AFTER_S, Problem
from oncall.web.reading import reading
from oncall.web.taking import body_of
from oncall.web.views import Json, confirmed_line, request_line, time_text

router = APIRouter()

NOWHERE = Place(file="a change", line=1, column=1)
Name = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Names = Annotated[list[Name], Field(max_length=20)]


class Wish(BaseModel):
    """A change in the words of the files: one of put, cover with by, swap and add; its times with their zone."""

    model_config = ConfigDict(extra="forbid")

    rotation: Name
    start: AwareDatetime = Field(alias="from")
    end: AwareDatetime = Field(alias="to")
    put: Names | None = None
    cover: Name | None = None
    by: Name | None = None
    swap: Names | None = None
    add: Names | None = None
    why: Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)] = ""


class Asked(BaseModel):
    """The body: the change, who takes it, and whether objections are known and overruled."""

    model_config = ConfigDict(extra="forbid")

    change: Wish
    by: str = ""
    anyway: bool = False


class Ended(BaseModel):
    """The body of an end: who ends it."""

    model_config = ConfigDict(extra="forbid")

    by: str = ""


@router.post("/v1/changes")
async def take(request: Request) -> JSONResponse:
    """Takes a change. 409 with the reasons if it makes no difference, or breaks absences, skills or rest."""
    caller = allowed(request, Scope.ACT)
    asked = await body_of(request, Asked)
    parts = parts_of(request)
    by, change = acting_person(caller, asked.by, parts.handbook()), change_of(asked.change, parts.handbook())
    try:
        number, found = await parts.changing.take(change, by, insist=asked.anyway)
    except ChangeRefused as error:
        raise refused(error) from error
    except StoreUnavailable as error:
        raise unavailable() from error
    return JSONResponse({"change": number, "differences": [difference(one) for one in found]})


@router.post("/v1/changes/{number}/end")
async def end(request: Request, number: int) -> JSONResponse:
    """Ends a change before its time; what it did until now stays as it was."""
    caller = allowed(request, Scope.ACT)
    asked = await body_of(request, Ended)
    parts = parts_of(request)
    try:
        found = await parts.changing.end(number, acting_person(caller, asked.by, parts.handbook()))
    except ChangeRefused as error:
        raise refused(error) from error
    except StoreUnavailable as error:
        raise unavailable() from error
    return JSONResponse({"change": number, "differences": [difference(one) for one in found]})


@router.get("/v1/changes")
async def listing(request: Request) -> JSONResponse:
    """The changes that were taken and are not over, what is being asked, and the duties that their people have confirmed."""
    allowed(request, Scope.READ)
    parts, now = parts_of(request), parts_of(request).now()

    def read(conn: Connection) -> Json:
        return {
            "changes": [line(one) for one in overrides.since(conn, now) if one.ended_at is None],
            "requests": [request_line(one, asks.of_request(conn, one.id)) for one in requests.at_stage(conn, Stage.OPEN)],
            "confirmed": [confirmed_line(one) for one in asks.confirmed(conn, now)],
        }

    found = await reading(parts.store.tx(read, lane=Lane.SECOND))
    return JSONResponse({"timezone": parts.handbook().timezone, "now": time_text(now), **found})


def line(one: Override) -> Json:
    """A change that was taken."""
    change = cut(one)
    return {
        "change": one.id,
        "rotation": change.rotation,
        "kind": change.kind.value,
        "people": list(change.people),
        "from": time_text(change.start.replace(tzinfo=UTC)),
        "to": time_text(change.end.replace(tzinfo=UTC)),
        "why": change.why,
        "by": one.by,
        "made_at": time_text(one.made_at),
    }


def difference(one: Difference) -> Json:
    """Who is on call instead of whom."""
    return {"from": time_text(one.start), "to": time_text(one.end), "before": list(one.before), "after": list(one.after)}


def change_of(wish: Wish, handbook: Handbook) -> Change:
    """The change that is wished for; a Problem names each field that cannot be used."""
    kinds = [kind for kind in ChangeKind if getattr(wish, kind.value) is not None]
    fields = {} if len(kinds) == 1 else {"change": "has exactly one of put, cover, swap and add"}
    people = [*(wish.put or ()), *(wish.swap or ()), *(wish.add or ()), *((wish.cover,) if wish.cover else ()), *((wish.by,) if wish.by else ())]
    if wish.rotation not in handbook.rotations:
        fields["change.rotation"] = f"no rotation '{wish.rotation}'; known: {', '.join(handbook.rotations)}"
    unknown = [who for who in people if who not in handbook.people]
    if unknown:
        fields["change"] = f"no person '{unknown[0]}' is in the handbook"
    if (wish.cover is None) is not (wish.by is None):
        fields["change.by"] = "goes with 'cover': who covers"
    if kinds and kinds[0] in {ChangeKind.COVER, ChangeKind.SWAP} and len(set(people)) != 2:
        fields["change"] = f"a {kinds[0].value} is between two different people"
    if wish.start >= wish.end:
        fields["change.to"] = "must be after 'from'"
    if fields:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "the change cannot be used", fields=fields)
    return Change(
        rotation=wish.rotation,
        kind=kinds[0],
        people=tuple(people),
        start=naive(wish.start),
        end=naive(wish.end),
        timezone="UTC",
        why=wish.why,
        place=NOWHERE,
    )


def refused(error: ChangeRefused) -> Problem:
    """The reasons, and what helps."""
    also = "; to take it all the same say 'anyway'" if error.may_insist else ""
    return Problem(HTTPStatus.CONFLICT, f"not taken: {error}{also}")


def unavailable() -> Problem:
    """The store cannot be written now, so nothing was changed."""
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, "the change could not be stored; nothing was changed", retry_after_s=RETRY_AFTER_S)
