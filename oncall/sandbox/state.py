"""What the sandbox remembers: messages, calls, who opted out, and what goes wrong on purpose; all in memory, bounded."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from oncall.sandbox.line import Behaviour, Call

T = TypeVar("T")
FAULTY = ("text", "call", "slack", "mail")
"""What can be made to go wrong, each on its own."""
MESSAGES_KEPT, CALLS_KEPT = 2000, 1000
"""The oldest messages fall out; a demo never gets there, a soak test must not grow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handset:
    """Somebody's telephone on the page. With an `email` or a `slack` user id its owner is a member of the Slack workspace too."""

    id: str
    name: str
    number: str
    email: str = ""
    slack: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """The account, its token and our two numbers."""

    account_sid: str
    auth_token: str
    staff: str
    customers: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackWorkspace:
    """What an app needs of a workspace: its tokens, the secret that signs, and the id of the channel that it posts to."""

    bot_token: str
    app_token: str
    signing_secret: str
    channel: str


@dataclass(slots=True, kw_only=True)
class Text:
    """A message. `inbound`: from a handset to us. `status` is Twilio's word for it; `error_code` its reason, 0 for none.

    `under_way`: the handset does not show it, because it is late or lost on purpose.
    """

    sid: str
    at: datetime
    sender: str
    to: str
    body: str
    inbound: bool
    status: str = "queued"
    callback: str = ""
    error_code: int = 0
    under_way: bool = False


@dataclass(slots=True)
class Misbehaviour:
    """What goes wrong with the next messages, calls or requests; tests and the page set it, and what is not set works.

    `refuse`: HTTP status and error code, before anything is accepted; `refuse_as`: Slack's word for it, answered with HTTP 200 as Slack does;
    a mail server's whole reply.
    `hang_s` (real seconds) and `lose_answer` come after it was accepted. `late_s`: seconds of the sandbox's time until it goes on its way.
    `deliver`: False leaves a text at `sent` for ever, a call at `queued`, and a Slack message nowhere. `fail_later`: the error code with
    which it ends `undelivered` or `failed`. `receipts_times`, `receipts_reversed`: how often and in which order receipts and clicks come; how
    often a mail does.
    """

    refuse: tuple[int, int] | None = None
    refuse_as: str = ""
    hang_s: float = 0.0
    lose_answer: bool = False
    late_s: float = 0.0
    deliver: bool = True
    receipts_times: int = 1
    receipts_reversed: bool = False
    fail_later: int = 0


@dataclass(slots=True)
class State:
    """The sandbox's memory. `changed` wakes whoever shows it; `stopping` ends what would wait longer than the sandbox stands.

    `speed` is how many seconds pass in one; `said` what the daemon said to the last report.
    """

    speed: float = 1.0

    texts: deque[Text] = field(default_factory=lambda: deque(maxlen=MESSAGES_KEPT))
    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=CALLS_KEPT))
    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    opted_out: set[tuple[str, str]] = field(default_factory=set)
    misbehaviour: dict[str, Misbehaviour] = field(default_factory=lambda: {kind: Misbehaviour() for kind in FAULTY})
    tasks: set[asyncio.Task[Any]] = field(default_factory=set)
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

    async def pass_by(self, seconds: float) -> None:
        """Lets `seconds` of the sandbox's time pass."""
        await asyncio.sleep(seconds / self.speed)

    def beside(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Does something beside the answer, until it is done or the sandbox stops."""
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    async def close(self) -> None:
        """Stops what is under way."""
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


def new_sid(kind: str = "SM") -> str:
    """An id as Twilio gives them; `kind` is SM for a message, CA for a call."""
    return f"{kind}{secrets.token_hex(16)}"
