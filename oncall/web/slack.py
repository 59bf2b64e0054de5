"""Slack's webhooks: who speaks is checked over the raw body first; a click is answered when its fact is committed."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from oncall.store import StoreUnavailable
from oncall.web.parts import Parts, parts_of
from oncall.web.problems import Problem
from oncall.web.taking import not_stored

MOST_FIELDS = 50
"""A slash command has about fifteen."""
NOT_HERE = "Slack is not set up for commands here. Reply by text, or use the command line."


class SignatureClock:
    """The daemon's time as Slack's verifier asks for it: requests older than five minutes are somebody's recording."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def now(self) -> float:
        """Seconds since 1970."""
        return self._parts.now().timestamp()


def slack_router(signing_secret: str) -> APIRouter:
    """The routes that Slack calls."""
    router = APIRouter()

    @router.post("/slack/interactivity")
    async def interacted(request: Request) -> Response:
        """A click; 200 says that it was taken, and who clicked is told what came of it."""
        body = await checked(request, signing_secret)
        payload = payload_of(body)
        clicks = parts_of(request).clicks
        if clicks is not None:
            try:
                await clicks.clicked(payload)
            except StoreUnavailable as error:
                raise not_stored(str(error)) from error
        return Response(status_code=HTTPStatus.OK)

    @router.post("/slack/commands")
    async def commanded(request: Request) -> JSONResponse:
        """A slash command, answered to who typed it alone."""
        fields, commands = form_of(await checked(request, signing_secret)), parts_of(request).commands
        try:
            words = await commands.commanded(fields) if commands is not None else NOT_HERE
        except StoreUnavailable as error:
            raise not_stored(str(error)) from error
        return JSONResponse({"response_type": "ephemeral", "text": words})

    @router.post("/slack/events")
    async def event_came(request: Request) -> Response:
        """Slack asks whether the address is ours; other events are of no use to us."""
        body = await checked(request, signing_secret)
        event = object_of(body.decode("utf-8", "replace"))
        if event.get("type") == "url_verification":
            return JSONResponse({"challenge": str(event.get("challenge", ""))[:200]})
        return Response(status_code=HTTPStatus.OK)

    return router


async def checked(request: Request, signing_secret: str) -> bytes:
    """The body of a request that Slack signed within the last five minutes; a Problem (403) for every other, before anything is read of it."""
    from slack_sdk.signature import SignatureVerifier

    body = await request.body()
    verifier = SignatureVerifier(signing_secret, clock=SignatureClock(parts_of(request)))  # type: ignore[arg-type]  # it only calls now()
    stamp, signature = request.headers.get("x-slack-request-timestamp", ""), request.headers.get("x-slack-signature", "")
    try:
        good = stamp.isascii() and stamp.isdigit() and signature.isascii() and verifier.is_valid(body, stamp, signature)
    except ValueError:
        good = False
    if not good:
        raise Problem(HTTPStatus.FORBIDDEN, "the signature is missing, wrong or old; check the app's signing secret and this machine's clock")
    return body


def form_of(body: bytes) -> dict[str, str]:
    """The fields of a form; a Problem (400) if it is none."""
    try:
        return dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, "the body is no form in UTF-8") from error


def payload_of(body: bytes) -> dict[str, Any]:
    """The JSON object in the form field `payload`; empty if there is none."""
    return object_of(form_of(body).get("payload", ""))


def object_of(text: str) -> dict[str, Any]:
    """A JSON object, empty for anything else."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
