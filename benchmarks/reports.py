"""A report of a year with 100,000 lines of log, in process: `python -m benchmarks.reports [LINES]` prints how long it takes, and asserts nothing."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from benchmarks.cases import folder
from oncall.core.messages import (
    Acknowledged,
    CallEnded,
    Contact,
    Contacted,
    Delivered,
    Fact,
    HandedOver,
    Incident,
    Order,
    OrderKind,
    Passed,
    Reported,
    Resolved,
    TimeCame,
)
from oncall.core.metrics.periods import period_of
from oncall.core.metrics.words import headline
from oncall.core.model import Handbook
from oncall.daemon.life import spare_the_collector
from oncall.engine.desk import Desk, decide_and_save
from oncall.engine.reporting import Reporting
from oncall.handbook import parse
from oncall.store import Store, open_store

LINES = 100_000
LOOK_EVERY_S = 0.005
YEAR = datetime(2026, 1, 1, tzinfo=UTC)
PEOPLE = 8
TURNS = 40
"""More facts than any of these incidents has."""
BOOK = """version: 1
timezone: Europe/Berlin
hours: {office: mon-fri 08:00-17:00}
people:
%(people)s
rotations:
  first: {people: [%(names)s], handover: mon 09:00, start: 2026-01-05}
  second: {backs_up: first}
escalations: {main: [{page: first, wait: 5m}, {page: second, wait: 5m}, {page: p0, wait: 10m}]}
roles: {admin: [p0], manager: [p0]}
policy:
  company: Example
  office: office
  severities:
    sev1: {means: down, contact_within: {api: 15m, phone: 15m, email: 30m}, escalation: main}
    sev2: {means: slow, contact_within: {api: 45m, phone: 45m, email: 60m}, escalation: main}
  triage: [{words: [slow], severity: sev2}, {otherwise: sev1}]
  last_resort: [p0]
"""


@dataclass(kw_only=True)
class Now:
    """The clock of the daemon."""

    at: datetime
    speed: float = 1.0

    def now(self) -> datetime:
        """The time."""
        return self.at


def handbook() -> Handbook:
    """Eight people in a rotation with a backup."""
    names = [f"p{n}" for n in range(PEOPLE)]
    people = "\n".join(f'  {name}: {{name: Person{n} Example, phone: "+1555200000{n}"}}' for n, name in enumerate(names))
    found = parse({"config/all.yaml": BOOK % {"people": people, "names": ", ".join(names)}}).handbook
    assert found is not None
    return found


class Night:
    """One emergency as nights go: pages that arrive or not, somebody who takes it in the end, a contact, a resolve."""

    def __init__(self, conn: Connection, book: Handbook, number: int, at: datetime) -> None:
        self._conn = conn
        self._desk = Desk(handbook=book, ways=frozenset({"sms", "voice"}))
        self._rng = random.Random(number)  # noqa: S311 -- draws the same nights each time, no secret
        self._incident: Incident | None = None
        self._number = str(1001 + number)
        self._at = at

    def play(self) -> int:
        """Plays it; how many lines it wrote."""
        rng, contact = self._rng, Contact(name="Example Customer", phone="+15125550199")
        words = rng.choice(["Checkout is down", "Reports are slow"])
        self._decide(
            Reported(
                at=self._at, incident=self._number, seed=f"{rng.getrandbits(128):032x}", source="api", channel=rng.choice(["api", "phone", "email"]),
                summary=words, details="Nothing works since half an hour. " * 5, contact=contact,
            )
        )  # fmt: skip
        wakes = rng.random() < 0.95
        for _ in range(TURNS):
            incident = self._now()
            if incident.held_by:
                break
            if wakes and rng.random() < 0.25:
                self._act()
            elif incident.wake_at is not None:
                self._at = max(self._at, incident.wake_at)
                self._decide(TimeCame(at=self._at, incident=incident.id))
        return self._end()

    def _now(self) -> Incident:
        assert self._incident is not None
        return self._incident

    def _act(self) -> None:
        """Somebody who is called takes it or passes it on."""
        who = self._rng.choice([page.person for page in self._now().newest_round] or ["p0"])
        self._at += timedelta(seconds=self._rng.uniform(5, 120))
        kind = Passed if self._rng.random() < 0.2 else Acknowledged
        self._decide(kind(at=self._at, incident=self._number, by=who, how="sms"))

    def _end(self) -> int:
        """The customer is called and it is closed."""
        self._at += timedelta(minutes=self._rng.uniform(1, 20))
        who = self._now().held_by or "p0"
        self._decide(Contacted(at=self._at, incident=self._number, by=who, how="sms"))
        self._at += timedelta(minutes=self._rng.uniform(5, 200))
        self._decide(Resolved(at=self._at, incident=self._number, by=who, how="sms"))
        return self._now().turn

    def _decide(self, fact: Fact) -> None:
        """Decides and saves, and lets the provider answer."""
        decision = decide_and_save(self._conn, self._desk, self._incident, fact).decision
        self._incident = decision.incident
        for order in decision.orders:
            self._sent(order)

    def _sent(self, order: Order) -> None:
        """What the provider says of an order."""
        at, incident = self._at + timedelta(seconds=1), self._number
        if order.kind is OrderKind.HANG_UP:
            return
        self._decide(HandedOver(at=at, incident=incident, order=order.id, provider_id="SM" + "0" * 32))
        if order.kind is OrderKind.PAGE and order.way == "sms" and self._rng.random() < 0.95:
            self._decide(Delivered(at=at + timedelta(seconds=2), incident=incident, order=order.id))
        if order.kind is OrderKind.PAGE and order.way == "voice":
            self._decide(CallEnded(at=at + timedelta(seconds=20), incident=incident, order=order.id, reason="nobody answered"))


async def fill(store: Store, book: Handbook, lines: int) -> int:
    """Writes nights, spread over the year, until there are so many lines; how many nights."""
    written = number = 0
    while written < lines:
        at = YEAR + timedelta(days=365) * written / lines
        written += await store.tx(lambda conn, number=number, at=at: Night(conn, book, number, at).play())  # type: ignore[misc]  # bound at once
        number += 1
    print(f"{written:,} lines of {number:,} emergencies")
    return number


async def measured(lines: int, place: Path) -> None:
    """Fills a store and times the reports."""
    store, book = open_store(f"sqlite:///{place / 'oncall.db'}"), handbook()
    try:
        await fill(store, book, lines)
        print(f"store: {(place / 'oncall.db').stat().st_size / 1e6:,.0f} MB")
        reporting = Reporting(store, Now(at=YEAR + timedelta(days=366)), lambda: book)
        await timed("all cases gathered from the log, once", reporting.catch_up())
        for name in ("2026", "2026", "2026-11", "2026-W47"):
            made = await timed(f"report of {name}", reporting.report(period_of(name, book.timezone)))
            print(f"   {headline(made)}")
    finally:
        await store.close()


async def timed(what: str, work):  # type: ignore[no-untyped-def]  # whatever the work gives
    """Times it, and the longest time in which the loop did nothing else."""
    longest, last, running = 0.0, time.perf_counter(), True

    async def look() -> None:
        nonlocal longest, last
        while running:
            now = time.perf_counter()
            longest, last = max(longest, now - last), now
            await asyncio.sleep(LOOK_EVERY_S)

    beside = asyncio.create_task(look())
    began, cpu = time.perf_counter(), time.process_time()
    result = await work
    took, used = time.perf_counter() - began, time.process_time() - cpu
    away_ms = max(longest - LOOK_EVERY_S, 0.0) * 1000
    print(f"{what}: {took:.2f} s ({used:.2f} s of processor time), the loop was away for {away_ms:.0f} ms at most")
    running = False
    await beside
    return result


def main() -> None:
    """The script."""
    # As the daemon has it.
    spare_the_collector()
    with folder() as place:
        asyncio.run(measured(int(sys.argv[1]) if len(sys.argv) > 1 else LINES, place))


if __name__ == "__main__":
    main()
