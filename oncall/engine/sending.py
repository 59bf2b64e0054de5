"""Claims what is due, asks once more whether it is wanted, sends it, and settles what became of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from oncall.channels import Outgoing
from oncall.core.escalation import still_wanted
from oncall.core.messages import Fact, HandedOver, Incident, Order, OrderKind, SendFailed, SendPostponed, SendUnknown, TimeCame
from oncall.engine.alarms import shouts
from oncall.engine.desk import SHOUT_EVERY, Decided, Desk, decide_and_save
from oncall.store import asks, incidents, outbox, surveys

log = structlog.get_logger(__name__)

CLOCKS_PER_TURN = 20
"""Due incidents that are decided in one turn of the loop, which does nothing else meanwhile; the rest come in the next, earliest first."""
LEASE = timedelta(seconds=15)
"""How long, in real time, a claimed order belongs to this daemon; then it may be claimed again (decisions.md 7)."""
SEND_LIMIT_S = 10.0
"""Real seconds in which a send, look-ups included, must be over (decisions.md 7)."""
ATTEMPTS = 3
"""Tries of an order that the provider surely did not take (I9)."""
UNKNOWN_ATTEMPTS = 2
"""Tries of an order of which nobody knows whether the provider took it: one more on the same way if there is no other (decisions.md 7, I9)."""
BACKOFF = timedelta(seconds=5)
"""The pause before the second try; the third waits twice as long."""
VALID_AT_MOST = timedelta(hours=4)
"""A notice or an answer that the carrier could not deliver for this long is not delivered any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """A claimed order with what the channel needs to know; `due_at` is when it was due."""

    order: Order
    claim: outbox.Claimed
    due_at: datetime
    outgoing: Outgoing


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How a send ended: sent, failed, postponed (surely not sent, try again) or unknown."""

    state: str
    provider_id: str = ""
    reason: str = ""
    way_broken: bool = False
    tell_admins: bool = False

    @property
    def told(self) -> dict[str, str]:
        """What the log line of a send says of it."""
        named = (("state", self.state), ("provider_id", self.provider_id), ("reason", self.reason))
        return {key: value for key, value in named if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What one turn of the loop found: decisions of clocks, claimed orders, and when the next clock and the next order are due."""

    decided: tuple[Decided, ...]
    sendings: tuple[Sending, ...]
    next_clock: datetime | None
    next_order: datetime | None


def turn(conn: Connection, desk: Desk, now: datetime, slots: int, speed: float) -> Turn:
    """One turn: due clocks become facts, poisoned incidents shout, and up to `slots` due orders are claimed, the urgent first.

    `speed`: how many seconds of the clock pass in a real one; sends take real time, so a lease is longer on a fast clock.
    """
    decided = []
    for incident_id, poisoned in incidents.due(conn, now, CLOCKS_PER_TURN):
        incident = incidents.load(conn, incident_id)
        assert incident is not None
        if poisoned:
            shout(conn, desk, incident, now)
        else:
            decided.append(decide_and_save(conn, desk, incident, TimeCame(at=now, incident=incident_id)))
    given_up, sendings = claim(conn, desk, now, slots, LEASE * speed) if slots else ((), ())
    decided.extend(given_up)
    return Turn(decided=tuple(decided), sendings=sendings, next_clock=incidents.next_wake(conn), next_order=outbox.next_due(conn))


def shout(conn: Connection, desk: Desk, incident: Incident, now: datetime) -> None:
    """Tells the last resort of a poisoned incident again, and plans the next time."""
    outbox.put(conn, shouts(desk.handbook, desk.ways, incident, now, "it waits for a human to close it"))
    incidents.poison(conn, incident.id, now + SHOUT_EVERY)


def claim(conn: Connection, desk: Desk, now: datetime, slots: int, lease: timedelta) -> tuple[tuple[Decided, ...], tuple[Sending, ...]]:
    """Claims due orders that are still wanted; those that are not are cancelled with the reason (I6).

    One that was under way when we died, and is not wanted any more or was tried ATTEMPTS times, is given up as unknown (I9).
    """
    given_up: list[Decided] = []
    wanted: list[tuple[outbox.Outbound, Incident | None]] = []
    for row in outbox.due(conn, now, slots):
        order = row.order
        incident = incidents.load(conn, order.incident) if order.incident else None
        unwanted = still_wanted(order, incident, now) if incident is not None else unasked(conn, order.id, now)
        if row.state == "sending" and (unwanted or row.attempts >= ATTEMPTS):
            # The provider may have it: whoever reads it has to be told that it is over.
            lost = Result(state="unknown", reason="the daemon stopped while it was being sent")
            given_up.extend(close(conn, desk, order, outbox.Claimed(fence=row.fence, attempt=row.attempts), lost, now))
        elif unwanted:
            outbox.cancel(conn, order.id, unwanted, now)
        else:
            wanted.append((row, incident))
    claims = outbox.claim(conn, [row for row, _ in wanted], now + lease, now)
    return tuple(given_up), tuple(sending_of(conn, desk, row, incident, mine) for (row, incident), mine in zip(wanted, claims, strict=True))


def unasked(conn: Connection, order: str, now: datetime) -> str:
    """Why an order that belongs to no incident is not wanted any more; '' if it is. Questions stand for a while, whatever else is wanted."""
    return asks.unwanted(conn, order, now) or surveys.unwanted(conn, order, now)


def sending_of(conn: Connection, desk: Desk, row: outbox.Outbound, incident: Incident | None, mine: outbox.Claimed) -> Sending:
    """A claimed order with what the channel needs to know."""
    order = row.order
    again = mine.attempt > 1
    is_page = incident is not None and bool(incident.steps) and order.kind is OrderKind.PAGE
    outgoing = Outgoing(
        order=order.id,
        kind=order.kind.value,
        about=order.about,
        incident=order.incident,
        turn=incident.turn if incident is not None else 0,
        url_key=row.url_key,
        line="customers" if order.kind is OrderKind.NOTIFY else "staff",
        address=order.address,
        text=order.text,
        valid_for=incident.steps[incident.step].wait if is_page and incident else VALID_AT_MOST,
        again=again,
        # A call carries no words by which a lost answer could be told from that of another call to the same number.
        known_ids=outbox.provider_ids(conn, order.address) if again or order.way == "voice" else frozenset(),
        at=order.due_at,
        thread=thread_of(incident) if incident is not None else "",
        severity=incident.severity if incident is not None else "",
        severities=tuple(desk.handbook.severities),
    )
    return Sending(order=order, claim=mine, due_at=row.next_at or order.due_at, outgoing=outgoing)


def thread_of(incident: Incident) -> str:
    """What the messages of an incident have in common. Numbers of incidents begin anew with an empty store; the seed, which is secret, does not."""
    return hashlib.sha256(f"thread/{incident.seed}".encode()).hexdigest()[:20]


def settle(conn: Connection, desk: Desk, sending: Sending, result: Result, now: datetime) -> tuple[Decided, ...]:
    """Writes down how a send ended and decides what follows; nothing, if the order was claimed anew in the meantime."""
    order = sending.order
    limit = {"postponed": ATTEMPTS, "unknown": UNKNOWN_ATTEMPTS if order.only_way else 0}.get(result.state, 0)
    if sending.claim.attempt < limit:
        pause = BACKOFF * sending.claim.attempt if result.state == "postponed" else timedelta(0)
        kept = outbox.postpone(conn, order.id, sending.claim, now + pause, result.reason, now)
        # What may have arrived is known to the incident before the next try, which may find it taken by then; and nobody who can be
        # paged another way waits for this one.
        return follow(conn, desk, order, result.state, result, now, ended=False) if kept else ()
    return close(conn, desk, order, sending.claim, result, now)


def close(conn: Connection, desk: Desk, order: Order, mine: outbox.Claimed, result: Result, now: datetime) -> tuple[Decided, ...]:
    """Ends an order for good, and decides what that means for its incident."""
    state = "failed" if result.state == "postponed" else result.state
    if not outbox.settle(conn, order.id, mine, state, provider_id=result.provider_id, reason=result.reason, now=now):
        log.warning("settled by another claim", order=order.id)
        return ()
    return follow(conn, desk, order, state, result, now, ended=True)


def follow(conn: Connection, desk: Desk, order: Order, state: str, result: Result, now: datetime, *, ended: bool) -> tuple[Decided, ...]:
    """Decides what the end of a try means for its incident; see `fact_of`."""
    fact = fact_of(order, state, result, now, ended=ended)
    incident = incidents.load(conn, order.incident) if fact is not None else None
    if fact is None or incident is None:
        return ()
    return (decide_and_save(conn, desk, incident, fact),)


def fact_of(order: Order, state: str, result: Result, now: datetime, *, ended: bool) -> Fact | None:
    """The fact that the end of a try makes for its incident: all about pages, of other texts only failures, of ended calls nothing.

    A notice to the customer that may not have arrived makes one too, once it is not tried again (`ended`).
    """
    if not order.incident or order.kind is OrderKind.HANG_UP:
        return None
    if state == "failed":
        return SendFailed(at=now, incident=order.incident, order=order.id, reason=result.reason, way_broken=result.way_broken)
    if order.kind is not OrderKind.PAGE and not (order.kind is OrderKind.NOTIFY and state == "unknown" and ended):
        return None
    if state == "sent":
        return HandedOver(at=now, incident=order.incident, order=order.id, provider_id=result.provider_id)
    if state == "postponed":
        return SendPostponed(at=now, incident=order.incident, order=order.id, reason=result.reason)
    if state == "unknown":
        return SendUnknown(at=now, incident=order.incident, order=order.id, reason=result.reason)
    return None
