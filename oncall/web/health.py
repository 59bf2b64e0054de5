"""/healthz: the process answers. /readyz: it is able to page, with reasons if not. /metrics: what it counted."""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import Connection

from oncall.channels import TO_CUSTOMERS_ONLY
from oncall.store import Lane, StoreUnavailable, incidents, outbox
from oncall.web.parts import Parts, parts_of

router = APIRouter()

STALE_AFTER = timedelta(seconds=10)
"""The engine turns and the clock's mark is written at least once a second; ten times that is no hiccup any more."""


@router.get("/healthz")
async def alive() -> JSONResponse:
    """The process is there and answers; nothing more."""
    return JSONResponse({"ok": True})


@router.get("/readyz")
async def ready(request: Request) -> JSONResponse:
    """Whether an emergency that comes in now would be paged; 503 with every reason if not."""
    reasons = unready(parts_of(request))
    status = HTTPStatus.SERVICE_UNAVAILABLE if reasons else HTTPStatus.OK
    return JSONResponse({"ok": not reasons, "reasons": reasons}, status_code=status)


def unready(parts: Parts) -> list[str]:
    """Why we could not page now, as sentences; empty if we could."""
    reasons = []
    now = parts.now()
    # On the sandbox's fast clock ten of its seconds are a blink, so the limit grows with it.
    limit = STALE_AFTER * parts.speed
    for what, at in (("the engine turned", parts.engine.last_turn), ("the store was written", parts.last_write())):
        if at is None or now - at > limit:
            ago = "never" if at is None else f"{(now - at).total_seconds():.0f} s ago"
            reasons.append(f"the last time that {what} was {ago}")
    if not any(on for way, on in parts.channels.items() if way not in TO_CUSTOMERS_ONLY):
        reasons.append("no channel that pages is on, so nobody can be paged")
    return reasons


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Prometheus' text form."""
    parts = parts_of(request)
    now = parts.now()

    def read(conn: Connection) -> tuple[dict[tuple[str, str], int], datetime | None]:
        return incidents.counts(conn), outbox.oldest_due(conn)

    try:
        found, oldest = await parts.store.tx(read, lane=Lane.SECOND)
    except StoreUnavailable:
        # The other numbers are what somebody needs who looks for the reason.
        found, oldest = {}, None
    late_s = max((now - oldest).total_seconds(), 0.0) if oldest else 0.0
    return Response(parts.metrics.page(found, parts.engine.last_turn, late_s), media_type=CONTENT_TYPE_LATEST)
