"""Clicks over Socket Mode: decided, then acknowledged; and a new client whenever a connection is refused, silent or asked to end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import WSMsgType, web

from oncall.daemon import slack_socket
from oncall.daemon.slack_socket import SlackSocket
from oncall.sandbox import SlackMessage
from oncall.store import StoreUnavailable
from tests.sandbox.standing import BEN, WORKSPACE, Standing, play, wait_for
from tests.sandbox.test_slack_api import BLOCKS, CHANNEL
from tests.sandbox.test_slack_api import web as sdk
from tests.web.standing import logged_elsewhere


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same order of things at a fraction of the pace."""
    monkeypatch.setattr(slack_socket, "PING_EVERY_S", 0.4)
    monkeypatch.setattr(slack_socket, "CONNECT_WITHIN_S", 0.3)
    monkeypatch.setattr(slack_socket, "HELLO_WITHIN_S", 0.3)
    monkeypatch.setattr(slack_socket, "LOOK_EVERY_S", 0.02)
    monkeypatch.setattr(slack_socket, "BACKOFF_S", 0.02)


@dataclass
class Desk:
    """What stands in the engine's place: it remembers the clicks, and fails as a test wants."""

    clicks: list[Mapping[str, Any]] = field(default_factory=list)
    error: Exception | None = None

    async def clicked(self, payload: Mapping[str, Any]) -> str:
        """A click."""
        self.clicks.append(payload)
        if self.error is not None:
            raise self.error
        return "It is yours."

    async def commanded(self, payload: Mapping[str, Any]) -> str:
        """A slash command."""
        if self.error is not None:
            raise self.error
        return f"you said {payload['type']}"


@asynccontextmanager
async def listening(api_base: str, desk: Desk) -> AsyncIterator[SlackSocket]:
    """The part that hears clicks, while it runs."""
    one = SlackSocket(app_token=WORKSPACE.app_token, api_base=api_base, clicked=desk.clicked, commanded=desk.commanded)
    task = asyncio.create_task(one.run())
    try:
        yield one
    finally:
        one.stop()
        await task


async def posted(here: Standing) -> SlackMessage:
    """A message with a button in the channel."""
    await sdk(here).chat_postMessage(channel=CHANNEL, text="SEV1", blocks=BLOCKS)
    return here.sandbox.slack_messages(CHANNEL)[-1]


def in_workspace(story: Callable[[Standing, Desk], Awaitable[None]]) -> None:
    """Runs a story in the sandbox's workspace, with a client connected."""

    async def told(here: Standing) -> None:
        desk = Desk()
        async with listening(f"{here.url}/api", desk):
            await wait_for(lambda: here.sandbox.slack_connections == 1)
            await story(here, desk)

    with logged_elsewhere():
        play(told)


def test_a_click_is_decided_and_acknowledged_over_the_socket() -> None:
    async def story(here: Standing, desk: Desk) -> None:
        assert await here.sandbox.click(await posted(here), "oncall_take", BEN.slack) == 200
        (click,) = desk.clicks
        assert (click["type"], click["user"]["id"], click["actions"][0]["action_id"]) == ("block_actions", BEN.slack, "oncall_take")

    in_workspace(story)


@pytest.mark.parametrize("error", [StoreUnavailable("the disk is full"), RuntimeError("a mistake of ours")])
def test_what_could_not_be_decided_is_not_acknowledged_and_the_next_click_is(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Slack shows its failure to whoever clicked (decisions.md 37), and the connection goes on."""
    monkeypatch.setattr("oncall.sandbox.socket_mode.ACK_WITHIN_S", 0.3)

    async def story(here: Standing, desk: Desk) -> None:
        message, desk.error = await posted(here), error
        assert await here.sandbox.click(message, "oncall_take", BEN.slack) == 0
        desk.error = None
        assert await here.sandbox.click(message, "oncall_take", BEN.slack) == 200
        assert len(desk.clicks) == 2

    in_workspace(story)


def test_when_slack_asks_to_come_again_a_new_client_hears_the_next_click() -> None:
    async def story(here: Standing, desk: Desk) -> None:
        for reason in ("warning", "refresh_requested"):
            await here.sandbox.slack_reconnect(reason)
            await wait_for(lambda: here.sandbox.slack_connections == 1)
            assert await here.sandbox.click(await posted(here), "oncall_take", BEN.slack) == 200
        assert len(desk.clicks) == 2

    in_workspace(story)


def test_after_the_stop_nobody_is_connected() -> None:
    async def told(here: Standing) -> None:
        async with listening(f"{here.url}/api", Desk()):
            await wait_for(lambda: here.sandbox.slack_connections == 1)
        await wait_for(lambda: here.sandbox.slack_connections == 0)

    with logged_elsewhere():
        play(told)


@dataclass
class Moody:
    """A Slack with moods: what it does with the next connections, one after another; after the last mood it is a good one."""

    moods: list[str]
    url: str = ""
    opened: int = 0
    tickets: list[str] = field(default_factory=list)
    links: list[web.WebSocketResponse] = field(default_factory=list)
    said: list[dict[str, Any]] = field(default_factory=list)

    async def open(self, request: web.Request) -> web.Response:
        """apps.connections.open."""
        assert request.headers["Authorization"] == f"Bearer {WORKSPACE.app_token}"
        self.opened += 1
        if self.mood(self.opened) == "no ticket":
            return web.json_response({"ok": False, "error": "invalid_auth"})
        return web.json_response({"ok": True, "url": f"{self.url.replace('http', 'ws')}/link?ticket=t{self.opened}"})

    async def link(self, request: web.Request) -> web.StreamResponse:
        """A connection."""
        ticket = request.query["ticket"]
        self.tickets.append(ticket)
        mood = self.mood(int(ticket[1:]))
        if mood == "refused":
            return web.Response(status=403)
        link = web.WebSocketResponse(autoping=mood == "good")
        await link.prepare(request)
        self.links.append(link)
        if mood != "no hello":
            await link.send_json({"type": "hello"})
        if mood == "closed":
            await link.close()
        async for message in link:
            if message.type is WSMsgType.TEXT:
                self.said.append(json.loads(message.data))
        return link

    def mood(self, nth: int) -> str:
        """What happens to the connection with the n-th ticket."""
        return self.moods[nth - 1] if nth <= len(self.moods) else "good"

    async def greeted(self) -> web.WebSocketResponse:
        """The connection of the first good mood."""
        await wait_for(lambda: f"t{len(self.moods) + 1}" in self.tickets)
        await asyncio.sleep(0.1)
        return self.links[-1]


def with_moods(story: Callable[[Moody, Desk], Awaitable[None]], *moods: str) -> str:
    """Runs a story with a moody Slack; what was logged."""

    async def run() -> None:
        slack, desk, app = Moody(list(moods)), Desk(), web.Application()
        app.router.add_post("/api/apps.connections.open", slack.open)
        app.router.add_get("/link", slack.link)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        slack.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            async with listening(f"{slack.url}/api", desk):
                await story(slack, desk)
        finally:
            await runner.cleanup()

    with logged_elsewhere() as said:
        asyncio.run(run())
    return said.getvalue()


async def click(link: web.WebSocketResponse, kind: str = "interactive") -> None:
    """An envelope from Slack."""
    await link.send_json({"envelope_id": f"e-{kind}", "type": kind, "accepts_response_payload": True, "payload": {"type": "block_actions"}})


@pytest.mark.parametrize("mood", ["refused", "no ticket", "no hello", "silent", "closed"])
def test_after_trouble_a_new_client_with_a_new_ticket_hears_clicks(mood: str) -> None:
    """A ticket is good for one connection: the SDK alone would try the used one for ever (telephony.md 0.6)."""

    async def story(slack: Moody, desk: Desk) -> None:
        link = await slack.greeted()
        await click(link)
        await wait_for(lambda: slack.said)
        assert (slack.said, len(desk.clicks)) == ([{"envelope_id": "e-interactive"}], 1)
        assert len(slack.tickets) == len(set(slack.tickets)), "no ticket is used twice"

    with_moods(story, mood, mood)


def test_trouble_is_logged_once_and_without_tickets_or_tokens() -> None:
    async def story(slack: Moody, desk: Desk) -> None:
        await slack.greeted()

    said = with_moods(story, *["refused"] * 5)
    assert said.count("clicks in Slack cannot be heard over Socket Mode") == 1
    assert [secret for secret in ("ticket", "xapp-") if secret in said] == []


def test_slack_that_is_not_there_ends_nothing_and_a_stop_is_quick() -> None:
    async def run() -> None:
        async with listening("http://127.0.0.1:9/api", Desk()) as one:
            await asyncio.sleep(0.2)
            one.stop()

    with logged_elsewhere() as said:
        asyncio.run(run())
    assert "cannot be heard" in said.getvalue()


def test_a_command_that_was_not_stored_is_not_acknowledged() -> None:
    """Slack shows its failure to whoever typed it."""

    async def story(slack: Moody, desk: Desk) -> None:
        link, desk.error = await slack.greeted(), StoreUnavailable("the disk is full")
        await click(link, "slash_commands")
        await click(link, "events_api")
        await wait_for(lambda: slack.said)
        assert [one["envelope_id"] for one in slack.said] == ["e-events_api"]

    with_moods(story)


def test_a_command_is_answered_with_its_acknowledgement_and_an_event_is_only_acknowledged() -> None:
    async def story(slack: Moody, desk: Desk) -> None:
        link = await slack.greeted()
        await click(link, "slash_commands")
        await click(link, "events_api")
        await wait_for(lambda: len(slack.said) == 2)
        answers = {one["envelope_id"]: one.get("payload", {}).get("text", "") for one in slack.said}
        assert answers["e-slash_commands"] == "you said block_actions"
        assert answers["e-events_api"] == ""
        assert desk.clicks == []

    with_moods(story)
