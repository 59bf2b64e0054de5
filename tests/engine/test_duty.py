"""The chore that tells people of their duty: from the real store, once, over restarts and edits, and never what is no longer true."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, select

from oncall.core.differences import differences
from oncall.core.messages import Order
from oncall.core.model import Handbook
from oncall.engine.duty import DutyNotices
from oncall.store import Store, StoreUnavailable, open_store, outbox
from oncall.store.tables import OUTBOX
from tests.core.rotas import utc
from tests.core.test_notices import WEEK, book

CODE = re.compile(r"(?<=Reply )\d+|\d+(?=[NS] )")


class Body:
    """A store, a clock that is set by hand, and a handbook that can be edited."""

    speed = 1.0

    def __init__(self, store: Store, at: str, handbook: Handbook) -> None:
        self.store = store
        self.at = utc(at)
        self.handbook = handbook
        self.full = False
        self.chore = self.started()

    def now(self) -> datetime:
        """The time."""
        return self.at

    async def order(self, make: Callable[[Connection], tuple[Order, ...]]) -> None:
        """As the engine does."""
        if self.full:
            raise StoreUnavailable("the disk is full")
        await self.store.tx(lambda conn: outbox.put(conn, make(conn)))

    def started(self) -> DutyNotices:
        """The chore as a start of the daemon makes it."""
        return DutyNotices(self, self, lambda: self.handbook, frozenset({"sms"}))

    async def pass_time(self, *, until: str, step: timedelta = timedelta(minutes=1)) -> None:
        """The chore runs at every step."""
        while self.at < utc(until):
            self.at += step
            await self.chore.tell()

    async def said(self) -> list[str]:
        """Everything that was ordered, in order, with 31 for every code."""
        rows = await self.store.tx(
            lambda conn: conn.execute(select(OUTBOX.c.recipient, OUTBOX.c.text).order_by(OUTBOX.c.ordered_at, OUTBOX.c.id)).all()
        )
        return [f"{row.recipient}: {CODE.sub('31', row.text)}" for row in rows]


def live(tmp_path: Path, story: Callable[[Body], object], at: str = "2026-01-12T07:30", ring: str = WEEK) -> list[str]:
    """Runs a story on a new store; what was said."""

    async def run() -> list[str]:
        store = open_store(f"sqlite:///{tmp_path / 'oncall.db'}")
        try:
            body = Body(store, at, book(ring))
            await body.chore.tell()
            await story(body)  # type: ignore[misc]  # every story is a coroutine
            return await body.said()
        finally:
            await store.close()

    return asyncio.run(run())


MONDAY = [
    "ben: In 15 min you are on call for r, until Mon 09:00.",
    "ben: You are on call for r until Mon 09:00, backup Mats. Reply 31 = I have it.",
    "ana: You are no longer on call for r. Thank you. Ben has it now.",
]


def test_a_handover_is_told_to_both_at_its_minute(tmp_path: Path) -> None:
    """On the reader's clock; each once, though the chore runs each minute."""
    assert sorted(live(tmp_path, lambda body: body.pass_time(until="2026-01-12T09:00"))) == sorted(MONDAY)


def test_the_first_start_tells_nothing_of_the_past(tmp_path: Path) -> None:
    """A new store knows of nobody's day."""
    assert live(tmp_path, lambda body: body.pass_time(until="2026-01-12T08:10"), at="2026-01-12T08:01") == []


def test_a_restart_over_the_handover_loses_nothing_and_says_nothing_that_is_over(tmp_path: Path) -> None:
    """Down from 07:30 to 08:20: that it begins soon is no longer true, that it began and ended is."""

    async def story(body: Body) -> None:
        body.at, body.chore = utc("2026-01-12T08:20"), body.started()
        await body.chore.tell()
        await body.started().tell()

    assert sorted(live(tmp_path, story)) == sorted(MONDAY[1:])


def test_after_a_day_of_standing_still_old_news_stay_untold(tmp_path: Path) -> None:
    """Nobody is thanked for last week."""

    async def story(body: Body) -> None:
        body.at, body.chore = utc("2026-01-14T08:20"), body.started()
        await body.chore.tell()

    assert live(tmp_path, story) == []


def test_a_store_that_cannot_be_written_is_made_up_for(tmp_path: Path) -> None:
    """What is told and that it was told are one commit."""

    async def story(body: Body) -> None:
        body.full = True
        await body.pass_time(until="2026-01-12T08:05")
        body.full = False
        await body.pass_time(until="2026-01-12T08:10")

    assert sorted(live(tmp_path, story)) == sorted(MONDAY[1:])


def test_an_edit_in_between_counts_from_then_on(tmp_path: Path) -> None:
    """Mats takes the week: he is told, and ben is not told that he begins."""

    async def story(body: Body) -> None:
        await body.pass_time(until="2026-01-12T07:50")
        body.handbook = book(WEEK, "changes: [{rotation: r, from: 2026-01-12 09:00, to: 2026-01-19 09:00, put: mats}]\n")
        await body.pass_time(until="2026-01-12T08:10")

    assert sorted(live(tmp_path, story)) == sorted(
        [
            MONDAY[0],
            "mats: You are on call for r until Mon 09:00. Reply 31 = I have it.",
            "ana: You are no longer on call for r. Thank you. Mats has it now.",
        ]
    )


def test_when_an_edit_moves_the_present_both_sides_are_told_at_once(tmp_path: Path) -> None:
    """And once, however often the same edit is loaded."""

    async def story(body: Body) -> None:
        old, body.handbook = body.handbook, book(WEEK, "away: [ana 2026-01-12 to 2026-01-12]\n")
        for _ in range(2):
            await body.chore.moved(differences(old, body.handbook, body.at, body.at + timedelta(days=56)))

    assert sorted(live(tmp_path, story)) == [
        "ana: The rota was changed: you are no longer on call for r. Ben has it now.",
        "ben: The rota was changed: you are on call for r from now on, until 09:00. Before you: Ana.",
    ]


def test_admins_hear_of_a_gap_days_before_it_and_once(tmp_path: Path) -> None:
    """Sunday is nobody's; told from Thursday on, and not again each half hour."""
    hole = WEEK.replace("}", ", hours: 'mon-sat 00:00-24:00'}")
    found = live(tmp_path, lambda body: body.pass_time(until="2026-01-09T12:00", step=timedelta(minutes=31)), at="2026-01-06T12:00", ring=hole)
    (alarm,) = found
    assert alarm == (
        "mats: Nobody is on call for r from Sun 00:00 to Mon 00:00. Reply 31 = I take it, 31N = no; or put somebody there. See: oncall check"
    )
