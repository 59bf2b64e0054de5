"""Routes of the control socket alone: reload the handbook, and one screen of how things stand."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from sqlalchemy import Connection

from oncall import __version__
from oncall.core.messages import FINAL, Incident, Status
from oncall.store import Lane, incidents
from oncall.web.callers import control_only
from oncall.web.health import unready
from oncall.web.parts import parts_of
from oncall.web.reading import LISTED, reading
from oncall.web.views import incident_line, time_text

router = APIRouter()


@router.post("/v1/reload")
async def reload(request: Request) -> JSONResponse:
    """Reads the handbook again; with problems the one in force stays."""
    control_only(request)
    done = await parts_of(request).reload()
    return JSONResponse({"ok": not done.problems, "handbook": done.version, "problems": list(done.problems)})


@router.get("/v1/status")
async def status(request: Request) -> JSONResponse:
    """Whether we can page, what is open, which handbook is in force."""
    control_only(request)
    parts = parts_of(request)

    def read(conn: Connection) -> list[Incident]:
        return list(incidents.listing(conn, tuple(one for one in Status if one not in FINAL), LISTED))

    found = await reading(parts.store.tx(read, lane=Lane.SECOND))
    reasons = unready(parts)
    return JSONResponse(
        {
            "ok": not reasons,
            "reasons": reasons,
            "version": __version__,
            "now": time_text(parts.now()),
            "last_turn": time_text(parts.engine.last_turn),
            "database": parts.database,
            "watched": parts.watched,
            "last_heartbeat": time_text(parts.metrics.last_beat),
            "channels": {way: "on" if on else "off" for way, on in parts.channels.items()},
            "timezone": parts.handbook().timezone,
            "handbook": parts.handbook().version,
            "handbook_problems": list(parts.problems()),
            "incidents": [incident_line(one) for one in found],
        }
    )
