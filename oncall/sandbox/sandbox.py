"""The sandbox as one server: the carrier's API, the page with the handsets, and what tests and the demo ask of it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from oncall.sandbox.carrier import CUT, Carrier
from oncall.sandbox.desk import Desk
from oncall.sandbox.pages import Pages
from oncall.sandbox.state import Handset, Misbehaviour, Numbers, State, Text

STOP_WITHIN_S = 2


class CuttableProtocol(H11Protocol):
    """HTTP whose requests can cut their own connection, as a network that loses the answer does."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn narrows the type in the same way
        """A client connected."""
        super().connection_made(transport)
        app = self.app

        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, CUT: transport.abort}, receive, send)

        self.app = wrapped


class QuietServer(uvicorn.Server):
    """uvicorn in somebody else's loop: the signals are the daemon's. `listening` is set once requests are answered."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begins to listen."""
        await super().startup(sockets)
        self.listening.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Takes no signal."""
        yield


class Sandbox:
    """A Twilio of our own. `now` gives the time that the texts show; `speed` is how many seconds pass in one."""

    def __init__(
        self,
        *,
        numbers: Numbers,
        people: list[Handset],
        customer: Handset,
        api_key: str,
        now: Callable[[], datetime],
        speed: float = 1.0,
    ) -> None:
        self._state = State()
        self._numbers = numbers
        self._carrier = Carrier(self._state, numbers, now)
        self._desk = Desk(lambda: self._carrier.webhooks.daemon_url, api_key)
        self._pages = Pages(self._state, self._carrier, numbers, people, customer, self._desk, speed)
        self._server: QuietServer | None = None
        self._serving: asyncio.Task[None] | None = None

    @property
    def misbehaviour(self) -> Misbehaviour:
        """What the carrier does wrong; set its fields."""
        return self._state.misbehaviour

    def daemon_at(self, url: str) -> None:
        """From now on webhooks and reports go to the daemon at `url`."""
        self._carrier.webhooks.daemon_url = url.rstrip("/")

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listens; returns the base URL of the API and the page."""
        # With the protocol named asyncio turns Nagle's algorithm off; without it each answer waits 40 ms.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        # Only by these names: a page of a stranger's domain that resolves to this machine gets nothing.
        hosts = Middleware(TrustedHostMiddleware, allowed_hosts=[host, "127.0.0.1", "localhost"], www_redirect=False)
        app = Starlette(routes=[*self._carrier.routes(), *self._pages.routes()], middleware=[hosts])
        config = uvicorn.Config(
            app, http=CuttableProtocol, ws="none", lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=STOP_WITHIN_S
        )
        self._server = QuietServer(config)
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]))
        await self._server.listening.wait()
        return f"http://{host}:{listener.getsockname()[1]}"

    async def stop(self) -> None:
        """Ends it, open event streams too."""
        self._state.stopping.set()
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await self._serving
        await self._carrier.close()
        await self._desk.close()

    def texts_to(self, number: str) -> list[Text]:
        """What a handset received, oldest first."""
        return [text for text in self._state.of(number) if text.to == number]

    async def reply(self, number: str, body: str, to: str = "staff") -> int:
        """A handset texts our 'staff' or 'customers' number; the HTTP status of the daemon's answer."""
        return await self._carrier.texted(number, self._numbers.customers if to == "customers" else self._numbers.staff, body)
