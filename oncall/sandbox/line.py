"""A call as the sandbox remembers it: who calls whom, what was said and pressed, and which of its events the daemon wants to hear."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

LINES_KEPT = 200
OVER = {"completed", "busy", "no-answer", "failed", "canceled"}
RINGS = {"queued", "initiated", "ringing"}
SIP = {"completed": "200", "busy": "486", "no-answer": "487", "canceled": "487", "failed": "404"}
"""The exchange's word for how a call ended, as Twilio hands it on."""


class Behaviour(StrEnum):
    """What a telephone does when it is called."""

    RINGS = "rings"
    VOICEMAIL = "voicemail answers"
    NO_ANSWER = "no answer"
    DECLINES = "declines"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of what a call sounded like. `kind`: said (by us), key (pressed), greeting (of a mailbox), trouble."""

    kind: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """Where the daemon wants to hear of a call, and which `events` of it."""

    url: str = ""
    method: str = "POST"
    events: frozenset[str] = frozenset({"completed"})


@dataclass(slots=True, kw_only=True, eq=False)
class Call:
    """A call from us to a handset. `status` goes queued, initiated, ringing, in-progress, completed, or ends as one of OVER.

    `timeout_s`: how long it rings. `listening`: a key would be heard. `answered_at` and `ended_at` are the sandbox's time.
    `acts`: answer, decline or hang_up by the handset, cancel or complete by the API; `pressed`: keys that nobody heard yet.
    """

    sid: str
    at: datetime
    sender: str
    to: str
    url: str = ""
    twiml: str = ""
    method: str = "POST"
    timeout_s: int = 60
    callback: Callback = field(default_factory=Callback)
    status: str = "queued"
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    duration_s: int = 0
    sip: str = ""
    listening: bool = False
    under_way: bool = False
    events_told: int = 0
    lines: deque[Line] = field(default_factory=lambda: deque(maxlen=LINES_KEPT))
    acts: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    pressed: asyncio.Queue[str] = field(default_factory=asyncio.Queue)

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.status in OVER

    @property
    def said(self) -> list[str]:
        """What we said so far, one text for each Say."""
        return [line.words for line in self.lines if line.kind == "said"]

    @property
    def keys(self) -> list[str]:
        """The keys that were pressed so far, heard or not."""
        return [line.words for line in self.lines if line.kind == "key"]

    def add(self, kind: str, words: str) -> None:
        """One more line of what it sounds like."""
        self.lines.append(Line(kind=kind, words=words))

    def form(self) -> dict[str, str]:
        """What Twilio says about a call in every webhook."""
        numbers = {"To": self.to, "From": self.sender, "Called": self.to, "Caller": self.sender}
        return {"CallSid": self.sid, "CallStatus": self.status, **numbers, "Direction": "outbound-api"}
