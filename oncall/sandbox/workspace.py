"""The Slack workspace in memory: who is in it, what was posted where, and what only one person sees."""

from __future__ import annotations

import hashlib
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from oncall.sandbox.blocks import with_ids
from oncall.sandbox.state import MESSAGES_KEPT, Handset, SlackWorkspace, State

LONGEST_TEXT = 40_000
"""Slack cuts longer texts off."""
APP, BOT, BOT_USER, TEAM = "A0SANDBOX0", "B0SANDBOX0", "U0SANDBOX0", "T0SANDBOX0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody in the workspace."""

    id: str
    handset: str
    name: str
    email: str

    @property
    def dm(self) -> str:
        """The channel in which the app talks to nobody else."""
        return f"D{self.id[1:]}"


@dataclass(slots=True, kw_only=True)
class SlackMessage:
    """A message of the app. `only_for`: the user id of the one person who sees it, '' for everybody. `edited`: how often it was.

    `under_way`: nobody sees it yet, because it is late on purpose.
    """

    channel: str
    ts: str
    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    thread_ts: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)
    only_for: str = ""
    edited: int = 0
    under_way: bool = False

    @property
    def ephemeral(self) -> bool:
        """Whether one person alone sees it."""
        return bool(self.only_for)


class Workspace:
    """Members, channels and messages."""

    def __init__(self, keys: SlackWorkspace, state: State, handsets: list[Handset], now: Callable[[], datetime]) -> None:
        self.keys = keys
        self.members = [
            Member(id=one.slack or user_id(one.email), handset=one.id, name=one.name, email=one.email) for one in handsets if one.email or one.slack
        ]
        self._messages: deque[SlackMessage] = deque(maxlen=MESSAGES_KEPT)
        self._state = state
        self._now = now
        self._last_us = 0

    def member(self, user: str) -> Member | None:
        """The member with this user id."""
        return next((one for one in self.members if one.id == user), None)

    def channel(self, name: str) -> str:
        """The id of a channel, or of the direct messages with a user; '' if there is none."""
        known = {self.keys.channel, *(one.dm for one in self.members)}
        direct = {one.id: one.dm for one in self.members}
        return name if name in known else direct.get(name, "")

    def post(self, message: SlackMessage) -> SlackMessage:
        """Keeps a new message."""
        message.text, message.blocks = message.text[:LONGEST_TEXT], with_ids(message.blocks)
        self._messages.append(message)
        self._state.touch()
        return message

    def update(self, message: SlackMessage, text: str | None, blocks: list[dict[str, Any]] | None, metadata: dict[str, Any] | None = None) -> None:
        """Changes a message; what is None stays as it is, as with Slack."""
        message.text = message.text if text is None else text[:LONGEST_TEXT]
        message.blocks = message.blocks if blocks is None else with_ids(blocks)
        message.metadata = message.metadata if metadata is None else metadata
        message.edited += 1
        self._state.touch()

    def arrived(self, message: SlackMessage) -> None:
        """A late message is seen from now on."""
        message.under_way = False
        self._state.touch()

    def find(self, channel: str, ts: str) -> SlackMessage | None:
        """The message that was posted there then."""
        return next((one for one in self._messages if one.channel == channel and one.ts == ts), None)

    def seen(self, channel: str) -> list[SlackMessage]:
        """The messages of a channel, oldest first, with what only one person sees."""
        return [one for one in self._messages if one.channel == channel and not one.under_way]

    def next_ts(self) -> str:
        """The time of a message, which is its id too: no two are the same."""
        self._last_us = max(self._last_us + 1, int(self._now().timestamp() * 1_000_000))
        return f"{self._last_us // 1_000_000}.{self._last_us % 1_000_000:06d}"

    def shown(self, message: SlackMessage, *, metadata: bool = False) -> dict[str, Any]:
        """A message as Slack's API shows it."""
        return {
            "type": "message",
            "user": BOT_USER,
            "bot_id": BOT,
            "app_id": APP,
            "team": TEAM,
            "ts": message.ts,
            "text": message.text,
            "blocks": message.blocks,
            **({"thread_ts": message.thread_ts} if message.thread_ts else {}),
            **({"edited": {"user": BOT_USER, "ts": f"{message.ts.partition('.')[0]}.{message.edited:06d}"}} if message.edited else {}),
            **({"metadata": message.metadata} if metadata and message.metadata else {}),
        }

    def user(self, member: Member) -> dict[str, Any]:
        """A member as Slack's API shows them."""
        profile = {"email": member.email, "real_name": member.name, "display_name": member.handset, "team": TEAM}
        return {
            "id": member.id,
            "team_id": TEAM,
            "name": member.handset,
            "real_name": member.name,
            "deleted": False,
            "is_bot": False,
            "profile": profile,
        }


def user_id(email: str) -> str:
    """A user id that is always the same for one address."""
    return f"U{hashlib.sha256(email.casefold().encode()).hexdigest()[:10].upper()}"


def new_id(kind: str) -> str:
    """An id that nobody can guess."""
    return f"{kind}{secrets.token_hex(16)}"
