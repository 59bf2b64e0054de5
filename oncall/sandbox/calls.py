"""Twilio's API for calls: makes, lists, shows and ends them, with Twilio's checks and its errors."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from oncall.sandbox.line import OVER, RINGS, Call, Callback
from oncall.sandbox.state import Numbers, State, new_sid
from oncall.sandbox.telephones import Telephones
from oncall.sandbox.twilio_api import after_accepting, international, page_size, refused, unauthorised

LONGEST_TWIML = 4000
LONGEST_RING_S = 600
EVENTS = {"initiated", "ringing", "answered", "completed"}


class Calls:
    """Routes for the API of calls."""

    def __init__(self, state: State, numbers: Numbers, telephones: Telephones, now: Callable[[], datetime]) -> None:
        self._state = state
        self._numbers = numbers
        self._telephones = telephones
        self._now = now

    def routes(self) -> list[Route]:
        """The routes of the API."""
        base = f"/2010-04-01/Accounts/{self._numbers.account_sid}/Calls"
        return [
            Route(f"{base}.json", self._create, methods=["POST"]),
            Route(f"{base}.json", self._list, methods=["GET"]),
            Route(base + "/{sid}.json", self._one, methods=["GET", "POST"]),
        ]

    async def _create(self, request: Request) -> Response:
        """POST Calls: refuses as Twilio does, else the call goes its way."""
        if refusal := unauthorised(request, self._numbers):
            return refusal
        wrong = self._state.misbehaviour["call"]
        form = await request.form()
        if wrong.refuse:
            return refused(*wrong.refuse)
        if code := self._invalid(form):
            return refused(400, code)
        call = self._made(form)
        answer = JSONResponse(shown(call, self._numbers.account_sid), status_code=201)
        self._telephones.place(call)
        return await after_accepting(request, self._state, wrong, answer)

    def _made(self, form: FormData) -> Call:
        """The call of a good form."""
        given = {name: str(value) for name, value in form.items()}
        events = frozenset(str(each) for each in form.getlist("StatusCallbackEvent")) or frozenset({"completed"})
        callback = Callback(url=given.get("StatusCallback", ""), method=given.get("StatusCallbackMethod", "POST"), events=events)
        return Call(
            sid=new_sid("CA"),
            at=self._now(),
            sender=given["From"],
            to=given["To"],
            url=given.get("Url", ""),
            # As Twilio does: with both, the URL is asked.
            twiml="" if given.get("Url") else given.get("Twiml", ""),
            method=given.get("Method", "POST"),
            timeout_s=min(int(given.get("Timeout", "60")), LONGEST_RING_S),
            callback=callback,
        )

    def _invalid(self, form: FormData) -> int:
        """The code with which Twilio refuses a form, 0 for a good one."""
        given = {name: str(value) for name, value in form.items()}
        to, sender, url, twiml = (given.get(name, "") for name in ("To", "From", "Url", "Twiml"))
        callback, timeout = given.get("StatusCallback", ""), given.get("Timeout", "60")
        methods = {given.get("Method", "POST"), given.get("StatusCallbackMethod", "POST")}
        checks = (
            (not to, 21201),
            (not international(to), 21211),
            (not sender, 21213),
            (sender not in {self._numbers.staff, self._numbers.customers}, 21212),
            (not (url or twiml) or len(twiml) > LONGEST_TWIML or bool(url and not web(url)), 21205),
            (bool(callback and not web(callback)), 21609),
            (not {str(each) for each in form.getlist("StatusCallbackEvent")} <= EVENTS, 21626),
            (not (timeout.isascii() and timeout.isdigit() and 0 < len(timeout) < 10), 20001),
            (not methods <= {"GET", "POST"}, 20001),
        )
        return next((code for bad, code in checks if bad), 0)

    async def _list(self, request: Request) -> Response:
        """GET Calls, the newest first, by To, From and Status."""
        if refusal := unauthorised(request, self._numbers):
            return refusal
        size = page_size(request)
        if size is None:
            return refused(400, 20400)
        asked = {name: request.query_params[name] for name in ("To", "From", "Status") if request.query_params.get(name)}
        listed = [shown(call, self._numbers.account_sid) for call in reversed(self._state.calls)]
        found = [call for call in listed if all(call[name.lower()] == value for name, value in asked.items())]
        return JSONResponse({"calls": found[:size], "page": 0, "page_size": size, "next_page_uri": None, "uri": str(request.url.path)})

    async def _one(self, request: Request) -> Response:
        """One call; POST Status=canceled ends it while it is queued or rings, Status=completed at any time."""
        if refusal := unauthorised(request, self._numbers):
            return refusal
        call = next((each for each in self._state.calls if each.sid == request.path_params["sid"]), None)
        if call is None:
            return refused(404, 20404)
        if request.method == "POST":
            status = str((await request.form()).get("Status", ""))
            if status not in {"canceled", "completed"}:
                return refused(400, 20001)
            if call.status in OVER:
                return refused(400, 21220)
            if status == "completed" or call.status in RINGS:
                self._telephones.end(call, "cancel" if status == "canceled" else "complete")
                await self._telephones.settled(call)
        return JSONResponse(shown(call, self._numbers.account_sid))


def web(url: str) -> bool:
    """Whether Twilio could call a URL."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and "_" not in str(parts.hostname)


def shown(call: Call, account_sid: str) -> dict[str, Any]:
    """A call as Twilio's API shows it."""
    return {
        "account_sid": account_sid,
        "answered_by": None,
        "api_version": "2010-04-01",
        "caller_name": None,
        "date_created": format_datetime(call.at),
        "date_updated": format_datetime(call.ended_at or call.answered_at or call.at),
        "direction": "outbound-api",
        "duration": str(call.duration_s) if call.status == "completed" else None,
        "end_time": format_datetime(call.ended_at) if call.ended_at else None,
        "forwarded_from": None,
        "from": call.sender,
        "from_formatted": call.sender,
        "group_sid": None,
        "parent_call_sid": None,
        "phone_number_sid": None,
        "price": None,
        "price_unit": "USD",
        "queue_time": "0",
        "sid": call.sid,
        "start_time": format_datetime(call.answered_at) if call.answered_at else None,
        # The API has no word of its own for a call that is being dialled.
        "status": "queued" if call.status == "initiated" else call.status,
        "subresource_uris": {},
        "to": call.to,
        "to_formatted": call.to,
        "trunk_sid": None,
        "uri": f"/2010-04-01/Accounts/{account_sid}/Calls/{call.sid}.json",
    }
