"""What the page shows of the Slack workspace, and the form by which a person clicks there."""

from __future__ import annotations

import asyncio
import re
from html import unescape
from typing import Any
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from oncall.sandbox.blocks import elements_of
from oncall.sandbox.forms import back, field, form_route, said
from oncall.sandbox.slack_hooks import SlackHooks
from oncall.sandbox.state import State
from oncall.sandbox.workspace import SlackMessage, Workspace

Json = dict[str, Any]
SHOWN = 20
"""Messages of a channel on the page, the newest; with their threads."""
LONGEST_CLICK, LONGEST_USER = 2000, 40
WAITS_S = 4.0
"""Real seconds: a little longer than Slack gives the app to answer."""
LINK = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")
EMPHASIS = re.compile(r"(?<![\w*_~])([*_~])(?=\S)([^\n*_~]+)(?<=\S)\1(?![\w*_~])")


class SlackPage:
    """The workspace on the page."""

    def __init__(self, state: State, workspace: Workspace, hooks: SlackHooks) -> None:
        self._state = state
        self._workspace = workspace
        self._hooks = hooks
        self._names = {one.id: one.name for one in workspace.members}

    def routes(self) -> list[BaseRoute]:
        """The route of the one form."""
        return [form_route("/slack/click", self._click)]

    def shown(self) -> Json:
        """Everything the page shows of it."""
        return {
            "members": self._workspace.members,
            "channel": self._channel(self._workspace.keys.channel),
            "direct": [{"of": one, "messages": self._channel(one.dm)} for one in self._workspace.members],
        }

    def _channel(self, channel: str) -> list[Json]:
        """The newest messages of a channel with their threads, the oldest first."""
        seen = self._workspace.seen(channel)
        heads = [one for one in seen if not one.thread_ts or one.thread_ts == one.ts][-SHOWN:]
        return [{**self._message(head), "replies": [self._message(one) for one in seen if head.ts == one.thread_ts != one.ts]} for head in heads]

    def _message(self, message: SlackMessage) -> Json:
        """A message for the page."""
        blocks = [self._block(message, block) for block in message.blocks]
        return {
            "id": f"slack-{message.channel}-{message.ts}".replace(".", "-"),
            "at": float(message.ts),
            "text": plain(message.text, self._names),
            "blocks": blocks,
            "only_for": self._names.get(message.only_for, message.only_for),
            "edited": message.edited,
        }

    def _block(self, message: SlackMessage, block: Json) -> Json:
        """A block as lines and buttons."""
        texts = [block["text"]] if block.get("text") else []
        texts += block.get("fields") or []
        texts += block["elements"] if block["type"] == "context" else []
        return {
            "type": block["type"],
            "texts": [plain(each["text"], self._names) if each["type"] == "mrkdwn" else each["text"] for each in texts],
            # What one person alone sees is an answer; Slack sends no message along when it is clicked.
            "buttons": [] if message.ephemeral else [button for each in elements_of(block) for button in self._buttons(message, block, each)],
        }

    def _buttons(self, message: SlackMessage, block: Json, element: Json) -> list[Json]:
        """The button of an element, or one for each entry of an overflow menu."""
        place = "|".join(quote(each, safe="") for each in (message.channel, message.ts, block["block_id"], element["action_id"]))
        name = f"slack-{element['action_id']}"
        if element["type"] == "overflow":
            return [
                {"label": each["text"]["text"], "click": f"{place}|{number}", "testid": f"{name}-{number}", "style": "", "confirm": None, "url": ""}
                for number, each in enumerate(element["options"])
            ]
        confirm = element.get("confirm")
        asked = confirm and {key: plain(confirm[key]["text"], self._names) for key in ("title", "text", "confirm")}
        shared = {"style": element.get("style", ""), "confirm": asked, "url": element.get("url", "")}
        return [{"label": element["text"]["text"], "click": f"{place}|0", "testid": name, **shared}]

    async def _click(self, request: Request) -> Response:
        """Somebody clicks a button; one that is no longer there, because the message changed meanwhile, does nothing."""
        by, click = await field(request, "by", LONGEST_USER), await field(request, "click", LONGEST_CLICK)
        parts = [unquote(each) for each in click.split("|")]
        if len(parts) != 5 or not (parts[4].isascii() and parts[4].isdigit() and len(parts[4]) < 3):
            return said(400, "this is no click on a button of the workspace")
        message = self._workspace.find(parts[0], parts[1])
        if message is None:
            return said(404, "there is no such message")
        clicked = self._state.beside(self._hooks.click(message, parts[3], by, option=int(parts[4]), block_id=parts[2]))
        # A click that is late on purpose goes on by itself; the page does not wait for it.
        await asyncio.wait((clicked,), timeout=WAITS_S)
        wrong = clicked.exception() if clicked.done() and not clicked.cancelled() else None
        return said(404, str(wrong)) if isinstance(wrong, LookupError) else back("slack")


def plain(text: str, names: dict[str, str]) -> str:
    """Slack's marks as plain words: people by name, links with their address, no stars; the page escapes what comes of it."""

    def linked(found: re.Match[str]) -> str:
        target, label = found.group(1), found.group(2)
        if target.startswith("@"):
            return f"@{names.get(target[1:], label or target[1:])}"
        if target.startswith("#"):
            return f"#{label or target[1:]}"
        if target.startswith("!"):
            return f"@{label or target[1:].partition('^')[0]}"
        return f"{label} ({target})" if label else target

    return unescape(EMPHASIS.sub(r"\2", LINK.sub(linked, text)))
