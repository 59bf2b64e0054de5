"""What flows through the machine: facts (past tense), orders (imperative), and the decision that joins them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from oncall.core.incident import FINAL, Contact, Incident, Page, PageState, PageTry, PlannedStep, Promise, Status

__all__ = [
    "ACTS", "FACTS", "FINAL", "Acknowledged", "CallEnded", "Contact", "Contacted", "Decision", "Delivered", "Escalated", "Fact", "Forgotten",
    "HandedOver", "Heard", "HumanAct", "Incident", "LogEntry", "MarkedUrgent", "Noted", "Order", "OrderKind", "Page", "PageState", "PageTry",
    "Passed", "PlannedStep", "Promise", "Reclassified", "Reopened", "Reported", "Resolved", "SendFailed", "SendPostponed", "SendUnknown", "Snoozed",
    "Status", "TimeCame", "Updated",
]  # fmt: skip


NOBODY = Contact()
"""A report without anybody to call back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that happened to an incident at `at` (UTC). `incident` is its id ('' until the store has given one)."""

    at: datetime
    incident: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported(Fact):
    """An emergency came in. `seed` (16 random bytes as hex, drawn by the shell) makes codes and the case reference."""

    seed: str
    source: str
    channel: str
    summary: str
    details: str = ""
    service: str = ""
    severity: str = ""
    customer: str = ""
    contact: Contact = NOBODY
    dedup_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HumanAct(Fact):
    """A responder did something. `by` is a person's id or a last resort's number; `how` the door it came through (sms, cli, api)."""

    by: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged(HumanAct):
    """A human took it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed(HumanAct):
    """A human handed it on: not me, the next please."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalated(HumanAct):
    """A human wants the next step paged now: on an open incident instead of waiting, on a held one as help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacted(HumanAct):
    """A human reached the customer: the only fact that keeps a promise (decisions.md 19)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snoozed(HumanAct):
    """The holder wants to be reminded after `minutes`."""

    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved(HumanAct):
    """A human closed it."""

    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopened(HumanAct):
    """A human, or the customer (`by` is 'customer'), says that it is not over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted(HumanAct):
    """Somebody added words; `by` is 'customer' when the customer wrote them. `decision`: they say what was decided by the team's own authority."""

    text: str
    decision: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Updated(HumanAct):
    """A human has words for the customer (`text`). It is no contact: nobody knows whether they were read (decisions.md 19)."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reclassified(HumanAct):
    """A human says how bad it really is: `severity` is the id of the one it should have."""

    severity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten(HumanAct):
    """Who reported a closed incident, how to reach them and all words of it are taken out for good; `by` is 'retention' when it was too old."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedUrgent(Fact):
    """The customer answered URGENT: it cannot wait (policy.md 3.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeCame(Fact):
    """One or more clocks of the incident are due at `at`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver(Fact):
    """A provider accepted the order's message."""

    order: str
    provider_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SendFailed(Fact):
    """The order's message was definitely not sent. `way_broken`: this address will never work (21610, 30005, 30006 and their kind)."""

    order: str
    reason: str
    way_broken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SendPostponed(Fact):
    """The order's message was surely not sent and will be tried again in a moment; whoever waits for it need not wait for that."""

    order: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SendUnknown(Fact):
    """Nobody can say whether the provider has the order's message; a settled state (decisions.md 7)."""

    order: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered(Fact):
    """A receipt: the message reached the handset. Never an acknowledgement."""

    order: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnded(Fact):
    """A call rang, or was answered by somebody or something, and ended without a key: busy, no answer, voicemail, hung up."""

    order: str
    reason: str


ACTS: Mapping[str, type[HumanAct]] = {
    "acknowledge": Acknowledged,
    "pass": Passed,
    "escalate": Escalated,
    "contacted": Contacted,
    "snooze": Snoozed,
    "resolve": Resolved,
    "reopen": Reopened,
    "note": Noted,
    "update": Updated,
    "reclassify": Reclassified,
}
"""The verbs of CLI, API and SMS, and the facts they become."""

FACTS: Mapping[str, type[Fact]] = {
    fact.__name__: fact
    for fact in (
        Reported,
        Acknowledged,
        Passed,
        Escalated,
        Contacted,
        Snoozed,
        Resolved,
        Reopened,
        Noted,
        Updated,
        Reclassified,
        Forgotten,
        MarkedUrgent,
        TimeCame,
        HandedOver,
        SendFailed,
        SendPostponed,
        SendUnknown,
        Delivered,
        CallEnded,
    )
}
"""Every kind of fact by name, as it is written in the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A text (or a key) that came in, before anybody knows what it means. `line` is our number it was sent to: 'staff' or 'customers'.

    `reference` is the provider's id of the message: the same reference twice is the same message. `about`: the URL key of the order
    that was answered, where the way says so (a key pressed in a call of ours); '' otherwise.
    """

    at: datetime
    seed: str
    way: str
    sender: str
    line: str
    text: str
    reference: str
    about: str = ""


class OrderKind(StrEnum):
    """PAGE wakes a responder and carries a code; TELL informs a responder; NOTIFY informs the customer; HANG_UP ends a call that rings.

    The address of a HANG_UP is the provider's id of the call.
    """

    PAGE = "page"
    TELL = "tell"
    NOTIFY = "notify"
    HANG_UP = "hang_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Something to send: `id` says what it means (incident/turn/kind/recipient/way), so the same decision never orders twice.

    `about` is the id of the text's template. `urgency` 0 is sent first. `due_at`: not before. `incident` is '' for what
    belongs to none (answers to unknown codes, trouble of the daemon). `only_way`: nobody would be paged another way meanwhile, so an
    unknown result is tried once more on this one (decisions.md 7).
    """

    id: str
    kind: OrderKind
    about: str
    incident: str
    recipient: str
    way: str
    address: str
    text: str
    urgency: int
    due_at: datetime
    only_way: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a fact led to: the new state, what to send, why, and in one word what came of it (`result`) for whoever asked."""

    incident: Incident
    orders: tuple[Order, ...]
    because: str
    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One line of an incident's history, as the log keeps it and the checker reads it."""

    fact: Fact
    decision: Decision
