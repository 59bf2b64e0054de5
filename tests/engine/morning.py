"""The mornings after: a night's cases over a real store, and the chore that asks about them, with a clock that is set by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from oncall.core.feedback import Review
from oncall.core.messages import ACTS, Contact, Heard, Reported
from oncall.core.model import Handbook
from oncall.core.policy import Feedback, Publication
from oncall.core.rota import Calendar, Hours, WeeklySpan
from oncall.engine import Outcome
from oncall.engine.feedback import FeedbackChore
from oncall.store import open_store, reviews
from oncall.store.tables import OUTBOX
from tests.core.rotas import utc
from tests.engine.night import WAYS, Night
from tests.web.standing import HERE, handbook, logged_elsewhere

CUSTOMER, OTHER = "+447700900123", "+447700900124"
NINE = 9 * 60
ASKED = "Acme {case}: how did we handle your case of {since}? Reply 1 (bad) to 5 (great). One question, one text. Reply NOMORE for no more surveys."


def office(*, days: int = 5, holidays: Calendar | None = None) -> Hours:
    """From Monday on, so many days from 08:00 to 18:00."""
    spans = tuple(
        WeeklySpan(opens_minute=(24 * day + 8) * 60, closes_minute=(24 * day + 18) * 60, except_holidays=holidays is not None) for day in range(days)
    )
    return Hours(name="office", spans=spans, inverted=False, place=HERE, calendar=holidays)


def asking(feedback: Feedback | None = None, hours: Hours | None = None) -> Handbook:
    """Ana is paged first, then Ben, who signs the policy; customers and the team are asked at nine."""
    return replace(
        handbook(),
        company="Acme",
        office=hours or office(),
        publication=Publication(owner="ben"),
        feedback=feedback or Feedback(customer_minute=NINE, team_minute=NINE),
    )


class Morning(Night):
    """`ask` is the chore; what customers are told goes to their number."""

    async def boot(self) -> None:
        """The daemon starts."""
        await super().boot()
        self.feedback = FeedbackChore(self.engine, self, lambda: self.book.handbook, WAYS)
        await self.feedback.ask()

    async def reported(self, at: str, *, phone: str = CUSTOMER, **more: Any) -> str:
        """A customer reports an emergency, and pages go out; its incident."""
        self.at = utc(at)
        contact = Contact(name="M. Visser", phone=phone)
        fact = Reported(
            at=self.at, seed=f"{self.at.timestamp():032.0f}", source="shop", channel="api", summary="Checkout is down", service="shop",
            customer=more.pop("customer", "Northwind"), contact=contact, dedup_key=f"{at}", **more,
        )  # fmt: skip
        outcome = await self.engine.take(fact, key=f"report {at}")
        await self.settled()
        return outcome.incident

    async def acts(self, incident: str, *verbs: str, by: str = "ana", after: timedelta = timedelta(minutes=2)) -> None:
        """Somebody does something, each so long after the last."""
        for verb in verbs:
            self.at += after
            await self.engine.take(ACTS[verb](at=self.at, incident=incident, by=by, how="cli"))
            await self.settled()

    async def closed_case(self, at: str, **more: Any) -> str:
        """A case that was taken, contacted and closed within six minutes."""
        incident = await self.reported(at, **more)
        await self.acts(incident, "acknowledge", "contacted", "resolve")
        return incident

    async def settled(self) -> None:
        """What is due is sent."""
        await self.engine.turn()
        await asyncio.sleep(0.02)

    async def becomes(self, at: str) -> None:
        """It is that time, and the chore runs."""
        self.at = utc(at)
        await self.feedback.ask()
        await self.settled()

    def to(self, address: str) -> list[str]:
        """What was really sent to a number since the last time."""
        mine = [one.text for one in self.carrier.sent if one.address == address]
        fresh = mine[self._read.get(address, 0) :]
        self._read[address] = len(mine)
        return fresh

    async def customer(self, words: str, *, phone: str = CUSTOMER) -> Outcome:
        """A customer texts us."""
        self._texts += 1
        self.at += timedelta(seconds=1)
        reference = f"SM{self._texts}"
        heard = Heard(at=self.at, seed=f"{self._texts:032x}", way="sms", sender=phone, line="customers", text=words, reference=reference)
        outcome = await self.engine.take(heard, key=f"sms:{reference}")
        await self.settled()
        return outcome

    async def reviews(self) -> list[Review]:
        """The reviews that are open."""
        return list(await self.store.tx(reviews.still_open))

    async def ordered(self, about: str) -> list[tuple[str, str]]:
        """Every order about something: to whom, and what became of it."""
        rows = select(OUTBOX.c.address, OUTBOX.c.state).where(OUTBOX.c.about == about).order_by(OUTBOX.c.ordered_at, OUTBOX.c.id)
        return [(row.address, row.state) for row in await self.store.tx(lambda conn: conn.execute(rows).all())]


def live(tmp_path: Path, story: Callable[[Morning], Coroutine[Any, Any, None]], *, book: Handbook | None = None) -> None:
    """Runs a story on a new store; it begins on a Monday at noon, in UTC."""

    async def run() -> None:
        store = open_store(f"sqlite:///{tmp_path / 'oncall.db'}")
        try:
            morning = Morning(store, "2026-01-12T12:00", book or asking())
            await morning.boot()
            await story(morning)
        finally:
            await store.close()

    with logged_elsewhere():
        asyncio.run(run())
