"""Orders on their way out: written with the decision, claimed under a lease with a fence, settled by whoever holds the fence."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update
from sqlalchemy.dialects.sqlite import insert

from oncall.core.messages import Order, OrderKind
from oncall.store.codec import instant, maybe_instant, micros
from oncall.store.statement import Statement
from oncall.store.tables import ATTEMPTS, OUTBOX

RANKS = {
    "accepted": 1, "queued": 2, "sending": 3, "sent": 4, "delivered": 5, "undelivered": 5, "failed": 5, "read": 6,
    "initiated": 2, "ringing": 3, "in-progress": 4, "completed": 5, "busy": 5, "no-answer": 5, "canceled": 5,
}  # fmt: skip
"""A provider's statuses of texts, and of calls, in the order in which they come true; one that is not higher is old news (telephony.md 1)."""


CLAIMABLE = Statement(
    select(OUTBOX).where(OUTBOX.c.next_at <= bindparam("now")).order_by(OUTBOX.c.urgency, OUTBOX.c.next_at, OUTBOX.c.id).limit(bindparam("most"))
)
NEXT = Statement(select(func.min(OUTBOX.c.next_at)))
PUT = Statement(insert(OUTBOX).on_conflict_do_nothing(index_elements=[OUTBOX.c.id]))
CLAIM = Statement(
    update(OUTBOX)
    .where(OUTBOX.c.id == bindparam("order"), OUTBOX.c.fence == bindparam("seen"))
    .values(state="sending", fence=OUTBOX.c.fence + 1, attempts=OUTBOX.c.attempts + 1, next_at=bindparam("next_at"))
)
MINE = (OUTBOX.c.id == bindparam("order"), OUTBOX.c.fence == bindparam("mine"), OUTBOX.c.state == "sending")
END = Statement(update(OUTBOX).where(*MINE).values({name: bindparam(name) for name in ("state", "reason", "next_at", "provider_id", "settled_at")}))
ATTEMPT = Statement(insert(ATTEMPTS))
END_ATTEMPT = Statement(
    update(ATTEMPTS)
    .where(ATTEMPTS.c.order_id == bindparam("order"), ATTEMPTS.c.n == bindparam("nth"))
    .values({name: bindparam(name) for name in ("ended_at", "result", "detail", "provider_id")})
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbound:
    """A row of the outbox. `order.due_at` is when it was ordered for; `next_at` when it may be claimed, None once it is settled."""

    order: Order
    url_key: str
    state: str
    reason: str
    fence: int
    attempts: int
    next_at: datetime | None
    provider_id: str
    receipt: str
    settled_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A claim: the fence that settling must name, and which attempt of the order this is, from 1."""

    fence: int
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try of an order."""

    n: int
    started_at: datetime
    ended_at: datetime | None
    result: str
    detail: str
    provider_id: str


def url_key(order_id: str) -> str:
    """What stands for an order in a URL: says nothing, and cannot be guessed to mean another."""
    return hashlib.sha256(order_id.encode()).hexdigest()[:20]


def put(conn: Connection, orders: tuple[Order, ...]) -> None:
    """Adds orders; one whose id is there already is left as it is."""
    for order in orders:
        PUT.run(conn, **row_of(order))


def row_of(order: Order) -> dict[str, object]:
    """The row of a new order."""
    return {
        "id": order.id,
        "url_key": url_key(order.id),
        "incident": order.incident,
        "kind": order.kind.value,
        "about": order.about,
        "recipient": order.recipient,
        "way": order.way,
        "address": order.address,
        "text": order.text,
        "urgency": order.urgency,
        "only_way": order.only_way,
        "ordered_at": micros(order.due_at),
        "next_at": micros(order.due_at),
        "state": "due",
        "reason": "",
        "fence": 0,
        "attempts": 0,
        "provider_id": "",
        "receipt": "",
        "settled_at": None,
    }


def outbound(row: Any) -> Outbound:
    """A row as it is used."""
    order = Order(
        id=row.id,
        kind=OrderKind(row.kind),
        about=row.about,
        incident=row.incident,
        recipient=row.recipient,
        way=row.way,
        address=row.address,
        text=row.text,
        urgency=row.urgency,
        only_way=bool(row.only_way),
        due_at=instant(row.ordered_at),
    )
    return Outbound(
        order=order,
        url_key=row.url_key,
        state=row.state,
        reason=row.reason,
        fence=row.fence,
        attempts=row.attempts,
        next_at=maybe_instant(row.next_at),
        provider_id=row.provider_id,
        receipt=row.receipt,
        settled_at=maybe_instant(row.settled_at),
    )


def find(conn: Connection, order_id: str) -> Outbound | None:
    """The order with this id."""
    row = conn.execute(select(OUTBOX).where(OUTBOX.c.id == order_id)).first()
    return None if row is None else outbound(row)


def find_by_url_key(conn: Connection, key: str) -> Outbound | None:
    """The order that a provider's callback names."""
    row = conn.execute(select(OUTBOX).where(OUTBOX.c.url_key == key)).first()
    return None if row is None else outbound(row)


def due(conn: Connection, now: datetime, limit: int) -> list[Outbound]:
    """Orders that may be claimed: due ones, and those whose claim has run out; the most urgent first, then the longest due."""
    return [outbound(row) for row in CLAIMABLE.all(conn, now=micros(now), most=limit)]


def claim(conn: Connection, rows: Sequence[Outbound], lease_until: datetime, now: datetime) -> list[Claimed]:
    """Claims orders as they were read in this transaction; the attempts are on disk before the provider hears of them."""
    found = [Claimed(fence=row.fence + 1, attempt=row.attempts + 1) for row in rows]
    both = list(zip(rows, found, strict=True))
    changed = CLAIM.many(conn, [{"order": row.order.id, "seen": row.fence, "next_at": micros(lease_until)} for row in rows])
    assert changed == len(rows), "what was read inside this transaction was claimed by somebody else"
    fresh = {"started_at": micros(now), "ended_at": None, "result": "", "detail": "", "provider_id": ""}
    ATTEMPT.many(conn, [{"order_id": row.order.id, "n": claimed.attempt, **fresh} for row, claimed in both])
    return found


def settle(conn: Connection, order_id: str, mine: Claimed, state: str, *, provider_id: str, reason: str, now: datetime) -> bool:
    """Ends an order: sent, failed, unknown or cancelled. False, and nothing changed, if it was claimed anew in the meantime."""
    return end(conn, order_id, mine, state, state, reason=reason, provider_id=provider_id, next_at=None, now=now, settled_at=micros(now))


def postpone(conn: Connection, order_id: str, mine: Claimed, due_at: datetime, reason: str, now: datetime) -> bool:
    """Gives a claimed order back, to be tried at `due_at`. False if it was claimed anew in the meantime."""
    return end(conn, order_id, mine, "due", "postponed", reason=reason, provider_id="", next_at=micros(due_at), now=now, settled_at=None)


def end(
    conn: Connection, order_id: str, mine: Claimed, state: str, result: str, *,
    reason: str, provider_id: str, next_at: int | None, now: datetime, settled_at: int | None,
) -> bool:  # fmt: skip
    """Gives the order its new state, and ends the attempt of the claim `mine` with `result`."""
    values = {"state": state, "reason": reason, "next_at": next_at, "provider_id": provider_id, "settled_at": settled_at}
    if END.run(conn, order=order_id, mine=mine.fence, **values) == 0:
        return False
    END_ATTEMPT.run(conn, order=order_id, nth=mine.attempt, ended_at=micros(now), result=result, detail=reason, provider_id=provider_id)
    return True


def cancel(conn: Connection, order_id: str, reason: str, now: datetime) -> None:
    """Ends an order that is not wanted any more and that nobody has claimed."""
    open_states = OUTBOX.c.state.in_(("due", "sending"))
    values = {"state": "cancelled", "reason": reason, "settled_at": micros(now), "next_at": None, "fence": OUTBOX.c.fence + 1}
    conn.execute(update(OUTBOX).where(OUTBOX.c.id == order_id, open_states).values(values))


def receipt(conn: Connection, order_id: str, status: str) -> bool:
    """Notes a provider's status if it is news; False for an old, a repeated or an unknown one (I16)."""
    last = conn.execute(select(OUTBOX.c.receipt).where(OUTBOX.c.id == order_id)).scalar()
    if last is None or RANKS.get(status, 0) <= RANKS.get(last, 0):
        return False
    conn.execute(update(OUTBOX).where(OUTBOX.c.id == order_id).values(receipt=status))
    return True


def first_page(conn: Connection, incident: str, since: datetime, ways: frozenset[str]) -> datetime | None:
    """When a provider accepted the first page of an incident over one of `ways`, of those that were ordered since `since`; None: none yet."""
    of_it = (OUTBOX.c.incident == incident) & (OUTBOX.c.kind == OrderKind.PAGE.value) & OUTBOX.c.way.in_(ways)
    sent = (OUTBOX.c.state == "sent") & (OUTBOX.c.ordered_at >= micros(since))
    return maybe_instant(conn.execute(select(func.min(OUTBOX.c.settled_at)).where(of_it & sent)).scalar())


def provider_ids(conn: Connection, address: str) -> frozenset[str]:
    """The provider's ids of all messages to this address: none of them may be taken for another message."""
    rows = conn.execute(select(OUTBOX.c.provider_id).where(OUTBOX.c.address == address, OUTBOX.c.provider_id != ""))
    return frozenset(rows.scalars())


def next_due(conn: Connection) -> datetime | None:
    """When the next order may be claimed, those under way by their leases."""
    return maybe_instant(NEXT.scalar(conn))


def oldest_due(conn: Connection) -> datetime | None:
    """Since when the longest waiting order is due."""
    return maybe_instant(conn.execute(select(func.min(OUTBOX.c.next_at)).where(OUTBOX.c.state == "due")).scalar())


def of_incident(conn: Connection, incident: str) -> list[tuple[Outbound, list[Attempt]]]:
    """The orders of an incident with their attempts, in the order in which they were made."""
    rows = conn.execute(select(OUTBOX).where(OUTBOX.c.incident == incident).order_by(OUTBOX.c.ordered_at, OUTBOX.c.id)).all()
    tries: dict[str, list[Attempt]] = {}
    for row in conn.execute(select(ATTEMPTS).where(ATTEMPTS.c.order_id.in_([row.id for row in rows])).order_by(ATTEMPTS.c.n)):
        tried = Attempt(
            n=row.n,
            started_at=instant(row.started_at),
            ended_at=maybe_instant(row.ended_at),
            result=row.result,
            detail=row.detail,
            provider_id=row.provider_id,
        )
        tries.setdefault(row.order_id, []).append(tried)
    return [(outbound(row), tries.get(row.id, [])) for row in rows]
