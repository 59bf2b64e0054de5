"""A daemon's engine and what asks beside it, over a real store, with a clock that is set by hand; what people text, and what is texted to them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from oncall.core.messages import Heard
from oncall.core.model import Handbook
from oncall.core.rota import Change, ChangeKind
from oncall.core.schedule import on_call
from oncall.engine import Engine, Outcome
from oncall.engine.asking import Asking
from oncall.engine.changing import Changing
from oncall.engine.duty import DutyNotices
from oncall.store import Store, codes, open_store, overrides
from oncall.store.tables import OUTBOX
from tests.core.rotas import utc
from tests.core.test_cover import book
from tests.web.standing import HERE, Book, Carrier, logged_elsewhere

WAYS = frozenset({"sms"})


class Night:
    """`at` is the time. Nothing happens by itself: `look` does what was wished and answered, `tell` the notices that are due."""

    speed = 1.0

    def __init__(self, store: Store, at: str, handbook: Handbook) -> None:
        self.store = store
        self.at = utc(at)
        self.handbook = handbook
        self._texts = 0
        self._read: dict[str, int] = {}

    async def boot(self) -> None:
        """The daemon starts, over whatever is in the store."""
        self.book = Book(lambda: self.handbook)
        self.book.use_overrides(await self.store.tx(lambda conn: overrides.since(conn, self.at - timedelta(days=70))))
        self.carrier = Carrier()
        self.engine = Engine(store=self.store, clock=self, handbook=lambda: self.book.handbook, channels={"sms": self.carrier})
        self.changing = Changing(self.engine, self, self.book, WAYS)
        self.asking = Asking(self.engine, self, lambda: self.book.handbook, self.changing, WAYS)
        self.duty = DutyNotices(self.engine, self, lambda: self.book.handbook, WAYS)

    def now(self) -> datetime:
        """The time."""
        return self.at

    async def says(self, who: str, words: str, *, look: bool = True) -> Outcome:
        """Somebody texts the staff number."""
        self._texts += 1
        sender, reference = self.handbook.people[who].phones[0], f"SM{self._texts}"
        heard = Heard(at=self.at, seed=f"{self._texts:032x}", way="sms", sender=sender, line="staff", text=words, reference=reference)
        outcome = await self.engine.take(heard, key=f"sms:{reference}")
        if look:
            await self.asking.look()
        return outcome

    async def texts(self, who: str) -> list[str]:
        """What was texted to somebody since the last time, in order; a question not before it is put."""
        rows = await self.store.tx(
            lambda conn: conn.execute(select(OUTBOX.c.text, OUTBOX.c.ordered_at).where(OUTBOX.c.recipient == who).order_by(OUTBOX.c.next_at)).all()
        )
        fresh = [row.text for row in rows][self._read.get(who, 0) :]
        self._read[who] = len(rows)
        return fresh

    async def code(self, who: str) -> str:
        """The newest code that somebody was given."""
        return (await self.store.tx(lambda conn: codes.bound_to(conn, who, self.at)))[-1].code

    async def sent(self) -> list[str]:
        """What was really sent by now, as 'who: text'."""
        await self.engine.turn()
        await asyncio.sleep(0.05)
        return [f"{self.handbook.owner_of_phone[one.address]}: {one.text}" for one in self.carrier.sent]

    async def put(self, who: str, start: str, end: str) -> None:
        """An admin puts somebody on call."""
        times = {"start": utc(start).replace(tzinfo=None), "end": utc(end).replace(tzinfo=None)}
        change = Change(rotation="r", kind=ChangeKind.PUT, people=(who,), timezone="UTC", why="", place=HERE, **times)
        await self.changing.take(change, "dev")

    def on_call(self, at: str, rotation: str = "r") -> tuple[str, ...]:
        """Who is on call at a time, by the handbook in force."""
        return on_call(self.book.handbook, rotation, utc(at)).people


def live(
    tmp_path: Path, story: Callable[[Night], Coroutine[Any, Any, None]], *, at: str = "2026-01-10T12:00", handbook: Handbook | None = None
) -> None:
    """Runs a story on a new store; it begins on a Saturday at one o'clock in Berlin."""

    async def run() -> None:
        store = open_store(f"sqlite:///{tmp_path / 'oncall.db'}")
        try:
            night = Night(store, at, handbook or book())
            await night.boot()
            await story(night)
        finally:
            await store.close()

    with logged_elsewhere():
        asyncio.run(run())


async def asked(night: Night, words: str = "COVER r") -> tuple[str, str]:
    """Ana asks for cover of her Tuesday; the codes of ben and dev, and nothing of it is left to read."""
    await night.says("ana", words)
    for who in ("ana", "ben", "chloe", "dev"):
        await night.texts(who)
    return await night.code("ben"), await night.code("dev")
