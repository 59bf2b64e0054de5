"""Slack's Socket Mode: tickets for one connection each, hello, envelopes that want an acknowledgement, and the request to come again."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import deque
from typing import Any

from aiohttp import WSMsgType, web

from oncall.sandbox.state import State
from oncall.sandbox.workspace import APP, new_id

ACK_WITHIN_S = 3.0
"""As long as Slack waits before it tells the person that the app did not answer."""
MOST_CONNECTIONS = 10
MOST_TICKETS = 100
LONGEST_FRAME = 1_000_000
LIFE_S = 18_000
"""How long a connection is said to last."""


class SocketMode:
    """The server for the connections; a port of its own, because the page's server speaks no websocket."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._host = ""
        self._port = 0
        self._runner: web.AppRunner | None = None
        self._tickets: deque[str] = deque(maxlen=MOST_TICKETS)
        self._open: list[web.WebSocketResponse] = []
        self._waiting: dict[str, asyncio.Future[None]] = {}

    @property
    def connections(self) -> int:
        """How many clients are connected; one of them gets each envelope."""
        return len(self._open)

    async def start(self, host: str) -> None:
        """Listens on a free port."""
        app = web.Application()
        app.router.add_get("/link", self._link)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, 0).start()
        self._host, self._port = host, self._runner.addresses[0][1]

    async def opened(self) -> str:
        """A URL that is good for one connection."""
        ticket = secrets.token_urlsafe(24)
        self._tickets.append(ticket)
        return f"ws://{self._host}:{self._port}/link?ticket={ticket}&app_id={APP}"

    async def _link(self, request: web.Request) -> web.StreamResponse:
        """One connection until it is closed."""
        try:
            self._tickets.remove(request.query.get("ticket", ""))
        except ValueError:
            return web.Response(status=401, text="the ticket is unknown or used")
        # Pings are answered with what they carry; the SDK measures the connection by that.
        socket = web.WebSocketResponse(max_msg_size=LONGEST_FRAME)
        await socket.prepare(request)
        if len(self._open) >= MOST_CONNECTIONS:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return socket
        self._open.append(socket)
        self._state.touch()
        try:
            await socket.send_json(self._hello(request.host))
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._acknowledged(message.data)
        finally:
            self._forget(socket)
        return socket

    def _hello(self, host: str) -> dict[str, Any]:
        """What Slack says first."""
        debug = {"host": host, "build_number": 1, "approximate_connection_time": LIFE_S}
        return {"type": "hello", "num_connections": len(self._open), "debug_info": debug, "connection_info": {"app_id": APP}}

    def _acknowledged(self, text: str) -> None:
        """An acknowledgement came; whatever else comes is nothing that Slack heeds."""
        try:
            given = json.loads(text)
        except ValueError:
            return
        waiting = self._waiting.get(str(given.get("envelope_id", ""))) if isinstance(given, dict) else None
        if waiting is not None and not waiting.done():
            waiting.set_result(None)

    async def deliver(self, payload: dict[str, Any]) -> bool:
        """Hands an interaction to any one of the connections; whether it was acknowledged in time. It is not sent again."""
        envelope = new_id("")
        self._waiting[envelope] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(ACK_WITHIN_S):
                socket = secrets.choice(self._open)
                await socket.send_json({"envelope_id": envelope, "type": "interactive", "accepts_response_payload": False, "payload": payload})
                await self._waiting[envelope]
        except (TimeoutError, ConnectionError, IndexError):
            return False
        finally:
            del self._waiting[envelope]
        return True

    async def disconnect(self, reason: str) -> None:
        """Asks every connection to come again, and closes it, as Slack does every few hours."""
        for socket in list(self._open):
            # From now on nothing more goes through it.
            self._forget(socket)
            await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": self._host}})
            await socket.close()

    def _forget(self, socket: web.WebSocketResponse) -> None:
        """A connection that is no longer there."""
        if socket in self._open:
            self._open.remove(socket)
            self._state.touch()

    async def stop(self) -> None:
        """Closes every connection."""
        for socket in list(self._open):
            await socket.close()
        if self._runner is not None:
            await self._runner.cleanup()
