"""The page of the sandbox: a handset for each person and the customer's, the live timeline, a form to report an emergency."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from oncall.sandbox.carrier import Carrier
from oncall.sandbox.desk import Desk
from oncall.sandbox.state import Handset, Numbers, State

HERE = Path(__file__).parent
LOOK_EVERY_S = 1.0
"""The timeline is the daemon's and says nothing by itself, so it is looked at this often while a page is open."""
STREAMS = 32
"""Open pages at one time; a browser that reconnects for ever cannot fill the memory."""
LONGEST_REPLY, LONGEST_SUMMARY, LONGEST_NAME = 1600, 500, 200
POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
HEADERS = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cache-Control": "no-store"}


class Pages:
    """Routes of the page."""

    def __init__(
        self, state: State, carrier: Carrier, numbers: Numbers, people: list[Handset], customer: Handset, desk: Desk, speed: float
    ) -> None:  # fmt: skip
        self._state = state
        self._carrier = carrier
        self._numbers = numbers
        self._customer = customer
        self._handsets = [*people, customer]
        self._desk = desk
        self._speed = speed
        self._streams = 0
        self._templates = jinja2.Environment(loader=jinja2.FileSystemLoader(HERE / "templates"), autoescape=True, undefined=jinja2.StrictUndefined)
        self._templates.filters |= {"clock": clock, "spoken": spoken}

    def routes(self) -> list[BaseRoute]:
        """The routes; only a POST from this very page changes something."""
        return [
            Route("/", self._page, methods=["GET"]),
            Route("/fragment", self._fragment, methods=["GET"]),
            Route("/events", self._events, methods=["GET"]),
            Route("/reply/{handset}", self._reply, methods=["POST"]),
            Route("/report", self._report, methods=["POST"]),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ]

    async def _page(self, _request: Request) -> Response:
        return self._render("page.html", await self._shown())

    async def _fragment(self, _request: Request) -> Response:
        return self._render("live.html", await self._shown())

    def _render(self, name: str, values: dict[str, Any]) -> Response:
        return HTMLResponse(self._templates.get_template(name).render(values), headers=HEADERS)

    async def _shown(self) -> dict[str, Any]:
        """Everything the page shows."""
        incidents, problem = await self._desk.newest()
        return {
            "timezone": incidents[0]["timezone"] if incidents else "UTC",
            "handsets": [{"of": one, "texts": self._state.of(one.number), "customer": one is self._customer} for one in self._handsets],
            "ours": {self._numbers.staff: "On-call", self._numbers.customers: "Support"},
            "people": {one.id: one.name for one in self._handsets},
            "customer": self._customer,
            "said": self._state.said,
            "incidents": incidents,
            "problem": problem,
            "speed": self._speed,
        }

    async def _events(self, _request: Request) -> Response:
        if self._streams >= STREAMS:
            return PlainTextResponse(f"{STREAMS} pages are open already; close one", status_code=503, headers=HEADERS)
        return StreamingResponse(self._stream(), media_type="text/event-stream", headers={**HEADERS, "X-Accel-Buffering": "no"})

    async def _stream(self) -> AsyncIterator[str]:
        """Says "changed" whenever there is something new to see, until the sandbox stops."""
        self._streams += 1
        try:
            seen: object = None
            while not self._state.stopping.is_set():
                # Taken before looking: what changes meanwhile is not missed.
                changed = self._state.changed
                now = (self._state.version, await self._state.before_stop(self._desk.newest()))
                yield ": still here\n\n" if now == seen else "data: changed\n\n"
                seen = now
                await self._state.before_stop(changed.wait(), LOOK_EVERY_S)
        finally:
            self._streams -= 1

    async def _reply(self, request: Request) -> Response:
        """A handset texts: people text the staff's number, the customer theirs."""
        if not from_our_page(request):
            return PlainTextResponse("this form is not from this page", status_code=403, headers=HEADERS)
        handset = next((one for one in self._handsets if one.id == request.path_params["handset"]), None)
        if handset is None:
            return PlainTextResponse("there is no such handset", status_code=404, headers=HEADERS)
        body = await field(request, "body", LONGEST_REPLY)
        if body:
            to = self._numbers.customers if handset is self._customer else self._numbers.staff
            await self._carrier.texted(handset.number, to, body)
        return RedirectResponse(f"/#handset-{handset.id}", status_code=303, headers=HEADERS)

    async def _report(self, request: Request) -> Response:
        """The customer reports an emergency."""
        if not from_our_page(request):
            return PlainTextResponse("this form is not from this page", status_code=403, headers=HEADERS)
        summary, name = await field(request, "summary", LONGEST_SUMMARY), await field(request, "name", LONGEST_NAME)
        if summary:
            self._state.said = await self._desk.report(summary=summary, name=name or self._customer.name, phone=self._customer.number)
            self._state.touch()
        return RedirectResponse("/", status_code=303, headers=HEADERS)


async def field(request: Request, name: str, longest: int) -> str:
    """A field of a form, without blanks around it and at most `longest` characters; '' if it is absent."""
    return str((await request.form()).get(name, "")).strip()[:longest]


def from_our_page(request: Request) -> bool:
    """Whether a form comes from our own page and not from another that the browser has open."""
    origin = request.headers.get("origin")
    return origin in {None, f"http://{request.headers.get('host')}"} and request.headers.get("sec-fetch-site", "none") in {"same-origin", "none"}


def clock(at: datetime | str, timezone: str) -> str:
    """A time of day, of the daemon's JSON too."""
    found = datetime.fromisoformat(at) if isinstance(at, str) else at
    return f"{found.astimezone(ZoneInfo(timezone)):%H:%M:%S}"


def spoken(fact: str) -> str:
    """The daemon's name of a fact in words: `HandedOver` is "handed over"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", fact).lower()
