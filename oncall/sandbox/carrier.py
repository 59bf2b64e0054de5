"""The Twilio-shaped API: takes messages as Twilio does, with its checks and its errors, and brings them to the handsets."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from collections.abc import Callable, Coroutine
from datetime import datetime
from email.utils import format_datetime
from hmac import compare_digest
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from oncall.sandbox.state import Numbers, State, Text, new_sid
from oncall.sandbox.webhooks import Webhooks

STOP_WORDS = {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"}
START_WORDS = {"start", "yes", "unstop"}
STOPPED = "You have successfully been unsubscribed. You will not receive any more messages from this number. Reply START to resubscribe."
STARTED = "You have successfully been re-subscribed to messages from this number. Reply STOP to unsubscribe."
"""What Twilio answers by itself on a long code; nobody here can switch it off (telephony.md 1)."""
LONGEST_BODY = 1600
LARGEST_PAGE = 1000
RECEIPT_PAUSE_S = 0.05
CUT = "oncall.cut"
"""Key of the ASGI scope under which the server gives a function that cuts the connection."""
ERRORS = {
    20003: "Authenticate",
    20400: "PageSize is not a number",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    20500: "Internal Server Error",
    20503: "Service Unavailable",
    21211: "Invalid 'To' Phone Number: it must be in international form, as +15125550104",
    21602: "Message body is required.",
    21603: "A 'From' phone number is required.",
    21606: "The 'From' phone number provided is not a valid message-capable number of this account",
    21610: "Attempt to send to unsubscribed recipient",
    21617: "The concatenated message body exceeds the 1600 character limit",
}
"""Twilio's codes with their meaning; a test may refuse with any other as well."""


class Carrier:
    """Routes for the API, and the way between handsets and webhooks."""

    def __init__(self, state: State, numbers: Numbers, now: Callable[[], datetime]) -> None:
        self.webhooks = Webhooks(numbers)
        self._state = state
        self._numbers = numbers
        self._now = now
        self._tasks: set[asyncio.Task[None]] = set()

    def routes(self) -> list[Route]:
        """The routes of the API."""
        base = f"/2010-04-01/Accounts/{self._numbers.account_sid}/Messages"
        return [
            Route(f"{base}.json", self._create, methods=["POST"]),
            Route(f"{base}.json", self._list, methods=["GET"]),
            Route(base + "/{sid}.json", self._one, methods=["GET", "POST"]),
        ]

    async def _create(self, request: Request) -> Response:
        """POST Messages: refuses as Twilio does, else queues the message."""
        if refusal := self._unauthorised(request):
            return refusal
        wrong = self._state.misbehaviour
        form = {name: str(value) for name, value in (await request.form()).items()}
        if wrong.refuse:
            return refused(*wrong.refuse)
        if code := self._invalid(form):
            return refused(400, code)
        text = self._sent(form["From"], form["To"], form["Body"], form.get("StatusCallback", ""))
        answer = JSONResponse(shown(text, self._numbers.account_sid), status_code=201)
        if wrong.hang_s:
            await self._state.before_stop(asyncio.sleep(wrong.hang_s))
        if wrong.lose_answer:
            request.scope[CUT]()
        return answer

    def _sent(self, sender: str, to: str, body: str, callback: str = "") -> Text:
        """A message from us that is on its way to a handset."""
        text = self._state.add(Text(sid=new_sid(), at=self._now(), sender=sender, to=to, body=body, inbound=False, callback=callback))
        self._later(self._deliver(text))
        return text

    def _invalid(self, form: dict[str, str]) -> int:
        """The code with which Twilio refuses a form, 0 for a good one."""
        sender, to, body = form.get("From", ""), form.get("To", ""), form.get("Body", "")
        checks = (
            (not international(to), 21211),
            (not sender, 21603),
            (sender not in {self._numbers.staff, self._numbers.customers}, 21606),
            (not body, 21602),
            (len(body) > LONGEST_BODY, 21617),
            ((sender, to) in self._state.opted_out, 21610),
        )
        return next((code for bad, code in checks if bad), 0)

    async def _list(self, request: Request) -> Response:
        """GET Messages, the newest first, by To and From."""
        if refusal := self._unauthorised(request):
            return refusal
        to, sender = request.query_params.get("To"), request.query_params.get("From")
        asked = request.query_params.get("PageSize", "50")
        if not (asked.isascii() and asked.isdigit() and len(asked) < 10):
            return refused(400, 20400)
        size = min(max(int(asked), 1), LARGEST_PAGE)
        found = [text for text in reversed(self._state.texts) if (not to or text.to == to) and (not sender or text.sender == sender)]
        messages = [shown(text, self._numbers.account_sid) for text in found[:size]]
        return JSONResponse({"messages": messages, "page": 0, "page_size": size, "next_page_uri": None, "uri": str(request.url.path)})

    async def _one(self, request: Request) -> Response:
        """One message; POST Status=canceled while it is not on its way."""
        if refusal := self._unauthorised(request):
            return refusal
        text = self._state.find(request.path_params["sid"])
        if text is None:
            return refused(404, 20404)
        if request.method == "POST" and (await request.form()).get("Status") == "canceled" and text.status == "queued":
            text.status = "canceled"
            self._state.touch()
        return JSONResponse(shown(text, self._numbers.account_sid))

    def _unauthorised(self, request: Request) -> Response | None:
        """A refusal unless the account's credentials came along."""
        scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
        try:
            given = b64decode(encoded, validate=True) if scheme.lower() == "basic" else b""
        except ValueError:
            given = b""
        good = compare_digest(given, f"{self._numbers.account_sid}:{self._numbers.auth_token}".encode())
        return None if good else refused(401, 20003)

    async def _deliver(self, text: Text) -> None:
        """The way of a message to the handset, and its receipts. Twilio sends none for `queued` (telephony.md 1)."""
        wrong = self._state.misbehaviour
        statuses = ["sent"]
        if wrong.deliver:
            statuses.append("undelivered" if wrong.fail_later else "delivered")
        for status in statuses:
            await asyncio.sleep(RECEIPT_PAUSE_S)
            if text.status == "canceled":
                return
            text.status = status
            text.error_code = wrong.fail_later if status == "undelivered" else 0
            self._state.touch()
            if not wrong.receipts_reversed:
                await self._receipts(text, status)
        for status in reversed(statuses) if wrong.receipts_reversed else ():
            await self._receipts(text, status)

    async def _receipts(self, text: Text, status: str) -> None:
        """The receipt of one status, as often as it shall come."""
        for _ in range(self._state.misbehaviour.receipts_times):
            await self.webhooks.receipt(text, status)

    async def texted(self, sender: str, to: str, body: str) -> int:
        """A handset texts us; the HTTP status of the daemon's answer, 0 if it did not answer.

        STOP and START are answered by the carrier itself, and the daemon hears of them all the same.
        """
        text = self._state.add(Text(sid=new_sid(), at=self._now(), sender=sender, to=to, body=body, inbound=True, status="received"))
        word = body.strip().casefold()
        if word in STOP_WORDS and (to, sender) not in self._state.opted_out:
            self._sent(to, sender, STOPPED)
            self._state.opted_out.add((to, sender))
        elif word in START_WORDS and (to, sender) in self._state.opted_out:
            self._state.opted_out.discard((to, sender))
            self._sent(to, sender, STARTED)
        status = await self.webhooks.text(text)
        if not 200 <= status < 300:
            text.status = f"not taken by the daemon ({status})" if status else "not taken: the daemon does not answer"
            self._state.touch()
        return status

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        """Does something beside the answer."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Stops what is under way."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.webhooks.close()


def international(number: str) -> bool:
    """Whether Twilio would take a number: a plus and 7 to 15 digits (E.164)."""
    return number.startswith("+") and number[1:].isascii() and number[1:].isdigit() and 8 <= len(number) <= 16


def refused(status: int, code: int) -> JSONResponse:
    """An error as Twilio's API says it."""
    message = ERRORS.get(code, f"refused by the sandbox with {code}")
    body = {"code": code, "message": message, "more_info": f"https://www.twilio.com/docs/errors/{code}", "status": status}
    return JSONResponse(body, status_code=status, headers={"Retry-After": "1"} if status == 429 else None)


def shown(text: Text, account_sid: str) -> dict[str, Any]:
    """A message as Twilio's API shows it."""
    return {
        "account_sid": account_sid,
        "api_version": "2010-04-01",
        "body": text.body,
        "date_created": format_datetime(text.at),
        "date_sent": None,
        "date_updated": format_datetime(text.at),
        "direction": "inbound" if text.inbound else "outbound-api",
        "error_code": text.error_code or None,
        "error_message": None,
        "from": text.sender,
        "messaging_service_sid": None,
        "num_media": "0",
        "num_segments": "1",
        "price": None,
        "price_unit": "USD",
        "sid": text.sid,
        "status": text.status,
        "subresource_uris": {},
        "to": text.to,
        "uri": f"/2010-04-01/Accounts/{account_sid}/Messages/{text.sid}.json",
    }
