"""The page of the sandbox: a handset for each person and the customer's, the live timeline, a form to report an emergency."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from oncall.sandbox.carrier import Carrier, Numbers
from oncall.sandbox.state import Handset, State

HERE = Path(__file__).parent
LOOK_EVERY_S = 1.0
"""The timeline is the daemon's and says nothing by itself, so it is looked at this often while a page is open."""
DAEMON_WITHIN_S = 5.0
POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
HEADERS = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cache-Control": "no-store"}


class Pages:
    """Routes of the page. What it shows of incidents it asks the daemon for, like any program with a key."""

    def __init__(
        self, state: State, carrier: Carrier, numbers: Numbers, people: list[Handset], customer: Handset, api_key: str, speed: float
    ) -> None:
        self._state = state
        self._carrier = carrier
        self._numbers = numbers
        self._people = people
        self._customer = customer
        self._headers = {"Authorization": f"Bearer {api_key}"}
        self._speed = speed
        self._session: aiohttp.ClientSession | None = None
        self._templates = jinja2.Environment(loader=jinja2.FileSystemLoader(HERE / "templates"), autoescape=True, undefined=jinja2.StrictUndefined)
        self._templates.filters["clock"] = clock

    def routes(self) -> list[BaseRoute]:
        """The routes; what changes something is a POST from this very page."""
        return [
            Route("/", self._page, methods=["GET"]),
            Route("/fragment", self._fragment, methods=["GET"]),
            Route("/events", self._events, methods=["GET"]),
            Route("/reply/{handset}", self._reply, methods=["POST"]),
            Route("/report", self._report, methods=["POST"]),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ]

    def stop(self) -> None:
        """Ends open event streams."""
        self._state.stopping.set()
        self._state.touch()

    async def close(self) -> None:
        """Lets the connections go."""
        if self._session is not None:
            await self._session.close()

    async def _page(self, _request: Request) -> Response:
        return self._render("page.html", await self._shown())

    async def _fragment(self, _request: Request) -> Response:
        return self._render("live.html", await self._shown())

    def _render(self, name: str, values: dict[str, Any]) -> Response:
        return HTMLResponse(self._templates.get_template(name).render(values), headers=HEADERS)

    async def _shown(self) -> dict[str, Any]:
        """Everything the page shows."""
        handsets = [*self._people, self._customer]
        incidents, problem = await self._incidents()
        timezone = incidents[0]["timezone"] if incidents else "UTC"
        return {
            "timezone": timezone,
            "handsets": [{"of": one, "texts": self._state.of(one.number), "customer": one is self._customer} for one in handsets],
            "ours": {self._numbers.staff: "On-call", self._numbers.customers: "Support"},
            "incidents": incidents,
            "problem": problem,
            "speed": self._speed,
        }

    async def _incidents(self) -> tuple[list[dict[str, Any]], str]:
        """The newest incidents with their timelines, or why they cannot be shown."""
        listing = await self._ask("GET", "/v1/incidents?status=all")
        if not isinstance(listing, dict):
            return [], "The daemon does not answer."
        newest = [await self._ask("GET", f"/v1/incidents/{one['incident']}") for one in listing["incidents"][:3]]
        return [one for one in newest if isinstance(one, dict)], ""

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any] | None:
        """Asks the daemon; None if it does not answer or refuses."""
        if not self._carrier.daemon_url:
            return None
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=DAEMON_WITHIN_S))
        try:
            async with self._session.request(method, self._carrier.daemon_url + path, json=body, headers=self._headers) as answer:
                found: dict[str, Any] = await answer.json(content_type=None)
                return found if answer.status < 300 else None
        except (aiohttp.ClientError, TimeoutError, ConnectionError, ValueError):
            return None

    async def _events(self, _request: Request) -> Response:
        return StreamingResponse(self._stream(), media_type="text/event-stream", headers={**HEADERS, "X-Accel-Buffering": "no"})

    async def _stream(self) -> AsyncIterator[str]:
        """Says "changed" whenever there is something to look at, until the sandbox stops."""
        seen = None
        while not self._state.stopping.is_set():
            incidents, _ = await self._incidents()
            now = (self._state.version, [(one["incident"], len(one["timeline"]), len(one["outbox"])) for one in incidents])
            if now != seen:
                seen = now
                yield "data: changed\n\n"
            try:
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._state.changed.wait()
            except TimeoutError:
                yield ": still here\n\n"

    async def _reply(self, request: Request) -> Response:
        """A handset texts: people text the staff number, the customer theirs."""
        if not same_origin(request):
            return Response("this form is not from this page", status_code=403)
        handset = next((one for one in (*self._people, self._customer) if one.id == request.path_params["handset"]), None)
        body = str((await request.form()).get("body", "")).strip()
        if handset is not None and body:
            to = self._numbers.customers if handset is self._customer else self._numbers.staff
            await self._carrier.texted(handset.number, to, body[:1600])
        return RedirectResponse("/", status_code=303)

    async def _report(self, request: Request) -> Response:
        """The customer reports an emergency."""
        if not same_origin(request):
            return Response("this form is not from this page", status_code=403)
        summary = str((await request.form()).get("summary", "")).strip()
        if summary:
            contact = {"name": self._customer.name, "phone": self._customer.number}
            await self._ask("POST", "/v1/emergencies", {"summary": summary[:500], "contact": contact, "channel": "form"})
            self._state.touch()
        return RedirectResponse("/", status_code=303)


def same_origin(request: Request) -> bool:
    """Whether a form comes from our own page and not from another that the browser has open."""
    origin = request.headers.get("origin")
    return origin in {None, f"http://{request.headers.get('host')}"} and request.headers.get("sec-fetch-site", "same-origin") in {
        "same-origin",
        "none",
    }


def clock(at: datetime | str, timezone: str = "UTC") -> str:
    """A time of day; of the daemon's JSON too."""
    found = datetime.fromisoformat(at) if isinstance(at, str) else at
    return f"{found.astimezone(ZoneInfo(timezone)):%H:%M:%S}"
