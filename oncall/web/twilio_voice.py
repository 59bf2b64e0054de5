"""Twilio's webhooks of calls: what is said comes from the incident as it is now, a key is answered after its commit, a GET does nothing."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode

import structlog
from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection

from oncall.channels.twilio_account import TwilioAccount
from oncall.channels.twilio_voice import hear, receipt
from oncall.channels.twiml import twiml
from oncall.core.calling import Call
from oncall.core.calls import MOST_KEYS, ROUNDS, after_key, answered, trouble, unknown
from oncall.core.messages import OrderKind
from oncall.core.script import Script
from oncall.store import Lane, StoreUnavailable, incidents, outbox
from oncall.web.parts import parts_of
from oncall.web.problems import Problem
from oncall.web.twilio import checked, handed_on

log = structlog.get_logger(__name__)

SPEAK_WITHIN_S = 5.0
"""A caller hears "one moment" after this long; Twilio itself gives up after fifteen seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in its call a request stands; all of it is in the signed address, nothing in memory.

    `asked`: rounds of the menu from 1; `pressed`: keys before this one; `trouble`: how often we could not look it up; `key`: one that
    is brought again.
    """

    url_key: str
    asked: int
    pressed: int
    trouble: int
    key: str

    @classmethod
    def of(cls, request: Request) -> Place:
        """The place that an address names; numbers that are none count as the first."""
        query = request.query_params
        asked = min(max(number(query.get("n", "")), 1), ROUNDS + 1)
        return cls(
            url_key=query.get("o", ""),
            asked=asked,
            pressed=number(query.get("k", "")),
            trouble=number(query.get("t", "")),
            key=query.get("d", "")[:1],
        )


def number(text: str) -> int:
    """A small number of an address; 0 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def voice_router(account: TwilioAccount) -> APIRouter:
    """The routes that Twilio calls for calls of `account`."""
    router = APIRouter()

    @router.post("/twilio/voice")
    async def call_answered(request: Request) -> Response:
        """Somebody, or something, answered, or kept silent: the script of this round."""
        await checked(request, account)
        place = Place.of(request)
        return await spoken(request, account, place, looked_up(request, place, lambda call: answered(call, place.asked)))

    @router.post("/twilio/voice/keys")
    async def key_pressed(request: Request) -> Response:
        """A key: taken first, then what was committed is said."""
        form = await checked(request, account)
        place = Place.of(request)
        key = form.get("Digits", place.key)[:1]
        if "CallSid" not in form or "To" not in form:
            raise Problem(HTTPStatus.BAD_REQUEST, "the form has no 'CallSid' or no 'To'")
        return await spoken(request, account, place, acted(request, form, place, key), key=key)

    @router.post("/twilio/voice/status")
    async def status_came(request: Request) -> Response:
        """How far a call of ours is; statuses come in any order, repeatedly, and for calls we do not know."""
        form = await checked(request, account)
        try:
            news = receipt(form, at=parts_of(request).now(), url_key=request.query_params.get("o", ""))
        except KeyError as missing:
            raise Problem(HTTPStatus.BAD_REQUEST, f"the form has no {missing}") from missing
        await handed_on(request, news, "")
        return Response(status_code=HTTPStatus.NO_CONTENT)

    return router


async def acted(request: Request, form: dict[str, str], place: Place, key: str) -> Script:
    """Gives the key to the engine and says, after its commit, what came of it; the same key of the same call acts once."""
    parts = parts_of(request)
    if place.pressed >= MOST_KEYS:
        return unknown(parts.handbook())
    heard = hear(form, at=parts.now(), seed=secrets.token_hex(16), url_key=place.url_key, digits=key, press=place.pressed)
    outcome = await parts.engine.take(heard, key=f"voice:{heard.reference}")
    if outcome.result == "unknown call":
        log.warning("a key in a call that we did not place", call=form["CallSid"])
        return unknown(parts.handbook())
    return await looked_up(request, place, lambda call: after_key(call, outcome.result, key, place.asked))


async def looked_up(request: Request, place: Place, script: Callable[[Call], Script]) -> Script:
    """The script about the incident that the call is for, as it is now."""
    parts = parts_of(request)
    handbook, at = parts.handbook(), parts.now()

    def read(conn: Connection) -> Call | None:
        row = outbox.find_by_url_key(conn, place.url_key) if place.url_key else None
        if row is None or row.order.kind is not OrderKind.PAGE or row.order.way != "voice":
            return None
        incident = incidents.load(conn, row.order.incident)
        return None if incident is None else Call(incident=incident, who=row.order.recipient, opening=row.order.text, handbook=handbook, at=at)

    call = await parts.store.tx(read, lane=Lane.FIRST)
    return unknown(handbook) if call is None else script(call)


async def spoken(request: Request, account: TwilioAccount, place: Place, work: Awaitable[Script], key: str = "") -> Response:
    """The script that `work` gives, as TwiML; trouble of the store is said, and the call comes back."""
    try:
        async with asyncio.timeout(SPEAK_WITHIN_S):
            script = await work
    except (StoreUnavailable, TimeoutError) as error:
        log.error("a call cannot be told what it is about", reason=str(error) or f"no answer within {SPEAK_WITHIN_S:g} s")
        script = trouble(parts_of(request).handbook(), place.trouble)
    pressed = place.pressed + (1 if key else 0)
    xml = twiml(
        script,
        keys_url=address(account, "/twilio/voice/keys", o=place.url_key, n=place.asked, k=pressed),
        round_url=address(account, "/twilio/voice", o=place.url_key, k=pressed) + "&n=",
        same_url=same_address(account, place, key) + "&t=",
    )
    return Response(xml, media_type="text/xml")


def same_address(account: TwilioAccount, place: Place, key: str) -> str:
    """The address of this very request; a redirect loses the form, so the key goes along."""
    if key:
        return address(account, "/twilio/voice/keys", o=place.url_key, n=place.asked, k=place.pressed, d=key)
    return address(account, "/twilio/voice", o=place.url_key, n=place.asked, k=place.pressed)


def address(account: TwilioAccount, path: str, **query: str | int) -> str:
    """An address of ours that Twilio calls."""
    return f"{account.public_url}{path}?{urlencode(query)}"
