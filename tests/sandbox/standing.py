"""A sandbox on loopback with the real SDKs on one side and a server that records on the other, in place of the daemon."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
from aiohttp import web
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from oncall.sandbox import Handset, Numbers, Sandbox, SlackWorkspace

NUMBERS = Numbers(account_sid="AC" + "0" * 32, auth_token="t" * 32, staff="+15125550100", customers="+15125550101")
ANA = Handset(id="ana", name="Ana", number="+15125550104", email="ana@example.com")
BEN = Handset(id="ben", name="Ben", number="+15125550105", slack="U0BEN00001")
DANA = Handset(id="customer", name="Dana", number="+15125550199", email="dana@customer.example")
WORKSPACE = SlackWorkspace(bot_token="xoxb-" + "b" * 20, app_token="xapp-" + "a" * 20, signing_secret="s" * 32, channel="C0AFTERHRS")
KEY = "k" * 20
NIGHT = datetime(2026, 11, 28, 2, 30, tzinfo=UTC)

LINE = {"at": "2026-11-28T02:30:00Z", "fact": "Reported", "result": "paging", "because": "Ana has the shift", "orders": [], "status": "open"}
INCIDENT: dict[str, Any] = {
    "incident": "1001", "case": "K7QM", "status": "open", "severity": "sev1", "summary": "Checkout is down", "held_by": None,
    "contact_by": "2026-11-28T02:45:00Z", "contacted_at": None, "timeline": [LINE], "timezone": "UTC",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Call:
    """A request that came to the recording server. `signed`: its signature is good."""

    path: str
    body: dict[str, Any]
    headers: dict[str, str]
    signed: bool = False


@dataclass
class Daemon:
    """What stands in the daemon's place: it records, and answers with what a test puts here."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    incidents: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200
    documents: dict[str, str] = field(default_factory=dict)
    media_type: str = "text/xml"
    hang: asyncio.Event = field(default_factory=asyncio.Event)
    hanging: bool = False

    async def take(self, request: web.Request) -> web.Response:
        """A webhook."""
        form = {name: str(value) for name, value in (await request.post()).items()} if request.method == "POST" else {}
        # `url` is as it came over the wire, so a fragment that was sent or signed would be seen.
        signed = RequestValidator(NUMBERS.auth_token).validate(f"{self.url}{request.raw_path}", form, request.headers["X-Twilio-Signature"])
        self.calls.append(Call(request.raw_path, form, dict(request.headers), bool(signed)))
        answer = self.documents.get(f"{request.path} {form.get('Digits', '')}".strip(), "<Response/>")
        return web.Response(status=self.status, text=answer, content_type=self.media_type)

    async def clicked(self, request: web.Request) -> web.Response:
        """A click in Slack; a test checks its signature with the body as it came."""
        body = await request.text()
        self.calls.append(Call(request.raw_path, {"raw": body, **json.loads(dict(parse_qsl(body))["payload"])}, dict(request.headers)))
        return web.Response(status=self.status)

    async def report(self, request: web.Request) -> web.Response:
        """A report."""
        self.calls.append(Call(request.raw_path, await request.json(), dict(request.headers)))
        return web.json_response({"incident": "1001", "case": "K7QM", "status": "paging"}, status=202)

    async def listing(self, request: web.Request) -> web.Response:
        """The incidents; while `hanging` it waits for `hang`."""
        if self.hanging:
            await self.hang.wait()
        return web.json_response({"timezone": "UTC", "incidents": self.incidents})

    async def one(self, request: web.Request) -> web.Response:
        """An incident."""
        return web.json_response(next(each for each in self.incidents if each["incident"] == request.match_info["id"]))

    def to(self, path: str) -> list[Call]:
        """The calls to a path, whatever their query."""
        return [call for call in self.calls if call.path.partition("?")[0] == path]

    async def heard(self, count: int, path: str) -> list[Call]:
        """The calls to a path once there are `count`."""
        await wait_for(lambda: len(self.to(path)) >= count)
        return self.to(path)


@dataclass
class Standing:
    """What a test holds."""

    sandbox: Sandbox
    url: str
    daemon: Daemon
    session: aiohttp.ClientSession

    def client(self, token: str = NUMBERS.auth_token) -> Client:
        """The real SDK, pointed at the sandbox."""
        client = Client(NUMBERS.account_sid, token, environment={"_": ""})
        client.api.base_url = self.url
        return client

    async def send(self, to: str = ANA.number, body: str = "Checkout is down", sender: str = NUMBERS.staff, **more: str) -> Any:
        """A message by the SDK."""
        return await asyncio.to_thread(self.client().messages.create, to=to, from_=sender, body=body, **more)

    async def call(self, to: str = ANA.number, **more: Any) -> Any:
        """A call by the SDK; it asks the recording server what to say unless it is told otherwise, and hears of everything."""
        told = {"url": f"{self.daemon.url}/twilio/voice", "status_callback": f"{self.daemon.url}/twilio/voice/status"}
        events = {"status_callback_event": ["initiated", "ringing", "answered", "completed"]}
        given = {**told, **events, "from_": NUMBERS.staff, "timeout": 600, **more}
        return await asyncio.to_thread(self.client().calls.create, to=to, **{name: value for name, value in given.items() if value is not None})

    async def rings(self, number: str = ANA.number) -> None:
        """Waits until a handset's newest call rings."""
        await wait_for(lambda: self.status(number) == "ringing")

    def status(self, number: str = ANA.number) -> str:
        """What the newest call to a handset is doing."""
        return self.sandbox.calls_to(number)[-1].status

    async def post(self, path: str, **form: str) -> int:
        """A form of the page; the HTTP status, without following where it leads."""
        async with self.session.post(self.url + path, data=form, allow_redirects=False) as answer:
            return answer.status

    async def page(self, path: str = "/") -> str:
        """What a browser gets."""
        async with self.session.get(self.url + path) as answer:
            assert answer.status == 200
            return await answer.text()


@asynccontextmanager
async def recording() -> AsyncIterator[Daemon]:
    """The recording server."""
    daemon, app = Daemon(), web.Application()
    for path in ("/twilio/sms", "/twilio/sms/status", "/twilio/voice", "/twilio/voice/keys", "/twilio/voice/again", "/twilio/voice/status"):
        app.router.add_post(path, daemon.take)
    app.router.add_get("/twilio/voice/again", daemon.take)
    app.router.add_post("/slack/interactivity", daemon.clicked)
    app.router.add_post("/v1/emergencies", daemon.report)
    app.router.add_get("/v1/incidents", daemon.listing)
    app.router.add_get("/v1/incidents/{id}", daemon.one)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    daemon.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield daemon
    finally:
        await runner.cleanup()


@asynccontextmanager
async def standing(speed: float = 1.0, slack: SlackWorkspace | None = WORKSPACE) -> AsyncIterator[Standing]:
    """A sandbox with its recording daemon, until the block ends."""
    async with recording() as daemon, aiohttp.ClientSession() as session:
        sandbox = Sandbox(numbers=NUMBERS, people=[ANA, BEN], customer=DANA, api_key=KEY, now=lambda: NIGHT, speed=speed, slack=slack)
        url = await sandbox.start()
        sandbox.daemon_at(daemon.url)
        try:
            yield Standing(sandbox, url, daemon, session)
        finally:
            await sandbox.stop()


async def wait_for(so: Callable[[], object]) -> None:
    """Waits until `so()` is true."""
    async with asyncio.timeout(10):
        while True:
            if so():
                return
            await asyncio.sleep(0.01)


def play(story: Callable[[Standing], Awaitable[None]], speed: float = 1.0) -> None:
    """Runs a test's story."""

    async def run() -> None:
        async with standing(speed) as here:
            await story(here)

    asyncio.run(run())
