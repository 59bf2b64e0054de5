"""Plays facts through decide() in memory: what a test says happens, and what the carrier answers, unless told otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from oncall.core.escalation import decide, still_wanted
from oncall.core.messages import ACTS, Contact, Decision, Fact, HandedOver, Incident, Order, OrderKind, Reported, TimeCame
from oncall.core.model import Handbook
from tests.simulation.books import handbook_of
from tests.simulation.world import START

LADDER = ["{page: ana, wait: 5m}", "{page: [ben, chloe], wait: 5m}", "{page: priya, wait: 10m}"]


class FixedView:
    """The rest of the world: these codes are taken, these addresses broken."""

    def __init__(self, taken: frozenset[str] = frozenset(), broken: frozenset[str] = frozenset(), ways: frozenset[str] = frozenset({"sms"})) -> None:
        self._taken = taken
        self._broken = broken
        self._ways = ways
        self.pages = False
        self._broken_ways: set[tuple[str, str]] = set()

    def codes_in_use(self, person: str) -> frozenset[str]:
        """Codes that must not be drawn."""
        return self._taken

    def way_broken(self, person: str, way: str, address: str) -> bool:
        """Whether an address is broken."""
        return address in self._broken or (person, way) in self._broken_ways

    def break_way(self, person: str, way: str) -> None:
        """From now on everything that `person` has for `way` is broken."""
        self._broken_ways.add((person, way))

    def way_on(self, way: str) -> bool:
        """Whether a channel is on."""
        return way in self._ways

    def customers_line(self) -> str:
        """Our number for customers."""
        return "+15125550101" if "sms" in self._ways else ""

    def case_page(self, case: str, secret: str) -> str:
        """Where cases are shown."""
        return f"https://oncall.example/c/{case}-{secret}" if self.pages else ""

    def policy_page(self) -> str:
        """Where the policy stands."""
        return "https://oncall.example/policy" if self.pages else ""


class Player:
    """One incident and its time. Each step returns the decision; pages are handed over at once unless `hand_over` is off."""

    def __init__(
        self, book: Handbook | None = None, *, hand_over: bool = True, severity: str = "", ways: tuple[str, ...] = ("sms",), **report: str
    ) -> None:
        self.book = book or handbook_of(["ana", "ben", "chloe"], LADDER)
        self.at = START
        self.view = FixedView(ways=frozenset(ways))
        self.orders: list[Order] = []
        self.decisions: list[Decision] = []
        self._hand_over = hand_over
        contact = Contact(name="Northwind", phone=report.pop("phone", "+31655501234"), email=report.pop("email", ""))
        words = report.pop("summary", "Checkout is down")
        channel = report.pop("channel", "api")
        self.report = Reported(
            at=START, incident="1001", seed="ab" * 16, source="api", channel=channel, summary=words, severity=severity, contact=contact, **report
        )
        self.first = self._take(None, self.report)

    @property
    def incident(self) -> Incident:
        """The incident as it stands."""
        return self.decisions[-1].incident

    def _take(self, incident: Incident | None, fact: Fact) -> Decision:
        decision = decide(incident, fact, self.book, self.view, case="K7F2")
        self.decisions.append(decision)
        self.orders.extend(decision.orders)
        if self._hand_over:
            for order in decision.orders:
                if order.kind is OrderKind.PAGE:
                    self._take(self.incident, HandedOver(at=self.at, incident="1001", order=order.id, provider_id="SM1"))
        return decision

    def fact(self, fact: Fact) -> Decision:
        """Anything happens, now."""
        return self._take(self.incident, replace(fact, at=self.at, incident="1001"))

    def act(self, verb: str, by: str, **more: object) -> Decision:
        """A responder texts."""
        return self._take(self.incident, ACTS[verb](at=self.at, incident="1001", by=by, how="sms", **more))

    def after(self, **span: float) -> Decision | None:
        """Time passes, and every clock that comes due on the way is decided at its time; the last decision."""
        end, last = self.at + timedelta(**span), None
        while self.incident.wake_at is not None and self.incident.wake_at <= end:
            self.at = max(self.at, self.incident.wake_at)
            last = self._take(self.incident, TimeCame(at=self.at, incident="1001"))
        self.at = end
        return last

    def stalled(self, **span: float) -> Decision:
        """Nothing ran for a while; then time comes once."""
        self.at += timedelta(**span)
        return self._take(self.incident, TimeCame(at=self.at, incident="1001"))

    def paged(self, decision: Decision | None) -> list[tuple[str, str]]:
        """Who a decision pages, and with which text."""
        assert decision is not None
        return [(order.recipient, order.about) for order in decision.orders if order.kind is OrderKind.PAGE]

    def told(self, decision: Decision | None, kind: OrderKind = OrderKind.TELL) -> list[tuple[str, str]]:
        """Who a decision tells what."""
        assert decision is not None
        return [(order.recipient, order.about) for order in decision.orders if order.kind is kind]

    def wanted(self) -> list[Order]:
        """All orders so far that would still go out now."""
        return [order for order in self.orders if not still_wanted(order, self.incident, self.at)]


def minute(at: datetime) -> float:
    """Minutes since the report."""
    return (at - START) / timedelta(minutes=1)
