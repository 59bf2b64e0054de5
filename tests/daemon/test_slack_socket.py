"""Socket Mode: clicks over a connection of ours, acknowledged after their fact; every way in which it breaks ends in a new client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import WSMsgType, web

from oncall.daemon import slack_socket
from oncall.daemon.slack_socket import SlackSocket
from oncall.store import StoreUnavailable
from tests.sandbox import standing as sandboxes
from tests.sandbox.standing import ANA, WORKSPACE
from tests.sandbox.test_slack_api import BLOCKS
from tests.web.standing import logged_elsewhere, wait_for


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same order of things, sooner."""
    for name, seconds in (("SILENT_AFTER_S", 1.0), ("PING_EVERY_S", 0.2), ("LOOK_EVERY_S", 0.05), ("FIRST_PAUSE_S", 0.05), ("CONNECT_WITHIN_S", 1.0)):
        monkeypatch.setattr(slack_socket, name, seconds)


@dataclass
class Taken:
    """Where clicks end up."""

    payloads: list[Mapping[str, Any]] = field(default_factory=list)
    broken: bool = False

    async def clicked(self, payload: Mapping[str, Any]) -> str:
        """Takes a click, or cannot store it."""
        if self.broken:
            raise StoreUnavailable("the disk is full")
        self.payloads.append(payload)
        return "It is yours."


@asynccontextmanager
async def connected(api_base: str, taken: Taken) -> AsyncIterator[SlackSocket]:
    """A socket that runs."""
    one = SlackSocket(app_token=WORKSPACE.app_token, api_base=api_base, clicked=taken.clicked)
    task = asyncio.create_task(one.run())
    try:
        yield one
    finally:
        one.stop()
        await task


def play(story: Callable[[sandboxes.Standing, Taken], Awaitable[None]]) -> None:
    """Runs a story with the sandbox's workspace."""

    async def run() -> None:
        taken = Taken()
        async with sandboxes.standing() as here, connected(f"{here.url}/api", taken):
            await wait_for(lambda: here.sandbox.slack_connections == 1)
            await story(here, taken)

    with logged_elsewhere():
        asyncio.run(run())


async def click(here: sandboxes.Standing) -> int:
    """Ana clicks the button of a message that stands in the channel."""
    from slack_sdk.web.async_client import AsyncWebClient

    client = AsyncWebClient(token=WORKSPACE.bot_token, base_url=f"{here.url}/api/", session=here.session, retry_handlers=[])
    await client.chat_postMessage(channel=WORKSPACE.channel, text="SEV1", blocks=BLOCKS)
    message = here.sandbox.slack_messages(WORKSPACE.channel)[-1]
    return await here.sandbox.click(message, "oncall_take", by=here.sandbox.slack_user(ANA.id))


def test_a_click_comes_over_the_socket_and_is_acknowledged() -> None:
    async def story(here: sandboxes.Standing, taken: Taken) -> None:
        assert await click(here) == 200
        assert [one["actions"][0]["action_id"] for one in taken.payloads] == ["oncall_take"]

    play(story)


def test_a_click_that_cannot_be_stored_is_not_acknowledged() -> None:
    async def story(here: sandboxes.Standing, taken: Taken) -> None:
        taken.broken = True
        assert await click(here) == 0
        taken.broken = False
        assert await click(here) == 200

    play(story)


def test_when_slack_asks_for_a_new_connection_there_is_one() -> None:
    async def story(here: sandboxes.Standing, taken: Taken) -> None:
        await here.sandbox.slack_reconnect("refresh_requested")
        await asyncio.sleep(0.3)
        await wait_for(lambda: here.sandbox.slack_connections == 1)
        assert await click(here) == 200

    play(story)


@dataclass
class Odd:
    """A Slack that gives tickets and then misbehaves: refuses the handshake, or says nothing at all."""

    mode: str
    tickets: int = 0
    used: list[str] = field(default_factory=list)

    async def opened(self, request: web.Request) -> web.Response:
        """A ticket, good for one connection."""
        self.tickets += 1
        return web.json_response({"ok": True, "url": f"ws://{request.host}/link?ticket={self.tickets}"})

    async def linked(self, request: web.Request) -> web.StreamResponse:
        """The connection."""
        self.used.append(request.query["ticket"])
        if self.mode == "refuses":
            return web.Response(status=403)
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        async for message in socket:
            if message.type is WSMsgType.CLOSE:
                break
        return socket


@pytest.mark.parametrize("mode", ["refuses", "falls silent"])
def test_a_connection_that_is_refused_or_falls_silent_is_replaced_by_one_with_a_new_ticket(mode: str) -> None:
    """The SDK alone would try the same ticket for ever, or believe a dead connection."""

    async def run() -> None:
        odd, app = Odd(mode), web.Application()
        app.router.add_post("/api/apps.connections.open", odd.opened)
        app.router.add_get("/link", odd.linked)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            async with connected(f"http://127.0.0.1:{runner.addresses[0][1]}/api", Taken()):
                await wait_for(lambda: odd.tickets >= 3)
            assert len(set(odd.used)) >= 2
        finally:
            await runner.cleanup()

    with logged_elsewhere() as logged:
        asyncio.run(run())
    assert "ticket=" not in logged.getvalue()
    assert WORKSPACE.app_token not in logged.getvalue()
