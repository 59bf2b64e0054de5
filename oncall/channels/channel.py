"""What a channel is: send() is required; what it is given, what it answers, and the two ways in which it can fail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message to send. `line`: which of our numbers sends it, 'staff' or 'customers'.

    `kind` and `about` are the order's (core.messages.OrderKind, and the id of its text); a 'hang_up' ends the call whose provider's id
    is its `address`. `incident` and `turn` say which state of which incident its buttons speak of ('' and 0: none). `url_key` stands for
    the order in callback URLs. `again`: an earlier attempt may have been accepted, so look it up before posting; `known_ids` are the
    provider's ids of other messages to this address, which must not be taken for this one. `at`: when it was ordered. `thread` is the same
    for all messages of an incident, and for no others ('' where there is none). `severity` is
    the incident's, one of the policy's `severities`.
    """

    order: str
    kind: str
    about: str
    incident: str
    turn: int
    url_key: str
    line: str
    address: str
    text: str
    valid_for: timedelta
    again: bool
    known_ids: frozenset[str]
    at: datetime | None = None
    thread: str = ""
    severity: str = ""
    severities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The provider has the message."""

    provider_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a provider says later of a message; `reason` in words, with the provider's code, when it failed."""

    at: datetime
    url_key: str
    status: str
    reason: str = ""
    way_broken: bool = False


class ChannelError(Exception):
    """Definitely not sent. `permanent`: trying again is useless. `way_broken`: this address never works. `tell_admins`: our account is at fault."""

    def __init__(self, reason: str, *, permanent: bool, way_broken: bool = False, tell_admins: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.way_broken = way_broken
        self.tell_admins = tell_admins


class ResultUnknown(Exception):
    """Nobody can say whether the provider has it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Channel(Protocol):
    """A way to reach people; `way` is its name in orders."""

    way: str

    async def send(self, outgoing: Outgoing) -> Accepted:
        """Hands `outgoing` to the provider, within 10 s of real time. ChannelError: definitely not sent. ResultUnknown: perhaps."""
        ...

    async def close(self) -> None:
        """Lets connections go."""
        ...
