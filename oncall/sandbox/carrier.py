"""The Twilio-shaped API: takes messages as Twilio does, with its checks and its errors, and brings them to the handsets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from oncall.sandbox.state import Misbehaviour, Numbers, State, Text, new_sid
from oncall.sandbox.twilio_api import after_accepting, international, page_size, refused, unauthorised
from oncall.sandbox.webhooks import Webhooks

STOP_WORDS = {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"}
START_WORDS = {"start", "yes", "unstop"}
STOPPED = "You have successfully been unsubscribed. You will not receive any more messages from this number. Reply START to resubscribe."
STARTED = "You have successfully been re-subscribed to messages from this number. Reply STOP to unsubscribe."
"""What Twilio answers by itself on a long code; nobody here can switch it off (telephony.md 1)."""
LONGEST_BODY = 1600
RECEIPT_PAUSE_S = 0.05


class Carrier:
    """Routes for the API, and the way between handsets and webhooks."""

    def __init__(self, state: State, numbers: Numbers, webhooks: Webhooks, now: Callable[[], datetime]) -> None:
        self._webhooks = webhooks
        self._state = state
        self._numbers = numbers
        self._now = now

    @property
    def _wrong(self) -> Misbehaviour:
        """What goes wrong with texts."""
        return self._state.misbehaviour["text"]

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
        if refusal := unauthorised(request, self._numbers):
            return refusal
        wrong = self._wrong
        form = {name: str(value) for name, value in (await request.form()).items()}
        if wrong.refuse:
            return refused(*wrong.refuse)
        if code := self._invalid(form):
            return refused(400, code)
        text = self._sent(form["From"], form["To"], form["Body"], form.get("StatusCallback", ""))
        return await after_accepting(request, self._state, wrong, JSONResponse(shown(text, self._numbers.account_sid), status_code=201))

    def _sent(self, sender: str, to: str, body: str, callback: str = "") -> Text:
        """A message from us that is on its way to a handset."""
        text = Text(sid=new_sid(), at=self._now(), sender=sender, to=to, body=body, inbound=False, callback=callback)
        text.under_way = bool(self._wrong.late_s) or not self._wrong.deliver
        self._state.add(text)
        self._state.beside(self._deliver(text))
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
        if refusal := unauthorised(request, self._numbers):
            return refusal
        to, sender = request.query_params.get("To"), request.query_params.get("From")
        size = page_size(request)
        if size is None:
            return refused(400, 20400)
        found = [text for text in reversed(self._state.texts) if (not to or text.to == to) and (not sender or text.sender == sender)]
        messages = [shown(text, self._numbers.account_sid) for text in found[:size]]
        return JSONResponse({"messages": messages, "page": 0, "page_size": size, "next_page_uri": None, "uri": str(request.url.path)})

    async def _one(self, request: Request) -> Response:
        """One message; POST Status=canceled while it is not on its way."""
        if refusal := unauthorised(request, self._numbers):
            return refusal
        text = self._state.find(request.path_params["sid"])
        if text is None:
            return refused(404, 20404)
        if request.method == "POST" and (await request.form()).get("Status") == "canceled" and text.status == "queued":
            text.status = "canceled"
            self._state.touch()
        return JSONResponse(shown(text, self._numbers.account_sid))

    async def _deliver(self, text: Text) -> None:
        """The way of a message to the handset, and its receipts. Twilio sends none for `queued` (telephony.md 1)."""
        wrong = self._wrong
        statuses = ["sent"]
        if wrong.deliver:
            statuses.append("undelivered" if wrong.fail_later else "delivered")
        await self._state.pass_by(wrong.late_s)
        for status in statuses:
            await asyncio.sleep(RECEIPT_PAUSE_S)
            if text.status == "canceled":
                return
            text.status = status
            text.under_way = not wrong.deliver
            text.error_code = wrong.fail_later if status == "undelivered" else 0
            self._state.touch()
            if not wrong.receipts_reversed:
                await self._receipts(text, status)
        for status in reversed(statuses) if wrong.receipts_reversed else ():
            await self._receipts(text, status)

    async def _receipts(self, text: Text, status: str) -> None:
        """The receipt of one status, as often as it shall come."""
        for _ in range(self._wrong.receipts_times):
            await self._webhooks.receipt(text, status)

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
        status = await self._webhooks.text(text)
        if not 200 <= status < 300:
            text.status = f"not taken by the daemon ({status})" if status else "not taken: the daemon does not answer"
            self._state.touch()
        return status


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
