"""Clicks in the Slack workspace: through the socket if an app is connected, else signed as Slack signs them; and what the app answers to a click."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import aiohttp
import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from oncall.sandbox.blocks import elements_of
from oncall.sandbox.slack_api import SlackRefused, arguments, contents, true
from oncall.sandbox.socket_mode import ACK_WITHIN_S, SocketMode
from oncall.sandbox.state import State
from oncall.sandbox.webhooks import Webhooks
from oncall.sandbox.workspace import APP, TEAM, Member, SlackMessage, Workspace, new_id

log = structlog.get_logger(__name__)

Json = dict[str, Any]
USES, LASTS = 5, timedelta(minutes=30)
"""How often and how long an app may answer to one click."""
MOST_OPEN = 500
NO_ANSWER = "The app did not answer to your click."
"""What Slack shows to whoever clicked, in its own words."""


@dataclass(slots=True, kw_only=True)
class Reply:
    """Where the app may answer to one click: to whom, to which message, how often yet, until when."""

    user: str
    message: SlackMessage
    left: int
    until: datetime


class SlackHooks:
    """Clicks, and the answers to them. `url` is where the sandbox itself listens."""

    def __init__(
        self, state: State, workspace: Workspace, sockets: SocketMode, webhooks: Webhooks, now: Callable[[], datetime], url: Callable[[], str]
    ) -> None:  # fmt: skip
        self._state = state
        self._workspace = workspace
        self._sockets = sockets
        self._webhooks = webhooks
        self._now = now
        self._url = url
        self._replies: OrderedDict[str, Reply] = OrderedDict()

    def routes(self) -> list[Route]:
        """The route on which the app answers to a click."""
        return [Route("/slack/response/{token}", self._respond, methods=["POST"])]

    async def click(self, message: SlackMessage, action_id: str, by: str, *, option: int = 0, block_id: str = "") -> int:
        """A member clicks; the HTTP status of the app's answer, 200 if it acknowledged over the socket, 0 if it did not answer.

        `option` says which entry of an overflow menu. LookupError: the message has no such button, or the workspace no such member.
        """
        member = self._workspace.member(by)
        if member is None:
            raise LookupError(f"{by} is nobody in this workspace")
        payload = self._payload(message, self._action(message, action_id, option, block_id), member)
        wrong = self._state.misbehaviour["slack"]
        await self._state.pass_by(wrong.late_s)
        if not wrong.deliver:
            return 0
        statuses = [await self._delivered(payload) for _ in range(wrong.receipts_times)]
        if not 200 <= statuses[0] < 300:
            self._tell(message, by, f"{NO_ANSWER} ({statuses[0]})" if statuses[0] else NO_ANSWER)
        return statuses[0]

    def _action(self, message: SlackMessage, action_id: str, option: int, block_id: str) -> Json:
        """What was clicked, as Slack tells it."""
        for block in message.blocks:
            for element in elements_of(block):
                if element["action_id"] == action_id and block_id in {"", block["block_id"]}:
                    shared = {"action_id": action_id, "block_id": block["block_id"], "type": element["type"], "action_ts": self._workspace.next_ts()}
                    if element["type"] == "overflow":
                        return {**shared, "selected_option": element["options"][option]}
                    return {**shared, "text": element["text"], **({"value": element["value"]} if "value" in element else {})}
        raise LookupError(f"the message has nothing to click that is called {action_id}")

    def _payload(self, message: SlackMessage, action: Json, member: Member) -> Json:
        """An interaction as Slack tells it, with a way to answer."""
        token = new_id("")
        self._replies[token] = Reply(user=member.id, message=message, left=USES, until=self._now() + LASTS)
        while len(self._replies) > MOST_OPEN:
            self._replies.popitem(last=False)
        direct = message.channel.startswith("D")
        return {
            "type": "block_actions",
            "user": {"id": member.id, "username": member.handset, "name": member.handset, "team_id": TEAM},
            "api_app_id": APP,
            "token": "deprecated",
            "container": {"type": "message", "message_ts": message.ts, "channel_id": message.channel, "is_ephemeral": message.ephemeral},
            "trigger_id": new_id(""),
            "team": {"id": TEAM, "domain": "sandbox"},
            "enterprise": None,
            "is_enterprise_install": False,
            "channel": {"id": message.channel, "name": "directmessage" if direct else "on-call"},
            **({} if message.ephemeral else {"message": self._workspace.shown(message)}),
            "state": {"values": {}},
            "response_url": f"{self._url()}/slack/response/{token}",
            "actions": [action],
        }

    async def _delivered(self, payload: Json) -> int:
        """The interaction at the app, by the way that is open."""
        if self._sockets.connections:
            return 200 if await self._sockets.deliver(payload) else 0
        return await self._posted(payload) if self._webhooks.daemon_url else 0

    async def _posted(self, payload: Json) -> int:
        """The interaction as a signed POST; the HTTP status, 0 without an answer in time."""
        body = urlencode({"payload": json.dumps(payload)}).encode()
        at = str(int(self._now().timestamp()))
        made = hmac.new(self._workspace.keys.signing_secret.encode(), b"v0:" + at.encode() + b":" + body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": at,
            "X-Slack-Signature": f"v0={made}",
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        }
        url = f"{self._webhooks.daemon_url}/slack/interactivity"
        patience = aiohttp.ClientTimeout(total=ACK_WITHIN_S)
        try:
            async with self._webhooks.session().post(url, data=body, headers=headers, timeout=patience, allow_redirects=False) as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            log.warning("the daemon did not take a click of the sandbox", error=type(error).__name__)
            return 0

    def _tell(self, message: SlackMessage, user: str, text: str, blocks: list[Json] | None = None) -> None:
        """Shows something to one person alone."""
        self._workspace.post(
            SlackMessage(
                channel=message.channel, ts=self._workspace.next_ts(), text=text, blocks=blocks or [], only_for=user, thread_ts=message.thread_ts
            )
        )

    async def _respond(self, request: Request) -> Response:
        """POST to a response_url: an answer for whoever clicked, one for everybody, or in the place of the message."""
        reply = self._replies.get(request.path_params["token"])
        if reply is None or reply.until < self._now():
            return PlainTextResponse("expired_url", status_code=404)
        if not reply.left:
            return PlainTextResponse("used_url", status_code=404)
        try:
            given = await arguments(request)
            text, blocks, _ = contents(given)
            if not text and not blocks:
                raise SlackRefused("no_text")
        except SlackRefused as refusal:
            return PlainTextResponse(str(refusal), status_code=400)
        reply.left -= 1
        message = reply.message
        if true(given.get("replace_original")):
            self._workspace.update(message, text, blocks if blocks is not None else [])
        elif given.get("response_type") == "in_channel":
            ts = self._workspace.next_ts()
            self._workspace.post(SlackMessage(channel=message.channel, ts=ts, text=text or "", blocks=blocks or [], thread_ts=message.thread_ts))
        else:
            self._tell(message, reply.user, text or "", blocks)
        return PlainTextResponse("ok")
