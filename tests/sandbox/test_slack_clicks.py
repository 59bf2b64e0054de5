"""Clicks in the Slack workspace: signed over HTTP or acknowledged over the socket, and what the app may answer to each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from slack_sdk.signature import Clock, SignatureVerifier
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from oncall.sandbox import SlackMessage
from tests.sandbox.standing import BEN, NIGHT, WORKSPACE, Standing, play, wait_for
from tests.sandbox.test_slack_api import BLOCKS, CHANNEL, PLAIN, web

HOOK = "/slack/interactivity"
OVERFLOW = {"type": "overflow", "action_id": "oncall_more", "options": [{"text": PLAIN, "value": "snooze"}, {"text": PLAIN, "value": "pass"}]}


class Night(Clock):
    """The clock of the sandbox, for whoever checks its signatures."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return NIGHT.timestamp()


async def posted(here: Standing, **more: Any) -> SlackMessage:
    """A message with a button in the channel."""
    await web(here).chat_postMessage(**{"channel": CHANNEL, "text": "SEV1", "blocks": BLOCKS, **more})
    return here.sandbox.slack_messages(CHANNEL)[-1]


@asynccontextmanager
async def connected(here: Standing, *, answers: bool = True) -> AsyncIterator[tuple[SocketModeClient, list[SocketModeRequest]]]:
    """The real Socket Mode client, with what it heard."""
    heard: list[SocketModeRequest] = []

    async def hear(client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        heard.append(request)
        if answers:
            await client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))

    client = SocketModeClient(app_token=WORKSPACE.app_token, web_client=web(here, ""), ping_interval=0.2)
    client.socket_mode_request_listeners.append(hear)
    await client.connect()  # type: ignore[no-untyped-call]  # the SDK has no type there
    try:
        yield client, heard
    finally:
        await client.close()  # type: ignore[no-untyped-call]  # the SDK has no type there
        await asyncio.gather(
            client.message_processor, *filter(None, (client.current_session_monitor, client.message_receiver)), return_exceptions=True
        )


def test_a_click_is_signed_and_says_who_clicked_what() -> None:
    async def story(here: Standing) -> None:
        message = await posted(here)
        assert await here.sandbox.click(message, "oncall_take", BEN.slack) == 200
        (call,) = here.daemon.to(HOOK)
        verifier = SignatureVerifier(WORKSPACE.signing_secret, Night())
        assert verifier.is_valid_request(call.body["raw"], call.headers)
        assert not SignatureVerifier("x" * 32, Night()).is_valid_request(call.body["raw"], call.headers)
        assert (call.body["type"], call.body["user"]["id"], call.body["user"]["username"]) == ("block_actions", BEN.slack, "ben")
        (action,) = call.body["actions"]
        assert (action["action_id"], action["block_id"], action["type"], action["value"]) == (
            "oncall_take", "oncall_actions", "button", '{"i":1001,"v":1}',
        )  # fmt: skip
        assert action["action_ts"]
        assert (call.body["channel"]["id"], call.body["message"]["ts"], call.body["container"]["message_ts"]) == (CHANNEL, message.ts, message.ts)
        assert call.body["message"]["blocks"][2]["block_id"] == "oncall_actions"
        assert {"api_app_id", "team", "trigger_id", "token", "response_url"} <= set(call.body)

    play(story)


def test_an_entry_of_a_menu_is_told_as_the_chosen_option() -> None:
    async def story(here: Standing) -> None:
        message = await posted(here, blocks=[{"type": "actions", "elements": [OVERFLOW]}])
        await here.sandbox.click(message, "oncall_more", BEN.slack, option=1)
        (action,) = here.daemon.to(HOOK)[0].body["actions"]
        assert (action["type"], action["selected_option"]["value"]) == ("overflow", "pass")

    play(story)


def test_nobody_clicks_what_is_not_there() -> None:
    async def story(here: Standing) -> None:
        message = await posted(here)
        for action, by in (("oncall_other", BEN.slack), ("oncall_take", "U0NOBODY00")):
            with pytest.raises(LookupError):
                await here.sandbox.click(message, action, by)
        assert here.daemon.to(HOOK) == []

    play(story)


def test_an_app_that_fails_is_shown_to_the_person_as_slack_does() -> None:
    async def story(here: Standing) -> None:
        message = await posted(here)
        here.daemon.status = 503
        assert await here.sandbox.click(message, "oncall_take", BEN.slack) == 503
        here.sandbox.daemon_at("http://127.0.0.1:9")
        assert await here.sandbox.click(message, "oncall_take", BEN.slack) == 0
        told = here.sandbox.slack_messages(CHANNEL)[1:]
        assert [(each.only_for, each.text) for each in told] == [
            (BEN.slack, "The app did not answer to your click. (503)"), (BEN.slack, "The app did not answer to your click."),
        ]  # fmt: skip

    play(story)


def test_the_answer_to_a_click_is_for_that_person_or_for_all_or_in_the_messages_place() -> None:
    async def story(here: Standing) -> None:
        message = await posted(here)
        await here.sandbox.click(message, "oncall_take", BEN.slack)
        url = here.daemon.to(HOOK)[0].body["response_url"]
        assert url.startswith(here.url)
        for given in (
            {"text": "Ana took it"},
            {"text": "Ben asks", "response_type": "in_channel"},
            {"text": "Taken", "replace_original": True, "blocks": []},
        ):
            async with here.session.post(url, json=given) as answer:
                assert answer.status == 200
        shown = here.sandbox.slack_messages(CHANNEL)
        assert [(each.text, each.only_for) for each in shown] == [("Taken", ""), ("Ana took it", BEN.slack), ("Ben asks", "")]
        async with here.session.post(url, json={"text": ""}) as answer:
            assert (answer.status, await answer.text()) == (400, "no_text")
        for status in (200, 200, 404):
            async with here.session.post(url, json={"text": "again"}) as answer:
                assert answer.status == status
        async with here.session.post(f"{here.url}/slack/response/guessed", json={"text": "x"}) as answer:
            assert answer.status == 404

    play(story)


def test_a_click_goes_through_the_socket_and_is_acknowledged() -> None:
    async def story(here: Standing) -> None:
        message = await posted(here)
        async with connected(here) as (_, heard):
            assert await here.sandbox.click(message, "oncall_take", BEN.slack) == 200
        (request,) = heard
        assert (request.type, request.payload["user"]["id"], request.accepts_response_payload) == ("interactive", BEN.slack, False)
        assert here.daemon.to(HOOK) == []
        # The client is gone, so the way by HTTP is open again.
        assert await here.sandbox.click(message, "oncall_take", BEN.slack) == 200
        assert len(here.daemon.to(HOOK)) == 1

    play(story)


def test_a_click_that_is_not_acknowledged_is_not_sent_again() -> None:
    async def story(here: Standing) -> None:
        message = await posted(here)
        async with connected(here, answers=False) as (_, heard):
            assert await here.sandbox.click(message, "oncall_take", BEN.slack) == 0
        assert len(heard) == 1
        assert here.sandbox.slack_messages(CHANNEL)[-1].text == "The app did not answer to your click."

    play(story)


def test_the_client_comes_again_when_slack_asks_it_to() -> None:
    async def story(here: Standing) -> None:
        message = await posted(here)
        async with connected(here) as (client, heard):
            before = client.current_session
            await here.sandbox.slack_reconnect()
            await wait_for(lambda: client.current_session is not before)
            await wait_for(lambda: here.sandbox.slack_connections == 1)
            assert await here.sandbox.click(message, "oncall_take", BEN.slack) == 200
            assert len(heard) == 1

    play(story)


def test_it_stops_at_once_with_a_socket_open() -> None:
    async def story(here: Standing) -> None:
        url = (await web(here, "").apps_connections_open(app_token=WORKSPACE.app_token))["url"]
        async with here.session.ws_connect(url) as socket:
            assert (await socket.receive_json())["type"] == "hello"
            stopping = asyncio.create_task(here.sandbox.stop())
            assert (await socket.receive()).type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED}
            async with asyncio.timeout(2.5):
                await stopping

    play(story)


def test_a_ticket_is_good_for_one_connection() -> None:
    async def story(here: Standing) -> None:
        url = (await web(here, "").apps_connections_open(app_token=WORKSPACE.app_token))["url"]
        async with here.session.ws_connect(url) as socket:
            assert (await socket.receive_json())["type"] == "hello"
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await here.session.ws_connect(url)

    play(story)


def test_a_click_comes_twice_or_late_or_never_when_told_so() -> None:
    async def story(here: Standing) -> None:
        message, wrong = await posted(here), here.sandbox.slack_misbehaviour
        wrong.receipts_times = 2
        await here.sandbox.click(message, "oncall_take", BEN.slack)
        first, second = here.daemon.to(HOOK)
        assert first.body["actions"] == second.body["actions"]
        wrong.receipts_times, wrong.deliver = 1, False
        assert await here.sandbox.click(message, "oncall_take", BEN.slack) == 0
        assert len(here.daemon.to(HOOK)) == 2

    play(story)
