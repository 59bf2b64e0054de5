"""Twilio's webhooks of texts: who speaks is checked first, then bytes become facts; what was heard is answered after its commit."""

from __future__ import annotations

import secrets
from http import HTTPStatus
from urllib.parse import parse_qsl

import structlog
from fastapi import APIRouter, Request, Response

from oncall.channels import Receipt
from oncall.channels.twilio_account import TwilioAccount
from oncall.channels.twilio_signature import signed_by_twilio
from oncall.channels.twilio_sms import hear, receipt
from oncall.channels.twiml import EMPTY
from oncall.core.messages import Heard
from oncall.store import StoreUnavailable
from oncall.web.parts import parts_of
from oncall.web.problems import Problem
from oncall.web.taking import not_stored

log = structlog.get_logger(__name__)

MOST_FIELDS = 100
"""Twilio sends about thirty; more is not Twilio."""
LONGEST_TEXT = 10_000
"""Characters of a text that are kept: ten parts of SMS are 1,600."""


def twilio_router(account: TwilioAccount) -> APIRouter:
    """The routes that Twilio calls for `account`."""
    router = APIRouter()

    @router.post("/twilio/sms")
    async def text_came(request: Request) -> Response:
        """A text to one of our numbers; the answer goes out as a message of its own, so nothing is said here."""
        form = await checked(request, account)
        line = "customers" if form.get("To") == account.customers_number != account.staff_number else "staff"
        try:
            heard = hear(form, at=parts_of(request).now(), seed=secrets.token_hex(16), line=line)
        except KeyError as missing:
            raise Problem(HTTPStatus.BAD_REQUEST, f"the form has no {missing}") from missing
        await handed_on(request, heard, f"sms:{heard.reference}")
        return Response(EMPTY, media_type="text/xml")

    @router.post("/twilio/sms/status")
    async def status_came(request: Request) -> Response:
        """What became of one of our texts; statuses come in any order, repeatedly, and for texts we do not know."""
        form = await checked(request, account)
        try:
            news = receipt(form, at=parts_of(request).now(), url_key=request.query_params.get("o", ""))
        except KeyError as missing:
            raise Problem(HTTPStatus.BAD_REQUEST, f"the form has no {missing}") from missing
        await handed_on(request, news, "")
        return Response(status_code=HTTPStatus.NO_CONTENT)

    return router


async def checked(request: Request, account: TwilioAccount) -> dict[str, str]:
    """The form of a request that Twilio signed; a Problem for every other, before anything is stored.

    The URL is built from our own public address and the raw path: Host and X-Forwarded-* are anybody's (telephony.md 2).
    """
    raw = await request.body()
    try:
        fields = parse_qsl(raw.decode("utf-8"), keep_blank_values=True, strict_parsing=bool(raw), max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, "the body is no form in UTF-8") from error
    query = request.scope["query_string"].decode("latin-1")
    url = f"{account.public_url}{request.scope['raw_path'].decode('latin-1')}" + (f"?{query}" if query else "")
    if not signed_by_twilio(account.auth_token, url, fields, request.headers.get("x-twilio-signature")):
        raise Problem(HTTPStatus.FORBIDDEN, "the signature is missing or wrong; check ONCALL_PUBLIC_URL and the account's auth token")
    form = dict(fields)
    if form.get("AccountSid") != account.account_sid:
        raise Problem(HTTPStatus.FORBIDDEN, "this is not our account")
    return {name: value[:LONGEST_TEXT] for name, value in form.items()}


async def handed_on(request: Request, fact: Heard | Receipt, key: str) -> None:
    """Hands a fact to the engine; a Problem (503) makes Twilio come again."""
    try:
        outcome = await parts_of(request).engine.take(fact, key=key)
    except StoreUnavailable as error:
        raise not_stored(str(error)) from error
    if outcome.result == "unknown message":
        log.info("a status callback for no text of ours", because=outcome.because)
