"""A decision in the making: the incident as it changes, the orders and reasons gathered on the way, and the view of the rest."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Protocol

from oncall.core.escalation import customer
from oncall.core.messages import Decision, Fact, Incident, Order, OrderKind, Page
from oncall.core.model import DEFAULT_REACH, Handbook, Person, ReachStep, first_name
from oncall.core.replies import draw_code
from oncall.core.schedule import needed, paged, shadows
from oncall.core.wording import clock_text, words_for

URGENCY = {OrderKind.HANG_UP: 0, OrderKind.PAGE: 1, OrderKind.NOTIFY: 2, OrderKind.TELL: 3}
"""Orders of the highest severity come before all others; within a severity the end of a call that rings, then pages, customers, the rest."""


class View(Protocol):
    """The rest of the world, as it stands in the transaction of the decision."""

    def codes_in_use(self, person: str) -> frozenset[str]:
        """The reply codes that `person` holds or that are in quarantine for them."""
        ...

    def way_broken(self, person: str, way: str, address: str) -> bool:
        """Whether a provider has said that this address will never work."""
        ...

    def way_on(self, way: str) -> bool:
        """Whether this way ('sms', 'voice', 'slack', 'email') is switched on."""
        ...

    def customers_line(self) -> str:
        """The number at which customers text us; '' if there is none."""
        ...

    def case_page(self, case: str, secret: str) -> str:
        """The address of the page of a case; '' if there is none."""
        ...

    def policy_page(self) -> str:
        """The address of our policy; '' if there is none."""
        ...


class Draft:
    """One decision while it is made. `at` is the fact's time; nothing here reads a clock or touches the outside."""

    def __init__(self, incident: Incident, fact: Fact, handbook: Handbook, view: View) -> None:
        self.incident = incident.changed(turn=incident.turn + 1)
        self.at = fact.at
        self.handbook = handbook
        self.view = view
        self.orders: list[Order] = []
        self.reasons: list[str] = []
        self.result = ""
        self._reach: dict[str, tuple[ReachStep, ...]] = {}

    def decision(self) -> Decision:
        """The finished decision."""
        return Decision(incident=self.incident, orders=tuple(self.orders), because="; ".join(self.reasons), result=self.result)

    def change(self, **fields: Any) -> None:
        """Gives the incident new values."""
        self.incident = self.incident.changed(**fields)

    def why(self, reason: str) -> None:
        """Adds one reason to the decision's `because`."""
        self.reasons.append(reason)

    def clock(self, name: str, at: datetime | None) -> None:
        """Sets the clock `name`, or stops it with None."""
        clocks = {key: due for key, due in self.incident.clocks.items() if key != name}
        self.change(clocks=clocks if at is None else {**clocks, name: at})

    def due(self, name: str) -> bool:
        """Whether the clock `name` is due at the fact's time."""
        when = self.incident.clocks.get(name)
        return when is not None and when <= self.at

    # Pages

    def page(self, person: str) -> Page:
        """The page that `person` holds, with a code newly drawn if they hold none."""
        known = self.incident.page_of(person)
        if known is not None:
            return known
        code = draw_code(self.incident.seed, person, self.view.codes_in_use(person))
        fresh = Page(person=person, code=code, step=self.incident.step, paged_at=self.at)
        self.change(pages=(*self.incident.pages, fresh))
        return fresh

    def keep(self, page: Page) -> None:
        """Puts `page` in the place of the one that its person held."""
        self.change(pages=tuple(page if one.person == page.person else one for one in self.incident.pages))

    # People

    def person(self, who: str) -> Person | None:
        """The handbook's person, or None for a bare number and for somebody who left."""
        return self.handbook.people.get(who)

    def name(self, who: str) -> str:
        """How texts call `who`: the first name, or the whole name where two share it."""
        person = self.person(who)
        if person is None:
            return who
        first = first_name(person)
        return person.name if first in self.handbook.shared_first_names else first

    def public_name(self, who: str) -> str:
        """How customers are told of `who`, '' for nobody: a colleague's number that stands in for a name is nobody's business but ours."""
        if not who:
            return ""
        return self.name(who) if who in self.handbook.people else customer.name(self, "one_of_us")

    def names(self, people: tuple[str, ...]) -> str:
        """Several people in a text."""
        return ", ".join(self.name(one) for one in people)

    def address(self, who: str, way: str) -> str:
        """Where `who` is reached by `way`: the first address that is not known to be broken; '' when there is none, or the way is off."""
        usable = (one for one in self.addresses(who, way) if not self.view.way_broken(who, way, one))
        return next(usable, "")

    def addresses(self, who: str, way: str) -> tuple[str, ...]:
        """Every address of `who` for `way`, broken ones too; none if the way is off."""
        person = self.person(who)
        if not self.view.way_on(way):
            return ()
        if way == "slack":
            return (person.slack_address,) if person and person.slack_address else ()
        return person.phones if person else ((who,) if who.startswith("+") else ())

    def reach(self, who: str) -> tuple[ReachStep, ...]:
        """The personal contact steps of `who` with the ways that can be used now; a step may be left without any.

        Somebody of whom every way is known to be broken is tried all the same: what broke may have been mended.
        """
        if who not in self._reach:
            self._reach[who] = self._usable_reach(who)
        return self._reach[who]

    def _usable_reach(self, who: str) -> tuple[ReachStep, ...]:
        """See `reach`; the same throughout a decision, which asks half a dozen times."""
        plan = self.planned_reach(who)
        usable = {way for step in plan for way in step.ways if self.address(who, way)}
        usable = usable or {way for step in plan for way in step.ways if self.addresses(who, way)}
        return tuple(ReachStep(ways=tuple(way for way in step.ways if way in usable), after=step.after) for step in plan)

    def planned_reach(self, who: str) -> tuple[ReachStep, ...]:
        """The personal contact steps of `who` as they are written."""
        person = self.person(who)
        return person.reach if person else DEFAULT_REACH

    def reachable(self, who: str) -> bool:
        """Whether a page can be sent to `who` at all."""
        return any(step.ways for step in self.reach(who))

    def people(self, targets: tuple[str, ...]) -> tuple[str, ...]:
        """The people that rotations and names stand for now, each once, by the newest handbook (decisions.md 21)."""
        return paged(self.handbook, targets, self.at)

    def people_of_step(self, index: int) -> tuple[str, ...]:
        """Who step `index` pages now: those who are trained for the incident's service, if it needs that."""
        return paged(self.handbook, self.incident.steps[index].targets, self.at, needed(self.handbook, self.incident.service))

    def shadows(self, steps: Iterable[int]) -> tuple[str, ...]:
        """Who gets copies of what these steps page, each once."""
        rotations = (target for index in steps for target in self.incident.steps[index].targets if target in self.handbook.rotations)
        return tuple(dict.fromkeys(who for rotation in rotations for who in shadows(self.handbook, rotation, self.at)))

    def time(self, at: datetime | None, who: str = "") -> str:
        """`at` on the clock of `who` (the company's when nobody is named); '' for None."""
        person = self.person(who)
        return "" if at is None else clock_text(at, person.timezone if person else self.handbook.timezone, self.at)

    # Texts

    def minutes_called(self) -> str:
        """Whole minutes since this calling began."""
        return str((self.at - (self.incident.called_since or self.incident.opened_at)) // timedelta(minutes=1))

    def values(self, who: str = "", **more: str) -> dict[str, str]:
        """What any text about this incident can name, for the reader `who`."""
        incident = self.incident
        page = incident.page_of(who) if who else None
        promise = incident.promise
        due = promise.contact_by if promise is not None and promise.pending else None
        return {
            "company": self.handbook.company,
            "severity": incident.severity.upper(),
            "customer": incident.label,
            "summary": incident.summary,
            "details": incident.details or incident.summary,
            "case": incident.case,
            "code": page.code if page else "",
            "due": self.time(due, who),
            "caller": incident.contact.caller if due else "",
            "minutes": self.minutes_called(),
            "holder": self.name(incident.held_by) if incident.held_by else "",
            "since": self.time(incident.held_since, who),
            **more,
        }

    def order(self, kind: OrderKind, about: str, who: str, way: str, address: str, words: str, *, only_way: bool = True) -> Order:
        """Adds an order whose id says what it means; the same one twice is one order."""
        incident = self.incident
        severity = self.handbook.severities.get(incident.severity)
        order = Order(
            id=f"{incident.id}/{incident.turn}/{about}/{who}/{way}",
            kind=kind,
            about=about,
            incident=incident.id,
            recipient=who,
            way=way,
            address=address,
            text=words,
            urgency=URGENCY[kind] + (10 * severity.rank if severity else 0),
            due_at=self.at,
            only_way=only_way,
        )
        if all(other.id != order.id for other in self.orders):
            self.orders.append(order)
        return order

    def words(self, who: str, way: str, about: str, values: dict[str, str]) -> str:
        """The text `about` as `who` reads or hears it by `way`."""
        person = self.person(who)
        return words_for(way, self.handbook.texts, person.language if person else "en", about, values)

    def tell(self, who: str, about: str, **more: str) -> None:
        """Orders a message to a responder that asks for nothing: a text, else in Slack; who has neither is left out, and the reason says so."""
        ways = [way for way in ("sms", "slack") if self.address(who, way)] or [way for way in ("sms", "slack") if self.addresses(who, way)]
        if ways:
            address = self.address(who, ways[0]) or self.addresses(who, ways[0])[0]
            self.order(OrderKind.TELL, about, who, ways[0], address, self.words(who, ways[0], about, self.values(who, **more)))
        else:
            self.why(f"{self.name(who)} has neither a telephone number nor Slack, so was not told")

    def tell_admins(self, about: str, **more: str) -> None:
        """Tells whoever looks after the machine."""
        for who in self.people(self.handbook.admins):
            self.tell(who, about, **more)

    def notify(self, about: str, **more: str) -> None:
        """Orders a notice to the customer and remembers that this was told."""
        customer.notify(self, about, more)
