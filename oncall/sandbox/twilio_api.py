"""What messages and calls have in common in Twilio's API: who may ask, how it refuses, and how an answer gets lost on purpose."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from hmac import compare_digest

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from oncall.sandbox.state import Misbehaviour, Numbers, State

LARGEST_PAGE = 1000
CUT = "oncall.cut"
"""Key of the ASGI scope under which the server gives a function that cuts the connection."""
ERRORS = {
    20001: "A parameter is missing or has a wrong value",
    20003: "Authenticate",
    20400: "PageSize is not a number",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    20500: "Internal Server Error",
    20503: "Service Unavailable",
    21201: "No 'To' number is specified",
    21205: "Url is not a valid URL, or neither Url nor Twiml is given",
    21211: "Invalid 'To' Phone Number: it must be in international form, as +15125550104",
    21212: "Invalid 'From' Phone Number",
    21213: "A 'From' phone number is required",
    21220: "Call is not in-progress. Cannot redirect or end it.",
    21602: "Message body is required.",
    21603: "A 'From' phone number is required.",
    21606: "The 'From' phone number provided is not a valid message-capable number of this account",
    21609: "Invalid StatusCallback URL",
    21610: "Attempt to send to unsubscribed recipient",
    21617: "The concatenated message body exceeds the 1600 character limit",
    21626: "StatusCallbackEvent must be initiated, ringing, answered or completed",
}
"""Twilio's codes with their meaning; a test may refuse with any other as well."""


def international(number: str) -> bool:
    """Whether Twilio would take a number: a plus and 7 to 15 digits (E.164)."""
    return number.startswith("+") and number[1:].isascii() and number[1:].isdigit() and 8 <= len(number) <= 16


def refused(status: int, code: int) -> JSONResponse:
    """An error as Twilio's API says it."""
    message = ERRORS.get(code, f"refused by the sandbox with {code}")
    body = {"code": code, "message": message, "more_info": f"https://www.twilio.com/docs/errors/{code}", "status": status}
    return JSONResponse(body, status_code=status, headers={"Retry-After": "1"} if status == 429 else None)


def unauthorised(request: Request, numbers: Numbers) -> Response | None:
    """A refusal unless the account's credentials came along."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    try:
        given = b64decode(encoded, validate=True) if scheme.lower() == "basic" else b""
    except ValueError:
        given = b""
    good = compare_digest(given, f"{numbers.account_sid}:{numbers.auth_token}".encode())
    return None if good else refused(401, 20003)


def page_size(request: Request) -> int | None:
    """How many of a list are asked for, within Twilio's limits; None if it is no number."""
    asked = request.query_params.get("PageSize", "50")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 10):
        return None
    return min(max(int(asked), 1), LARGEST_PAGE)


async def after_accepting(request: Request, state: State, wrong: Misbehaviour, answer: Response) -> Response:
    """The answer to what was accepted, late or lost if it shall be."""
    if wrong.hang_s:
        await state.before_stop(asyncio.sleep(wrong.hang_s))
    if wrong.lose_answer:
        request.scope[CUT]()
    return answer
