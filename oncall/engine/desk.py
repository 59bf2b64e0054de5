"""One decision in one transaction: reads the incident and the view, decides, saves; what cannot be decided is parked and shouted about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from oncall.core.escalation import decide
from oncall.core.messages import FINAL, Decision, Fact, Incident, Reported, SendFailed, Status
from oncall.core.model import Handbook
from oncall.core.publishing import NO_WAYS, Ways
from oncall.core.replies import draw_case
from oncall.core.triage import Verdict, triage
from oncall.engine.alarms import shouts
from oncall.store import boards, codes, incidents, outbox, ways

log = structlog.get_logger(__name__)

CASE_DRAWS = 1000
"""Candidates for a case reference before we give up; of 390,625 references a thousand in a row are never all taken."""
SHOUT_EVERY = timedelta(minutes=5)
"""How often the last resort is told of an incident that could not be decided, until a human closes it (decisions.md 14)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What decisions are made with: the handbook in force, the ways that are switched on, and how customers reach us."""

    handbook: Handbook
    ways: frozenset[str]
    reached: Ways = NO_WAYS


class StoreView:
    """The rest of the world as this transaction sees it (core.escalation.View)."""

    def __init__(self, conn: Connection, at: datetime, desk: Desk) -> None:
        self._conn = conn
        self._at = at
        self._ways = desk.ways
        self._reached = desk.reached
        self._broken: frozenset[tuple[str, str, str]] | None = None

    def codes_in_use(self, person: str) -> frozenset[str]:
        """Codes bound to `person` or in quarantine."""
        return codes.in_use(self._conn, person, self._at)

    def way_broken(self, person: str, way: str, address: str) -> bool:
        """Whether a provider said that this address never works; asked a dozen times in a decision, read once."""
        if self._broken is None:
            self._broken = frozenset(one[:3] for one in ways.broken(self._conn))
        return (person, way, address) in self._broken

    def way_on(self, way: str) -> bool:
        """Whether a channel for this way is switched on."""
        return way in self._ways

    def customers_line(self) -> str:
        """The number at which customers text us."""
        return self._reached.phone

    def case_page(self, case: str, secret: str) -> str:
        """Where the page of a case is."""
        return self._reached.case_page(case, secret)

    def policy_page(self) -> str:
        """Where our policy is."""
        return self._reached.policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A decision that was saved, with the incident as it was before (None: it is new)."""

    fact: Fact
    before: Incident | None
    decision: Decision


def decide_and_save(conn: Connection, desk: Desk, incident: Incident | None, fact: Fact) -> Decided:
    """Decides `fact` on `incident` and saves state, log line and orders; part of a unit of work.

    A decision that raises leaves the incident as it was, marked as poisoned, and tells the last resort (house-style.md 29).
    """
    view = StoreView(conn, fact.at, desk)
    try:
        case = free_case(conn, fact.seed) if incident is None and isinstance(fact, Reported) else ""
        decision = decide(incident, fact, desk.handbook, view, case=case)
    except Exception as error:
        log.exception("undecidable", fact=type(fact).__name__, incident=fact.incident)
        return park(conn, desk, incident, fact, error)
    incidents.save(conn, fact, decision, incident)
    if "slack" in desk.ways:
        boards.touch(conn, decision.incident.id, decision.incident.turn, fact.at)
    if isinstance(fact, SendFailed) and fact.way_broken:
        break_way_of(conn, fact)
    return Decided(fact=fact, before=incident, decision=decision)


def verdict_on(desk: Desk, report: Reported) -> Verdict | None:
    """What triage says of a report that is not decided yet; None when triage fails, which the decision will park and shout about."""
    try:
        return triage(report, desk.handbook, report.at)
    except Exception:
        log.exception("a report cannot be triaged", incident=report.incident)
        return None


def free_case(conn: Connection, seed: str) -> str:
    """The first case reference drawn from `seed` that no incident has, and that is no number: it would be taken for that of an incident."""
    drawn = (draw_case(seed, attempt) for attempt in range(CASE_DRAWS))
    return next(case for case in drawn if not case.isdigit() and not incidents.case_exists(conn, case))


def break_way_of(conn: Connection, fact: SendFailed) -> None:
    """Remembers that the address of a failed order will never work."""
    row = outbox.find(conn, fact.order)
    if row is not None:
        ways.break_way(conn, row.order.recipient, row.order.way, row.order.address, fact.reason, fact.at)


def park(conn: Connection, desk: Desk, incident: Incident | None, fact: Fact, error: Exception) -> Decided:
    """Keeps what could not be decided as a poisoned incident, and alarms the last resort; no decide() is involved."""
    kept = incident or bare_incident(conn, fact)
    reason = f"{type(error).__name__}: {error}"[:200]
    clocks = kept.clocks if kept.clocks or kept.status in FINAL else {"step": fact.at + SHOUT_EVERY}
    after = replace(kept, turn=kept.turn + 1, clocks=clocks)
    orders = shouts(desk.handbook, desk.ways, after, fact.at, reason)
    decision = Decision(incident=after, orders=orders, because=f"could not be decided, the last resort is alarmed: {reason}", result="parked")
    incidents.save(conn, fact, decision, incident)
    incidents.poison(conn, kept.id, fact.at + SHOUT_EVERY)
    return Decided(fact=fact, before=incident, decision=decision)


def bare_incident(conn: Connection, fact: Fact) -> Incident:
    """An incident for a report on which not even triage worked: nothing but what was said."""
    assert isinstance(fact, Reported)
    return Incident(
        id=fact.incident,
        case=free_case(conn, fact.seed),
        seed=fact.seed,
        turn=0,
        status=Status.OPEN,
        service=fact.service,
        severity=fact.severity or "unknown",
        summary=fact.summary,
        details=fact.details,
        channel=fact.channel,
        source=fact.source,
        customer=fact.customer,
        contact=fact.contact,
        dedup_key=fact.dedup_key,
        opened_at=fact.at,
        because="triage failed",
        handbook="",
        steps=(),
        rounds=1,
        acknowledge_again_after=timedelta(minutes=60),
        promise=None,
        calling=True,
    )
