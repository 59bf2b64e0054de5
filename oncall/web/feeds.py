"""Calendar feeds: /calendar/<rotation or person>.ics by a secret address, which a POST gives out; a GET changes nothing."""

from __future__ import annotations

import asyncio
import secrets
from datetime import datetime, timedelta
from functools import lru_cache
from hmac import compare_digest
from http import HTTPStatus
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection

from oncall.core.model import Handbook
from oncall.core.schedule import duties
from oncall.settings import Scope
from oncall.store import Lane, StoreUnavailable, feeds
from oncall.web.callers import allowed
from oncall.web.ical import OnCall, calendar, times_of
from oncall.web.parts import parts_of
from oncall.web.problems import RETRY_AFTER_S, Problem
from oncall.web.reading import reading
from oncall.web.taking import body_of

router = APIRouter()

BACK, AHEAD = timedelta(days=14), timedelta(days=183)
"""What a feed shows around now."""
TOKEN_BYTES = 24
NOBODY = "0" * 32
"""What is compared where there is no secret, so that a name that exists takes as long as one that does not."""


class Asked(BaseModel):
    """The body: whether the address that was given out before is to be worth nothing."""

    model_config = ConfigDict(extra="forbid")

    renew: bool = False


@router.post("/v1/calendars/{name}")
async def address(request: Request, name: str) -> JSONResponse:
    """The secret address of a feed; made at the first time, or anew."""
    allowed(request, Scope.ACT)
    asked = await body_of(request, Asked)
    parts = parts_of(request)
    handbook = parts.handbook()
    if name not in handbook.rotations and name not in handbook.people:
        raise Problem(HTTPStatus.NOT_FOUND, f"there is no rotation and no person '{name}'")
    fresh = secrets.token_urlsafe(TOKEN_BYTES)

    def unit(conn: Connection) -> str:
        known = "" if asked.renew else feeds.token(conn, name)
        if not known:
            feeds.keep(conn, name, fresh)
        return known or fresh

    try:
        token = await parts.store.tx(unit, lane=Lane.SECOND)
    except StoreUnavailable as error:
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "the address could not be stored", retry_after_s=RETRY_AFTER_S) from error
    return JSONResponse({"name": name, "url": f"{parts.base_url}/calendar/{quote(name, safe='')}.ics?token={token}"})


@router.get("/calendar/{name}.ics")
async def feed(request: Request, name: str, token: str = "") -> Response:
    """The calendar of a rotation or a person; 404 for whoever does not know its secret, as for one that does not exist."""
    parts = parts_of(request)
    known = await reading(parts.store.tx(lambda conn: feeds.token(conn, name), lane=Lane.SECOND))
    handbook, now = parts.handbook(), parts.now()
    is_known = compare_digest((known or NOBODY).encode(), token.encode()) and bool(known)
    if not is_known or (name not in handbook.rotations and name not in handbook.people):
        raise Problem(HTTPStatus.NOT_FOUND, "there is nothing here")
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    content = await asyncio.to_thread(text_of, handbook, name, today)
    headers = {"Cache-Control": "private, max-age=900", "Content-Disposition": 'inline; filename="on-call.ics"'}
    return Response(content, media_type="text/calendar; charset=utf-8", headers=headers)


@lru_cache(maxsize=64)
def text_of(handbook: Handbook, name: str, today: datetime) -> str:
    """A feed: everything of a rotation, or what a person has in any. Calendars that subscribe drop by themselves what is gone."""
    rotations = [name] if name in handbook.rotations else list(handbook.rotations)
    times: list[OnCall] = []
    for rotation in rotations:
        found = times_of(rotation, duties(handbook, rotation, today - BACK, today + AHEAD))
        times += [one for one in found if name in {rotation, one.who}]
    times.sort(key=lambda one: (one.start, one.rotation, one.who))
    title = handbook.people[name].name if name in handbook.people else name
    return calendar(handbook, f"On call: {title}", times, (), today)
