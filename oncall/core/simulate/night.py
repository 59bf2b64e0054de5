"""One emergency, from its report until the customer is contacted: facts that are assumed to happen, decided as at night."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from oncall.core.escalation import decide, still_wanted
from oncall.core.incident import RINGING
from oncall.core.messages import (
    Acknowledged,
    CallEnded,
    Contacted,
    Decision,
    Delivered,
    Fact,
    HandedOver,
    Incident,
    Order,
    OrderKind,
    Passed,
    Reported,
    SendFailed,
    SendPostponed,
    SendUnknown,
    Status,
    TimeCame,
)
from oncall.core.model import Handbook
from oncall.core.proofs.ahead import exactly
from oncall.core.proofs.calling import SENT_WITHIN
from oncall.core.replies import draw_case
from oncall.core.simulate.assumptions import Answer, Assumptions, Fault
from oncall.core.simulate.timeline import Kind, Line, Outcome, Result, paged_lines

LOOKED_AT = timedelta(hours=4)
"""What has not been taken by then counts as never."""
EVENTS_AT_MOST = 20_000
"""Far more than four hours of the shortest waits can make."""
NEVER = datetime.max.replace(tzinfo=UTC)
REPEATS = 2
"""Who has answered neither the last resort's calling nor the one after it is not going to answer a third, once the promised time is over."""
RINGS = timedelta(seconds=20)
"""How long a call rings before it ends as unanswered."""
TRIES = 3
TRY_AGAIN_AFTER = timedelta(seconds=5)
"""What surely was not sent is tried three times, after five seconds and then after ten, as the engine does."""


def simulate(handbook: Handbook, report: Reported, assumptions: Assumptions) -> Outcome:
    """What would come of `report` at its time. Same arguments, same outcome. Every way is taken to be switched on, and no address to be broken."""
    seed = hashlib.sha256(f"{report.at.isoformat()}/{report.severity}/{report.service}/{report.channel}/{report.summary}".encode()).hexdigest()
    return Night(handbook, replace(report, incident="what-if", seed=seed[:32]), assumptions).play()


class Night:
    """A night in the making: the incident as it stands, what is going to happen, and the lines that tell it. It is its own view of the rest."""

    def __init__(self, handbook: Handbook, report: Reported, assumptions: Assumptions) -> None:
        self._handbook = handbook
        self._report = report
        self._assumed = assumptions
        self._at = report.at
        self._ahead: list[tuple[datetime, int, Callable[[], None]]] = []
        self._planned = 0
        self._acting: set[str] = set()
        """Who has been rung and is going to do something about it."""
        self._repeats = 0
        """How often the last step and the last resort have been called anew."""
        self._lines: list[Line] = []
        self._asked: dict[timedelta, None] = {}
        self._by = ""
        """Who has contacted the customer."""
        self._incident = self._decided(None, report)
        self._opening = self._incident.clocks.get("opening")
        made = self._incident.promise
        until = (self._opening or report.at) + LOOKED_AT
        self._until = max(until, made.contact_by) if made is not None else until

    # The rest of the world (core.escalation.View)

    def codes_in_use(self, person: str) -> frozenset[str]:  # noqa: ARG002 -- nothing else is open
        """None: nothing else is open."""
        return frozenset()

    def way_broken(self, person: str, way: str, address: str) -> bool:  # noqa: ARG002 -- no address is broken
        """No address is broken."""
        return False

    def way_on(self, way: str) -> bool:  # noqa: ARG002 -- every way is on
        """Every way is switched on."""
        return True

    def customers_line(self) -> str:
        """Letters name no number: what is told is their first line."""
        return ""

    def case_page(self, case: str, secret: str) -> str:  # noqa: ARG002 -- there is no such case
        """No page: there is no such case."""
        return ""

    def policy_page(self) -> str:
        """No page, as above."""
        return ""

    # Time

    def play(self) -> Outcome:
        """Lets things happen, one after the other, until it is over."""
        for _ in range(EVENTS_AT_MOST):
            if self._is_over():
                break
            due = self._incident.wake_at
            if self._ahead and (due is None or self._ahead[0][0] <= due):
                self._at, _, happen = heapq.heappop(self._ahead)
                happen()
            elif due is not None:
                self._at = max(self._at, due)
                self._decide(TimeCame(at=self._at))
            else:
                break
        return self._outcome()

    def _is_over(self) -> bool:
        """Contacted, or everybody up to the last resort has been called in vain twice and the promised time is over.

        Before that time whoever is called in vain may be followed by somebody else, who answers.
        """
        incident = self._incident
        if self._by:
            return True
        in_vain = self._repeats >= REPEATS and not self._acting
        return (in_vain and (incident.promise is None or is_missed(incident))) or self._at >= self._until

    def _later(self, span: timedelta, happen: Callable[[], None]) -> None:
        """Plans something; what happens at one instant happens in the order in which it was planned, and before any clock is due."""
        self._planned += 1
        heapq.heappush(self._ahead, (self._at + span, self._planned, happen))

    # Decisions

    def _decide(self, fact: Fact) -> None:
        """A fact happens now."""
        before = self._incident
        is_last = before.last_resort_called and before.round >= before.rounds and before.step + 1 >= len(before.steps)
        if is_last and isinstance(fact, TimeCame) and before.clocks.get("step", NEVER) <= fact.at:
            self._repeats += 1
        self._incident = self._decided(before, replace(fact, incident=before.id))

    def _decided(self, before: Incident | None, fact: Fact) -> Incident:
        """The incident as a fact leaves it; what that orders is told, and will be sent."""
        decision = decide(before, fact, self._handbook, self, case=draw_case(self._report.seed, 0))
        after = decision.incident
        if before is None:
            self._tell(Kind.REPORTED, way=after.channel, text=after.because)
        elif is_missed(after) and not is_missed(before):
            self._tell(Kind.MISSED)
        clock = after.clocks.get("step")
        looked_up = before is None or (not isinstance(fact, HandedOver) and clock not in {None, before.clocks.get("step")})
        if looked_up:
            self._asked[fact.at - self._report.at] = None
        self._lines += paged_lines(decision, fact.at, why(decision) if looked_up else "")
        for order in decision.orders:
            if order.kind in {OrderKind.PAGE, OrderKind.NOTIFY}:
                self._later(timedelta(0), partial(self._send, order, 1))
        return after

    def _tell(self, kind: Kind, who: str = "", way: str = "", text: str = "") -> None:
        """Adds a line."""
        self._lines.append(Line(at=self._at, kind=kind, who=who, way=way, text=text))

    # Providers

    def _send(self, order: Order, attempt: int) -> None:
        """A try of an order, if it is still wanted; what becomes of it is what is assumed of the provider."""
        if still_wanted(order, self._incident, self._at):
            return
        fault = self._assumed.faults.get(order.way)
        if fault is Fault.REFUSES:
            self._refused(order, attempt)
        elif fault in {Fault.HANGS, Fault.SLOW}:
            self._later(SENT_WITHIN, partial(self._accepted, order) if fault is Fault.SLOW else partial(self._unknown, order, attempt))
        else:
            self._accepted(order)

    def _refused(self, order: Order, attempt: int) -> None:
        """Surely not sent: tried again, at last given up."""
        page = order.kind is OrderKind.PAGE
        if attempt < TRIES:
            self._later(attempt * TRY_AGAIN_AFTER, partial(self._send, order, attempt + 1))
            if page:
                self._decide(SendPostponed(at=self._at, order=order.id, reason=Fault.REFUSES.value))
            return
        self._tell(Kind.FAILED, order.recipient, order.way, f"the provider {Fault.REFUSES.value}")
        self._decide(SendFailed(at=self._at, order=order.id, reason=Fault.REFUSES.value))

    def _unknown(self, order: Order, attempt: int) -> None:
        """Nobody knows whether it was sent, and it was not; the only way that there is is tried once more."""
        self._tell(Kind.FAILED, order.recipient, order.way, f"the provider {Fault.HANGS.value}")
        again = attempt == 1 and order.only_way
        if again:
            self._later(timedelta(0), partial(self._send, order, attempt + 1))
        if order.kind is OrderKind.PAGE or not again:
            self._decide(SendUnknown(at=self._at, order=order.id, reason=Fault.HANGS.value))

    def _accepted(self, order: Order) -> None:
        """The provider has it, and brings it to its reader unless it is assumed to deliver nothing."""
        arrives = self._assumed.faults.get(order.way) is not Fault.NOTHING
        if order.kind is OrderKind.NOTIFY:
            # Of a letter the subject.
            words = order.text.partition("\n")[0] if arrives else f"the provider {Fault.NOTHING.value}"
            self._tell(Kind.TOLD if arrives else Kind.FAILED, order.recipient, order.way, words)
            return
        self._decide(HandedOver(at=self._at, order=order.id, provider_id=f"what-if-{self._planned}"))
        if arrives and order.way in RINGING:
            self._ring(order)

    # People

    def _ring(self, order: Order) -> None:
        """A telephone rings, or shows a text: receipts come, and its owner does what is assumed of them."""
        who = order.recipient
        behaviour = self._assumed.of(who)
        if behaviour.answer is Answer.OFF:
            self._tell(Kind.FAILED, who, order.way, behaviour.answer.value)
            self._decide(SendFailed(at=self._at, order=order.id, reason=behaviour.answer.value))
            return
        self._tell(Kind.RANG, who, order.way)
        if order.way == "sms":
            self._decide(Delivered(at=self._at, order=order.id))
        else:
            self._later(RINGS, lambda: self._decide(CallEnded(at=self._at, order=order.id, reason="no answer")))
        if behaviour.answer is not Answer.NEVER and who not in self._acting:
            self._acting.add(who)
            self._later(behaviour.after, partial(self._answer, who, order.way))

    def _answer(self, who: str, way: str) -> None:
        """Somebody takes it, or passes it on, if it is still to be had."""
        self._acting.discard(who)
        if self._incident.held_by or not self._incident.calling:
            return
        behaviour = self._assumed.of(who)
        if behaviour.answer is Answer.PASSES:
            self._tell(Kind.PASSED, who, way, behaviour.how_late)
            self._decide(Passed(at=self._at, by=who, how=way))
            return
        self._tell(Kind.TAKEN, who, way, behaviour.how_late)
        self._decide(Acknowledged(at=self._at, by=who, how=way))
        self._acting.add(who)
        self._later(self._assumed.time_to_act, partial(self._contact, who))

    def _contact(self, who: str) -> None:
        """Whoever took it has reached the customer."""
        self._acting.discard(who)
        self._by = who
        self._tell(Kind.CONTACTED, who, text=f"{exactly(self._assumed.time_to_act)} after taking it")
        self._decide(Contacted(at=self._at, by=who, how="phone"))

    # The end

    def _outcome(self) -> Outcome:
        """What came of it."""
        incident = self._incident
        promise = incident.promise
        never = Result.DECLINED if incident.status is Status.DECLINED else Result.NOBODY
        return Outcome(
            result=Result.CONTACTED if self._by else never,
            severity=incident.severity,
            because=incident.because,
            targets=tuple(dict.fromkeys(target for step in incident.steps for target in step.targets)),
            contact_by=promise.first_contact_by if promise is not None else None,
            at=self._at,
            by=self._by,
            opening=self._opening,
            lines=tuple(self._lines),
            asked=tuple(self._asked),
        )


def is_missed(incident: Incident) -> bool:
    """Whether the promise was missed."""
    return incident.promise is not None and incident.promise.missed_at is not None


def why(decision: Decision) -> str:
    """Why people are paged, without why it was reported as it is, and without what the customer is told: these have lines of their own."""
    reasons = decision.because.removeprefix(f"{decision.incident.because}; ").split("; ")
    return "; ".join(reason for reason in reasons if not reason.startswith("the customer is told"))
