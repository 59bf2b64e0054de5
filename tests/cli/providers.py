"""Providers on loopback that play good and bad ones for `oncall doctor`: Twilio's account and numbers, Slack, and a proxy to the daemon."""

from __future__ import annotations

import ssl
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import ClientSession, web

CERTIFICATE = Path(__file__).parent / "localhost.pem"
ACCOUNT, TOKEN = "AC" + "0" * 32, "f" * 32
STAFF, CUSTOMERS = "+15125550100", "+15125550101"
BOT_TOKEN = "xoxb-example-bot-token"
SCOPES = "chat:write,im:write,users:read.email,commands,channels:read"


@dataclass
class Providers:
    """What they answer; tests change it. `url` is where they are."""

    url: str = ""
    account: dict[str, str] = field(default_factory=lambda: {"sid": ACCOUNT, "status": "active", "type": "Full"})
    numbers: dict[str, dict[str, str | None]] = field(default_factory=dict)
    date: str = ""
    hang: bool = False
    scopes: str = SCOPES
    channel: dict[str, object] = field(default_factory=lambda: {"ok": True, "channel": {"name": "after-hours", "is_member": True}})
    connection: dict[str, object] = field(default_factory=lambda: {"ok": True, "url": "wss://127.0.0.1:9/"})

    def number(self, name: str, webhook: str, **more: str | None) -> None:
        """A number of the account that brings its texts to `webhook`."""
        self.numbers[name] = {"phone_number": name, "sms_url": webhook, "sms_method": "POST", "sms_application_sid": None, **more}

    def app(self) -> web.Application:
        """All their routes."""
        app = web.Application()
        base = f"/2010-04-01/Accounts/{ACCOUNT}"
        app.add_routes([
            web.get("/", self._root),
            web.get(f"{base}.json", self._account),
            web.get(f"{base}/IncomingPhoneNumbers.json", self._numbers),
            web.post("/api/auth.test", self._hello),
            web.post("/api/conversations.info", self._channel),
            web.get("/api/conversations.info", self._channel),
            web.post("/api/apps.connections.open", self._connection),
        ])  # fmt: skip
        return app

    async def _root(self, _request: web.Request) -> web.Response:
        return web.Response(status=404, headers={"Date": self.date} if self.date else {})

    async def _account(self, request: web.Request) -> web.Response:
        if self.hang:
            await request.content.wait_eof()
            await hanging()
        if b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode() != f"{ACCOUNT}:{TOKEN}":
            return web.json_response({"code": 20003, "message": "Authenticate", "status": 401}, status=401)
        return web.json_response(self.account)

    async def _numbers(self, request: web.Request) -> web.Response:
        found = [one for name, one in self.numbers.items() if name == request.query.get("PhoneNumber")]
        return web.json_response({"incoming_phone_numbers": found, "next_page_uri": None, "page": 0, "page_size": 20})

    async def _hello(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {BOT_TOKEN}":
            return web.json_response({"ok": False, "error": "invalid_auth"})
        return web.json_response({"ok": True, "user": "oncall", "team": "Example"}, headers={"x-oauth-scopes": self.scopes})

    async def _channel(self, _request: web.Request) -> web.Response:
        return web.json_response(self.channel)

    async def _connection(self, _request: web.Request) -> web.Response:
        return web.json_response(self.connection)


async def hanging() -> None:
    """Never answers, as far as anybody who waits can tell."""
    import asyncio

    await asyncio.sleep(60)


@asynccontextmanager
async def served(app: web.Application, *, encrypted: bool = False) -> AsyncIterator[str]:
    """Serves `app` on a free port of loopback; its base URL."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if encrypted else None
    if context:
        context.load_cert_chain(CERTIFICATE)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    try:
        yield f"http{'s' * encrypted}://localhost:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def good_providers() -> AsyncIterator[Providers]:
    """Providers with which everything is in order, but for the numbers: tests say where those lead."""
    providers = Providers()
    async with served(providers.app()) as url:
        providers.url = url
        yield providers


def proxy_to(daemon: str) -> web.Application:
    """A proxy that passes everything to the daemon's address."""

    async def passed_on(request: web.Request) -> web.Response:
        body = await request.read()
        headers = {name: value for name, value in request.headers.items() if name in {"Content-Type", "X-Twilio-Signature"}}
        async with ClientSession() as session, session.request(request.method, f"{daemon}{request.path_qs}", data=body, headers=headers) as answer:
            return web.Response(status=answer.status, body=await answer.read(), content_type=answer.content_type)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", passed_on)
    return app


def answering(status: int, text: str) -> web.Application:
    """Something that gives one answer to everything."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status, text=text)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    return app
