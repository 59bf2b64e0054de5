"""The units of work behind take(): each stores one fact once, decides it and answers; the same key gives the same answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from oncall.channels import Receipt
from oncall.core.cases import PERSONAL, case_of
from oncall.core.messages import (
    FINAL,
    CallEnded,
    Decision,
    Delivered,
    Fact,
    Heard,
    HumanAct,
    Incident,
    MarkedUrgent,
    Order,
    OrderKind,
    Reported,
    Resolved,
    SendFailed,
    Status,
)
from oncall.core.replies import draw_secret
from oncall.core.triage import customer_of
from oncall.engine.clicking import click
from oncall.engine.desk import Decided, Desk, decide_and_save, verdict_on
from oncall.engine.hearing import hear
from oncall.engine.outcome import Outcome, UnknownIncident, outcome_of
from oncall.engine.pressing import press
from oncall.engine.sending import LEASE, Sending, claim
from oncall.store import inbox, incidents, outbox

SAME_REPORT_WITHIN = timedelta(minutes=10)
"""A report with the same sender and body within this span is the same report sent again (decisions.md 26)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a unit of work gives back: the answer for the door, the decisions it saved, and the orders it claimed. `asks`: see Understood."""

    outcome: Outcome
    decided: tuple[Decided, ...] = ()
    action: str = ""
    asks: bool = False
    sendings: tuple[Sending, ...] = ()


TakenFact = Reported | HumanAct | MarkedUrgent | Heard | Receipt


def take(conn: Connection, desk: Desk, fact: TakenFact, key: str, same_as: str, one_line: bool) -> Taken:
    """Stores `fact` once per `key` and decides it."""
    match fact:
        case Reported():
            return take_report(conn, desk, fact, key, same_as)
        case Heard():
            return take_heard(conn, desk, fact, key, one_line)
        case Receipt():
            return take_receipt(conn, desk, fact)
        case _:
            return take_act(conn, desk, fact, key)


def with_claims(conn: Connection, desk: Desk, taken: Taken, now: datetime, room: int, speed: float) -> Taken:
    """Claims up to `room` orders in the place of those that were just made: they need no turn of the loop and no commit of their own.

    If others are more urgent they are claimed instead, and what was ordered waits for the loop.
    """
    ordered = sum(len(one.decision.orders) for one in taken.decided)
    if min(ordered, room) <= 0:
        return taken
    given_up, sendings = claim(conn, desk, now, min(ordered, room), LEASE * speed)
    return replace(taken, decided=(*taken.decided, *given_up), sendings=sendings)


def take_report(conn: Connection, desk: Desk, report: Reported, key: str, same_as: str) -> Taken:
    """An emergency came in: once per key, into an open incident of its dedup key or as a new one."""
    earlier = inbox.find(conn, key) or (same_report(conn, same_as, report) if same_as else None)
    if earlier is not None:
        return Taken(outcome=replace(inbox.outcome(earlier, Outcome), repeated=True))
    known = incidents.open_with_key(conn, report.dedup_key) if report.dedup_key else case_of_customer(conn, desk, report)
    fact = replace(report, incident=known.id if known else str(incidents.next_number(conn)))
    decided = decide_and_save(conn, desk, known, fact)
    outcome, parked = outcome_of(decided.decision), decided.decision.result == "parked"
    if known is None:
        outcome = replace(outcome, secret=draw_secret(fact.seed))
    inbox.keep(
        conn, key=key, same_as=same_as or None, kind="Reported", body=fact, at=fact.at, outcome=outcome, incident=outcome.incident, parked=parked
    )
    return Taken(outcome=outcome, decided=(decided,))


def case_of_customer(conn: Connection, desk: Desk, report: Reported) -> Incident | None:
    """The case that the customer has already, if this report is about it. Most customers have none, so triage is asked only then."""
    if report.channel not in PERSONAL:
        return None
    customer = customer_of(report, desk.handbook)
    cases = incidents.of_contact(conn, report.contact, customer.id if customer else "", closed_since=report.at)
    verdict = verdict_on(desk, report) if cases else None
    return case_of(report, verdict, cases) if verdict is not None else None


def same_report(conn: Connection, same_as: str, report: Reported) -> Row[Any] | None:
    """The same body from the same sender a moment ago; not if what it opened is closed by now, for then it is happening again."""
    row = inbox.find_same(conn, same_as, report.at - SAME_REPORT_WITHIN)
    incident = incidents.load(conn, row.incident) if row is not None and row.incident else None
    return row if incident is not None and incident.status not in FINAL else None


def take_act(conn: Connection, desk: Desk, fact: HumanAct | MarkedUrgent, key: str) -> Taken:
    """A human's act on an incident, named by its id or its case. UnknownIncident: there is none."""
    earlier = inbox.find(conn, key) if key else None
    if earlier is not None:
        return Taken(outcome=replace(inbox.outcome(earlier, Outcome), repeated=True))
    incident = incidents.by_reference(conn, fact.incident)
    if incident is None:
        raise UnknownIncident(f"no incident '{fact.incident}'; give its number or its four-character case reference")
    named = replace(fact, incident=incident.id)
    if isinstance(named, Resolved) and incidents.is_poisoned(conn, incident.id):
        decided = close_poisoned(conn, named)
    else:
        decided = decide_and_save(conn, desk, incident, named)
    outcome = outcome_of(decided.decision)
    if key:
        inbox.keep(conn, key=key, same_as=None, kind=type(fact).__name__, body=named, at=fact.at, outcome=outcome, incident=incident.id)
    return Taken(outcome=outcome, decided=(decided,))


def close_poisoned(conn: Connection, fact: Resolved) -> Decided:
    """A human closes an incident that could not be decided; no decide() is involved (decisions.md 14)."""
    incident = incidents.load(conn, fact.incident)
    assert incident is not None
    after = replace(
        incident,
        turn=incident.turn + 1,
        status=Status.RESOLVED,
        calling=False,
        clocks={},
        resolved_at=fact.at,
        resolved_by=fact.by,
    )
    decision = Decision(incident=after, orders=(), because=f"closed by {fact.by} after it could not be decided", result="resolved")
    incidents.save(conn, fact, decision, incident)
    incidents.cure(conn, incident.id)
    return Decided(fact=fact, before=incident, decision=decision)


def take_heard(conn: Connection, desk: Desk, heard: Heard, key: str, one_line: bool) -> Taken:
    """A text came in: understood and acted on once per provider's message id."""
    earlier = inbox.find(conn, key)
    if earlier is not None:
        return Taken(outcome=replace(inbox.outcome(earlier, Outcome), repeated=True))
    match heard.way:
        case "voice":
            understood = press(conn, desk, heard)
        case "slack":
            understood = click(conn, desk, heard)
        case _:
            understood = hear(conn, desk, heard, one_line=one_line)
    unanswered = Outcome(result=understood.action, because=understood.because)
    outcome = outcome_of(understood.decided[-1].decision) if understood.decided else unanswered
    inbox.keep(conn, key=key, same_as=None, kind="Heard", body=heard, at=heard.at, outcome=outcome, incident=outcome.incident or None)
    return Taken(outcome=outcome, decided=understood.decided, action=understood.action, asks=understood.asks)


def take_receipt(conn: Connection, desk: Desk, receipt: Receipt) -> Taken:
    """A provider says what became of a text: statuses only move forward, unknown texts and repeats change nothing (I16)."""
    row = outbox.find_by_url_key(conn, receipt.url_key)
    if row is None:
        return Taken(outcome=Outcome(result="unknown message", because="no text of ours has this key"))
    if not outbox.receipt(conn, row.order.id, receipt.status):
        return Taken(outcome=Outcome(result="known", because="this or a later status was heard before"))
    fact = fact_of_receipt(receipt, row.order)
    incident = incidents.load(conn, row.order.incident) if fact is not None else None
    if fact is None or incident is None:
        return Taken(outcome=Outcome(result="noted", because=f"{receipt.status}"))
    decided = decide_and_save(conn, desk, incident, fact)
    return Taken(outcome=outcome_of(decided.decision), decided=(decided,))


CALL_OVER = {"busy": "the line was busy", "no-answer": "nobody answered", "completed": "no key was pressed"}
"""How a call ends without a key, by the provider's status. `completed` says that something answered, which may be a voicemail."""


def fact_of_receipt(receipt: Receipt, order: Order) -> Fact | None:
    """The fact a receipt makes for the incident; most statuses on the way make none."""
    if not order.incident or order.kind is OrderKind.HANG_UP:
        return None
    if receipt.status in {"undelivered", "failed"}:
        reason = receipt.reason or receipt.status
        return SendFailed(at=receipt.at, incident=order.incident, order=order.id, reason=reason, way_broken=receipt.way_broken)
    if receipt.status in {"delivered", "in-progress"} and order.kind is OrderKind.PAGE:
        return Delivered(at=receipt.at, incident=order.incident, order=order.id)
    if receipt.status in CALL_OVER:
        return CallEnded(at=receipt.at, incident=order.incident, order=order.id, reason=receipt.reason or CALL_OVER[receipt.status])
    return None
