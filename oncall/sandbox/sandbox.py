"""The sandbox as one server: the carrier's API, the page with the handsets, and what tests and the demo ask of it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import uvicorn
from starlette.applications import Starlette

from oncall.sandbox.carrier import Carrier
from oncall.sandbox.pages import Pages
from oncall.sandbox.state import Handset, Misbehaviour, Numbers, State, Text

STOP_WITHIN_S = 2


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
        self._pages = Pages(self._state, self._carrier, numbers, people, customer, api_key, speed)
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
        app = Starlette(routes=[*self._carrier.routes(), *self._pages.routes()])
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=STOP_WITHIN_S)
        self._server = QuietServer(config)
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]))
        await self._server.listening.wait()
        return f"http://{host}:{listener.getsockname()[1]}"

    async def stop(self) -> None:
        """Ends it, open event streams too."""
        self._pages.stop()
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await self._serving
        await self._carrier.close()
        await self._pages.close()

    def texts_to(self, number: str) -> list[Text]:
        """What a handset received, oldest first."""
        return [text for text in self._state.of(number) if text.to == number]

    async def reply(self, number: str, body: str, to: str = "staff") -> int:
        """A handset texts our 'staff' or 'customers' number; the HTTP status of the daemon's answer."""
        return await self._carrier.texted(number, self._numbers.customers if to == "customers" else self._numbers.staff, body)
