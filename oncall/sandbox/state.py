"""What the sandbox remembers: messages, who opted out, and what the carrier does wrong on purpose; all in memory, bounded."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

T = TypeVar("T")
MESSAGES_KEPT = 2000
"""The oldest messages fall out; a demo never gets there, a soak test must not grow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handset:
    """Somebody's telephone on the page."""

    id: str
    name: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """The account, its token and our two numbers."""

    account_sid: str
    auth_token: str
    staff: str
    customers: str


@dataclass(slots=True, kw_only=True)
class Text:
    """A message. `inbound`: from a handset to us. `status` is Twilio's word for it; `error_code` its reason, 0 for none."""

    sid: str
    at: datetime
    sender: str
    to: str
    body: str
    inbound: bool
    status: str = "queued"
    callback: str = ""
    error_code: int = 0


@dataclass(slots=True)
class Misbehaviour:
    """What goes wrong with the next messages; tests set it, and what is not set works.

    `refuse`: HTTP status and error code, before the message is accepted. `hang_s` and `lose_answer` come after it was accepted.
    `deliver`: False leaves it at `sent` for ever. `fail_later`: the error code with which it ends `undelivered`.
    """

    refuse: tuple[int, int] | None = None
    hang_s: float = 0.0
    lose_answer: bool = False
    deliver: bool = True
    receipts_times: int = 1
    receipts_reversed: bool = False
    fail_later: int = 0


@dataclass(slots=True)
class State:
    """The sandbox's memory. `changed` wakes whoever shows it; `stopping` ends what would wait longer than the sandbox stands.

    `said` is what the daemon said to the last report.
    """

    texts: deque[Text] = field(default_factory=lambda: deque(maxlen=MESSAGES_KEPT))
    opted_out: set[tuple[str, str]] = field(default_factory=set)
    misbehaviour: Misbehaviour = field(default_factory=Misbehaviour)
    said: str = ""
    version: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, text: Text) -> Text:
        """Keeps a message."""
        self.texts.append(text)
        self.touch()
        return text

    def touch(self) -> None:
        """Something changed: wakes everybody who waits for it."""
        self.version += 1
        self.changed.set()
        self.changed = asyncio.Event()

    async def before_stop(self, work: Coroutine[Any, Any, T], within_s: float | None = None) -> T | None:
        """What `work` gives; None if the sandbox stops or `within_s` real seconds pass before it ends."""
        task, stop = asyncio.create_task(work), asyncio.create_task(self.stopping.wait())
        try:
            await asyncio.wait((task, stop), timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
            return task.result() if task.done() else None
        finally:
            task.cancel()
            stop.cancel()

    def of(self, number: str) -> list[Text]:
        """The thread of a handset, oldest first."""
        return [text for text in self.texts if number in {text.sender, text.to}]

    def find(self, sid: str) -> Text | None:
        """The message with this id."""
        return next((text for text in self.texts if text.sid == sid), None)


def new_sid() -> str:
    """An id as Twilio gives them."""
    return f"SM{secrets.token_hex(16)}"
