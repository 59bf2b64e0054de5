"""Reports over a real store: gathered in slices, once, again after every move and every new definition; and what changed of the policy."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from oncall.core.messages import Acknowledged, Contacted, Fact, Passed, Reported, Resolved, TimeCame
from oncall.core.metrics.cases import Case
from oncall.core.metrics.periods import period_of
from oncall.core.metrics.words import headline
from oncall.core.model import Handbook
from oncall.engine.desk import Desk, decide_and_save
from oncall.engine.reporting import Reporting
from oncall.store import Store, StoreUnavailable, cases, handbooks, incidents, open_store
from tests.simulation.books import handbook_of
from tests.stories.story import LADDER

NIGHT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
BOOK = handbook_of(["ana", "ben", "chloe"], LADDER)


class Desktop:
    """A store in which nights are written by the real decisions, a clock that is set by hand, and the reporting over both."""

    speed = 1.0

    def __init__(self, store: Store) -> None:
        self.store = store
        self.at = NIGHT
        self.reporting = Reporting(store, self, lambda: BOOK)

    def now(self) -> datetime:
        """The time."""
        return self.at

    async def happens(self, *facts: Fact) -> None:
        """Facts, one after the other."""
        for fact in facts:
            await self.store.tx(lambda conn, fact=fact: decided(conn, BOOK, fact))  # type: ignore[misc]  # bound at once

    async def night(self, number: int, *, late: bool = False) -> None:
        """Reported, passed by Ana, taken and reached by Ben, in time or not, and closed."""
        name, at = str(number), NIGHT + timedelta(hours=number - 1000)
        report = Reported(at=at, incident=name, seed=f"{number:032x}", source="api", channel="api", summary="It is down", customer="Northwind")
        step = {"incident": name, "how": "cli"}
        await self.happens(
            report,
            Passed(at=at + timedelta(minutes=1), by="ana", **step),
            Acknowledged(at=at + timedelta(minutes=2), by="ben", **step),
            Contacted(at=at + timedelta(minutes=19 if late else 5), by="ben", **step),
            Resolved(at=at + timedelta(minutes=30), by="ben", **step),
        )
        self.at = max(self.at, at + timedelta(minutes=40))

    async def known(self) -> dict[str, tuple[int, str]]:
        """What is kept of each incident: up to which turn, and the case."""
        rows = await self.store.tx(lambda conn: conn.execute(text("SELECT incident, turn, body FROM cases ORDER BY incident")).all())
        return {row.incident: (row.turn, row.body) for row in rows}

    async def sql(self, words: str) -> None:
        """Somebody with the file in hand."""
        await self.store.tx(lambda conn: conn.execute(text(words)))


def decided(conn: Connection, book: Handbook, fact: Fact) -> None:
    """A fact is decided and saved."""
    decide_and_save(conn, Desk(handbook=book, ways=frozenset({"sms"})), incidents.load(conn, fact.incident), fact)


def live(tmp_path: Path, story: Callable[[Desktop], Coroutine[Any, Any, None]]) -> None:
    """Runs a story on a new store."""

    async def run() -> None:
        store = open_store(f"sqlite:///{tmp_path / 'oncall.db'}")
        try:
            await story(Desktop(store))
        finally:
            await store.close()

    asyncio.run(run())


NOVEMBER = period_of("2026-11", BOOK.timezone)


def test_a_report_is_made_of_what_the_log_says(tmp_path: Path) -> None:
    async def story(desktop: Desktop) -> None:
        await desktop.night(1001)
        await desktop.night(1002, late=True)
        made = await desktop.reporting.report(NOVEMBER)
        assert headline(made) == "1 of 2 emergencies were contacted in time; the one miss was 4 min late."
        assert [(one.case.incident, one.cause, one.people) for one in made.misses] == [("1002", "late contact", ("ben",))]
        assert await desktop.reporting.customers(made) == {"1002": "Northwind"}
        assert made.until == desktop.at

    live(tmp_path, story)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 500])
def test_slices_of_any_size_gather_the_same_cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """A log may end where a slice does, begin in its middle, or fill several."""
    gathered: list[list[Case]] = []

    async def story(desktop: Desktop) -> None:
        for number in range(1001, 1004):
            await desktop.night(number)
        for slice_ in (500, size):
            monkeypatch.setattr(cases, "SLICE", slice_)
            await desktop.sql("DELETE FROM cases")
            await desktop.reporting.catch_up()
            gathered.append([cases.case_of(body) for _, body in (await desktop.known()).values()])
            assert [one.incident for one in (await desktop.reporting.report(NOVEMBER)).cases] == ["1001", "1002", "1003"]

    live(tmp_path, story)
    assert gathered[0] == gathered[1]
    assert [len(one.acts) for one in gathered[1]] == [4, 4, 4]


def test_one_unit_of_work_reads_no_more_than_a_slice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is due for a page comes between two of them."""

    async def story(desktop: Desktop) -> None:
        for number in range(1001, 1005):
            await desktop.night(number)
        monkeypatch.setattr(cases, "SLICE", 8)
        found = await desktop.store.tx(lambda conn: cases.written(conn, ["1001", "1002", "1003"], 0))
        assert [(one.incident, len(one.rows), one.is_complete) for one in found] == [("1001", 5, True), ("1002", 3, False)]
        found = await desktop.store.tx(lambda conn: cases.written(conn, ["1002", "1003"], 3))
        assert [(one.incident, len(one.rows), one.is_complete) for one in found] == [("1002", 2, True), ("1003", 5, True)]

    live(tmp_path, story)


def test_only_what_has_moved_is_read_again(tmp_path: Path) -> None:
    async def story(desktop: Desktop) -> None:
        await desktop.night(1001)
        await desktop.night(1002)
        await desktop.reporting.catch_up()
        first = await desktop.known()
        assert await desktop.store.tx(cases.stale) == []
        await desktop.happens(Contacted(at=desktop.at, incident="1002", by="ben", how="cli"))
        assert await desktop.store.tx(cases.stale) == [("1002", 6)]
        await desktop.reporting.keep_up()
        after = await desktop.known()
        assert (after["1001"], after["1002"][0]) == (first["1001"], 6)

    live(tmp_path, story)


def test_a_new_definition_gathers_everything_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(desktop: Desktop) -> None:
        await desktop.night(1001)
        await desktop.reporting.catch_up()
        await desktop.sql("UPDATE cases SET body = replace(body, 'ben', 'mallory')")
        await desktop.reporting.catch_up()
        assert "mallory" in (await desktop.known())["1001"][1]
        monkeypatch.setattr(cases, "DEFINITIONS", 2)
        await desktop.reporting.catch_up()
        assert "mallory" not in (await desktop.known())["1001"][1]

    live(tmp_path, story)


def test_a_log_that_was_emptied_keeps_the_case_that_was_gathered_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And one that was emptied first is no case, which is not looked for again and again."""

    async def story(desktop: Desktop) -> None:
        await desktop.night(1001)
        await desktop.reporting.catch_up()
        before = await desktop.known()
        await desktop.night(1002)
        await desktop.sql("UPDATE log SET entry = NULL")
        monkeypatch.setattr(cases, "DEFINITIONS", 2)
        await desktop.reporting.catch_up()
        after = await desktop.known()
        assert (after["1001"], after["1002"]) == (before["1001"], (5, ""))
        assert await desktop.store.tx(cases.stale) == []
        assert (await desktop.reporting.report(NOVEMBER)).emergencies == 1

    live(tmp_path, story)


def test_an_open_case_is_a_miss_as_soon_as_its_deadline_has_passed(tmp_path: Path) -> None:
    """Though nothing was written since: what is kept says when it is due, not how it stands."""

    async def story(desktop: Desktop) -> None:
        report = Reported(at=NIGHT, incident="1001", seed="ab" * 16, source="api", channel="api", summary="It is down", customer="Northwind")
        await desktop.happens(report)
        for minutes, share in ((14, (0, 0)), (16, (0, 1))):
            desktop.at = NIGHT + timedelta(minutes=minutes)
            made = await desktop.reporting.report(NOVEMBER)
            assert (made.kept.share.part, made.kept.share.whole) == share

    live(tmp_path, story)


def test_what_happened_before_a_month_counts_for_its_burden_and_not_for_its_cases(tmp_path: Path) -> None:
    """A case of the last of October that is paged on in November."""

    async def story(desktop: Desktop) -> None:
        at = datetime(2026, 10, 31, 22, 50, tzinfo=UTC)
        report = Reported(at=at, incident="1001", seed="ab" * 16, source="api", channel="api", summary="It is down", customer="Northwind")
        await desktop.happens(report, TimeCame(at=at + timedelta(minutes=30), incident="1001"))
        desktop.at = NIGHT
        assert ((await desktop.reporting.report(NOVEMBER)).emergencies, await desktop.known() != {}) == (0, True)
        known = await desktop.store.tx(lambda conn: cases.between(conn, NOVEMBER.start, NOVEMBER.end))
        assert [incident for incident, _ in known] == ["1001"]
        assert await desktop.store.tx(lambda conn: cases.between(conn, NIGHT, NOVEMBER.end)) == []

    live(tmp_path, story)


def test_changes_of_the_handbook_are_told_by_the_files_that_differ(tmp_path: Path) -> None:
    """A restart is none, the first version has nothing to differ from, and what was before the month is before it."""

    async def story(desktop: Desktop) -> None:
        steps = (
            ("a", {"config/policy.yaml": "1", "config/people.yaml": "1"}, datetime(2026, 10, 1, tzinfo=UTC)),
            ("b", {"config/policy.yaml": "2", "config/people.yaml": "1"}, datetime(2026, 10, 9, tzinfo=UTC)),
            ("c", {"config/policy.yaml": "3", "config/people.yaml": "1"}, NIGHT),
            ("c", {"config/policy.yaml": "3", "config/people.yaml": "1"}, NIGHT + timedelta(hours=9)),
            ("d", {"config/policy.yaml": "3", "rotations/new.yaml": "1"}, NIGHT + timedelta(days=1)),
        )
        for version, files, at in steps:
            await desktop.store.tx(lambda conn, kept=(version, files, at): handbooks.keep(conn, *kept))  # type: ignore[misc]  # bound at once
        made = await desktop.reporting.report(NOVEMBER)
        assert [(one.version, one.at, one.files) for one in made.changes] == [
            ("c", NIGHT, ("config/policy.yaml",)),
            ("d", NIGHT + timedelta(days=1), ("config/people.yaml", "rotations/new.yaml")),
        ]

    live(tmp_path, story)


def test_a_store_that_cannot_be_used_does_not_end_the_chore(tmp_path: Path) -> None:
    async def story(desktop: Desktop) -> None:
        await desktop.night(1001)
        await desktop.store.close()
        with pytest.raises(StoreUnavailable):
            await desktop.reporting.catch_up()
        await desktop.reporting.keep_up()

    live(tmp_path, story)
