"""Around every request: how large and how slow a body may be, the answer while we are starting, and the security headers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from oncall.intake.api import LARGEST_BODY
from oncall.web.problems import Problem, starting

BODY_WITHIN_S = 10.0
"""A body must be there within this time; whoever sends slower holds a connection for nothing (reliability.md row 45)."""
ALIVE = "/healthz"
"""The one route that answers while we are starting."""
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
"""Answers are for programs: nothing of them is to be run, framed, guessed at or kept."""
RAW_HEADERS = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]


class TooLarge(Exception):
    """The body exceeds the limit."""


class Bounds:
    """ASGI middleware: reads the whole body, within limits, before the application sees the request."""

    def __init__(self, app: ASGIApp, ready: Callable[[], bool], refused: Callable[[Scope, Problem], Response]) -> None:
        self._app = app
        self._ready = ready
        self._refused = refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers by itself what is out of bounds; passes on the rest with its body already here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            self._admit(scope)
            async with asyncio.timeout(BODY_WITHIN_S):
                body = await whole_body(receive)
        except Problem as problem:
            await self._refused(scope, problem)(scope, receive, headed(send))
        except TooLarge:
            await self._refused(scope, too_large())(scope, receive, headed(send))
        except TimeoutError:
            slow = Problem(HTTPStatus.REQUEST_TIMEOUT, f"the body was not there within {BODY_WITHIN_S:g} s")
            await self._refused(scope, slow)(scope, receive, headed(send))
        else:
            await self._app(scope, once(body, receive), headed(send))

    def _admit(self, scope: Scope) -> None:
        """What can be refused by its head alone."""
        if scope["path"] != ALIVE and not self._ready():
            raise starting()
        headers = Headers(scope=scope)
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > LARGEST_BODY:
            raise too_large()
        if headers.get("content-encoding", "identity") != "identity":
            raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "a compressed body is not unpacked; send it as it is")


def too_large() -> Problem:
    """The answer to a body over the limit."""
    return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body is larger than {LARGEST_BODY // 1024} KiB")


async def whole_body(receive: Receive) -> bytes:
    """The request's body; TooLarge as soon as it is over the limit."""
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            break
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > LARGEST_BODY:
            raise TooLarge
    return bytes(body)


def once(body: bytes, receive: Receive) -> Receive:
    """A receive() that gives the body that was read, then what comes after it."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def headed(send: Send) -> Send:
    """A send() that adds the security headers where the answer has not its own."""

    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = {name for name, _ in message["headers"]}
            message["headers"] = [*message["headers"], *(header for header in RAW_HEADERS if header[0] not in own)]
        await send(message)

    return with_headers
