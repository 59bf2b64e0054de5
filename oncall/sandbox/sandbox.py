"""The sandbox as one server: the APIs of the carrier and of Slack, the page with the handsets, and what tests and the demo ask of it."""

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

from oncall.sandbox.calls import Calls
from oncall.sandbox.carrier import Carrier
from oncall.sandbox.desk import Desk
from oncall.sandbox.handset_forms import HandsetForms
from oncall.sandbox.line import Behaviour, Call
from oncall.sandbox.mailbox import Mail, Mailbox
from oncall.sandbox.pages import Pages
from oncall.sandbox.slack import Slack
from oncall.sandbox.state import Handset, Misbehaviour, Numbers, SlackWorkspace, State, Text
from oncall.sandbox.telephones import Telephones
from oncall.sandbox.twilio_api import CUT
from oncall.sandbox.webhooks import Webhooks
from oncall.sandbox.workspace import SlackMessage

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
    """A Twilio and a Slack of our own. `now` gives the time that everything shows; `speed` is how many seconds pass in one.

    Without `slack` there is no workspace. It signs with `now`, so a receiver must check timestamps by the same clock.
    """

    def __init__(
        self,
        *,
        numbers: Numbers,
        people: list[Handset],
        customer: Handset,
        api_key: str,
        now: Callable[[], datetime],
        speed: float = 1.0,
        slack: SlackWorkspace | None = None,
    ) -> None:
        handsets = [*people, customer]
        self._state = State(speed=speed)
        self._numbers = numbers
        self._url = ""
        self._webhooks = Webhooks(numbers)
        self._carrier = Carrier(self._state, numbers, self._webhooks, now)
        self._telephones = Telephones(self._state, handsets, self._webhooks, now)
        self._calls = Calls(self._state, numbers, self._telephones, now)
        self._desk = Desk(lambda: self._webhooks.daemon_url, api_key)
        self._slack = Slack(slack, self._state, people, self._webhooks, now, lambda: self._url) if slack else None
        self._mailbox = Mailbox(self._state, now)
        self.mail_server = ""
        """Where the mail server listens, as ONCALL_SMTP_URL takes it; once the sandbox has started."""
        self._forms = HandsetForms(self._state, numbers, handsets, customer, self._carrier, self._telephones)
        page = self._slack.page if self._slack else None
        self._pages = Pages(self._state, numbers, handsets, customer, self._desk, self._telephones, self._mailbox, page)
        self._server: QuietServer | None = None
        self._serving: asyncio.Task[None] | None = None

    @property
    def misbehaviour(self) -> Misbehaviour:
        """What the carrier does wrong with texts; set its fields."""
        return self._state.misbehaviour["text"]

    @property
    def call_misbehaviour(self) -> Misbehaviour:
        """What the carrier does wrong with calls; set its fields."""
        return self._state.misbehaviour["call"]

    @property
    def slack_misbehaviour(self) -> Misbehaviour:
        """What Slack does wrong; set its fields."""
        return self._state.misbehaviour["slack"]

    @property
    def mail_misbehaviour(self) -> Misbehaviour:
        """What the mail server does wrong; set its fields."""
        return self._state.misbehaviour["mail"]

    def daemon_at(self, url: str) -> None:
        """From now on webhooks, clicks and reports go to the daemon at `url`."""
        self._webhooks.daemon_url = url.rstrip("/")

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listens; returns the base URL of the page and of Twilio's API. Slack's API is below it at `/api/`."""
        # With the protocol named asyncio turns Nagle's algorithm off; without it each answer waits 40 ms.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        self._url = f"http://{host}:{listener.getsockname()[1]}"
        self.mail_server = await self._mailbox.start(host)
        # Only by these names: a page of a stranger's domain that resolves to this machine gets nothing.
        hosts = Middleware(TrustedHostMiddleware, allowed_hosts=[host, "127.0.0.1", "localhost"], www_redirect=False)
        routes = [*self._carrier.routes(), *self._calls.routes(), *self._forms.routes(), *self._pages.routes()]
        if self._slack is not None:
            routes += self._slack.routes()
            await self._slack.sockets.start(host)
        app = Starlette(routes=routes, middleware=[hosts])
        config = uvicorn.Config(
            app, http=CuttableProtocol, ws="none", lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=STOP_WITHIN_S
        )
        self._server = QuietServer(config)
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]))
        await self._server.listening.wait()
        return self._url

    async def stop(self) -> None:
        """Ends it, open event streams, calls and sockets too."""
        self._state.stopping.set()
        if self._slack is not None:
            await self._slack.sockets.stop()
        await self._mailbox.stop()
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await self._serving
        await self._state.close()
        await self._webhooks.close()
        await self._desk.close()

    def texts_to(self, number: str) -> list[Text]:
        """What a handset received, oldest first."""
        return [text for text in self._state.of(number) if text.to == number]

    async def reply(self, number: str, body: str, to: str = "staff") -> int:
        """A handset texts our 'staff' or 'customers' number; the HTTP status of the daemon's answer."""
        return await self._carrier.texted(number, self._numbers.customers if to == "customers" else self._numbers.staff, body)

    def mails_to(self, address: str) -> list[Mail]:
        """What came for an address, oldest first."""
        return self._mailbox.to(address)

    def calls_to(self, number: str) -> list[Call]:
        """The calls to a handset, oldest first, those that are queued or lost too."""
        return [call for call in self._state.calls if call.to == number]

    async def answer(self, number: str) -> Call:
        """A handset answers the call that rings. NoCall: none rings, or its telephone is not set to be answered."""
        return await self._telephones.answer(number)

    async def decline(self, number: str) -> Call:
        """A handset declines the call that rings. NoCall: none rings, or its telephone is not set to be answered."""
        return await self._telephones.decline(number)

    async def press(self, number: str, digit: str) -> Call:
        """A handset's key, pressed once its call listens for one. NoCall: it does not begin to within a few seconds."""
        await self._telephones.listening(number)
        return self._telephones.press(number, digit)

    async def hang_up(self, number: str) -> Call:
        """A handset ends its call. NoCall: none is in progress."""
        return await self._telephones.hang_up(number)

    def set_behaviour(self, number: str, behaviour: Behaviour | str) -> None:
        """What a handset does from now on when it is called; a Behaviour or its words."""
        self._state.behaviours[number] = Behaviour(behaviour)
        self._state.touch()

    def slack_messages(self, place: str) -> list[SlackMessage]:
        """What was posted to a channel, or to a member by their user id; oldest first, with threads and what one person alone sees."""
        return self._workspace.workspace.seen(self._workspace.workspace.channel(place))

    async def click(self, message: SlackMessage, action_id: str, by: str, *, option: int = 0) -> int:
        """A member (user id) clicks a button, or the entry `option` of a menu: the daemon's HTTP status, 200 if it acknowledged by socket, else 0.

        LookupError: the message has nothing of this name to click, or nobody has this id.
        """
        return await self._workspace.hooks.click(message, action_id, by, option=option)

    def slack_user(self, handset: str) -> str:
        """The user id of a handset's owner; LookupError: they are not in the workspace."""
        found = next((one.id for one in self._workspace.workspace.members if one.handset == handset), None)
        if found is None:
            raise LookupError(f"{handset} has neither an e-mail address nor a Slack id")
        return found

    async def slack_reconnect(self, reason: str = "refresh_requested") -> None:
        """Slack asks every Socket Mode client to connect anew, as it does every few hours."""
        await self._workspace.sockets.disconnect(reason)

    @property
    def slack_connections(self) -> int:
        """How many Socket Mode clients are connected; clicks go by HTTP while there is none."""
        return self._workspace.sockets.connections

    @property
    def _workspace(self) -> Slack:
        """The workspace that was asked for."""
        if self._slack is None:
            raise LookupError("this sandbox was made without a Slack workspace")
        return self._slack
