"""The page of the sandbox: a handset for each person and the customer's, mailboxes, the live timeline, a form to report an emergency."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from oncall.sandbox.desk import Desk
from oncall.sandbox.faults import FAULTS, fault_of
from oncall.sandbox.forms import HEADERS, back, field, form_route, said
from oncall.sandbox.line import Behaviour
from oncall.sandbox.mailbox import Mailbox
from oncall.sandbox.slack_page import SlackPage
from oncall.sandbox.state import FAULTY, Handset, Numbers, State
from oncall.sandbox.telephones import Telephones

HERE = Path(__file__).parent
LOOK_EVERY_S = 1.0
"""The timeline is the daemon's and says nothing by itself, so it is looked at this often while a page is open."""
STREAMS = 32
"""Open pages at one time; a browser that reconnects for ever cannot fill the memory."""
LONGEST_SUMMARY, LONGEST_NAME = 500, 200
KEYPAD = {**{digit: digit for digit in "123456789"}, "*": "star", "0": "0", "#": "hash"}
"""The keys of a telephone in their order, with the names by which they are found."""
REACHES = {"a telephone number": (True, False), "an e-mail address": (False, True), "both": (True, True)}
"""What a customer leaves to be reached by, in the words of the page: their number, their address."""
KINDS = dict(zip(FAULTY, ("Texts", "Calls", "Slack", "Mail"), strict=True))


class Pages:
    """Routes of the page."""

    def __init__(
        self, state: State, numbers: Numbers, handsets: list[Handset], customer: Handset, desk: Desk, telephones: Telephones, mailbox: Mailbox,
        slack: SlackPage | None,
    ) -> None:  # fmt: skip
        self._state = state
        self._numbers = numbers
        self._handsets = handsets
        self._customer = customer
        self._desk = desk
        self._telephones = telephones
        self._mailbox = mailbox
        self._slack = slack
        self._streams = 0
        self._templates = jinja2.Environment(loader=jinja2.FileSystemLoader(HERE / "templates"), autoescape=True, undefined=jinja2.StrictUndefined)
        self._templates.filters |= {"clock": clock, "spoken": spoken, "calling": calling, "domid": domid}

    def routes(self) -> list[BaseRoute]:
        """The routes."""
        return [
            Route("/", self._page, methods=["GET"]),
            Route("/fragment", self._fragment, methods=["GET"]),
            Route("/events", self._events, methods=["GET"]),
            form_route("/report", self._report),
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
            "handsets": [self._handset(one) for one in self._handsets],
            "keypad": KEYPAD,
            "behaviours": list(Behaviour),
            "faults": [{"kind": kind, "name": name, "now": fault_of(self._state.misbehaviour[kind])} for kind, name in self._kinds()],
            "fault_names": list(FAULTS),
            "slack": self._slack.shown() if self._slack else None,
            "ours": {self._numbers.staff: "On-call", self._numbers.customers: "Support"},
            "people": {one.id: one.name for one in self._handsets},
            "mails": self._mailbox.shown(),
            "customer": self._customer,
            "reaches": list(REACHES),
            "said": self._state.said,
            "incidents": incidents,
            "problem": problem,
            "speed": self._state.speed,
        }

    def _handset(self, one: Handset) -> dict[str, Any]:
        """A handset: its texts, its call, what it does when it is called."""
        return {
            "of": one,
            "texts": [text for text in self._state.of(one.number) if not text.under_way],
            "call": self._telephones.current(one.number),
            "behaviour": self._state.behaviours.get(one.number, Behaviour.RINGS),
            "customer": one is self._customer,
        }

    def _kinds(self) -> list[tuple[str, str]]:
        """What can go wrong here."""
        return [(kind, name) for kind, name in KINDS.items() if kind != "slack" or self._slack]

    async def _events(self, _request: Request) -> Response:
        if self._streams >= STREAMS:
            return said(503, f"{STREAMS} pages are open already; close one")
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

    async def _report(self, request: Request) -> Response:
        """The customer reports an emergency."""
        summary, name = await field(request, "summary", LONGEST_SUMMARY), await field(request, "name", LONGEST_NAME)
        if summary:
            phone, email = REACHES.get(await field(request, "reach", LONGEST_NAME), (True, False))
            self._state.said = await self._desk.report(
                summary=summary,
                name=name or self._customer.name,
                phone=self._customer.number if phone else "",
                email=self._customer.email if email else "",
            )
            self._state.touch()
        return back()


def clock(at: datetime | str | float, timezone: str) -> str:
    """A time of day, of the daemon's JSON and of Slack's timestamps too."""
    if isinstance(at, float):
        at = datetime.fromtimestamp(at, UTC)
    found = datetime.fromisoformat(at) if isinstance(at, str) else at
    return f"{found.astimezone(ZoneInfo(timezone)):%H:%M:%S}"


def spoken(fact: str) -> str:
    """The daemon's name of a fact in words: `HandedOver` is "handed over"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", fact).lower()


def calling(status: str) -> str:
    """What a call does, in words."""
    words = {
        "ringing": "rings since",
        "in-progress": "is on the line since",
        "completed": "was on the line at",
        "busy": "was declined, or found the line busy, at",
        "no-answer": "was not answered at",
        "failed": "could not get through at",
        "canceled": "hung up before it was answered, at",
    }
    return words.get(status, status)


def domid(click: str) -> str:
    """A button's value as the id of an element."""
    return re.sub(r"[^A-Za-z0-9]+", "-", f"click-{click}")
