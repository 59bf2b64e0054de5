"""Finding whom to forget, in slices of any size; what broke off is finished; what is too old is forgotten by itself, once a day."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from oncall.core.messages import Contact, Noted, Reported, Resolved
from oncall.engine.boards import anew, due_of
from oncall.engine.forgetting import ForgetRefused, Forgetting
from oncall.engine.retention import Retention
from oncall.store import Store, boards, chores, forgetting, handbooks, inbox, log
from tests.engine.test_reporting import BOOK, NIGHT, NOVEMBER, Desktop, live

PHONE = "+31655501234"
DAYS_400, DAYS_30 = timedelta(days=400), timedelta(days=30)


class Archive(Desktop):
    """Nights as they are reported on, and who forgets them."""

    def __init__(self, store: Store, *, at: datetime = NIGHT) -> None:
        super().__init__(store)
        self.at = at
        self.forgetting = Forgetting(store, self, lambda: BOOK, frozenset({"sms"}), self.reporting)
        self.retention = Retention(store, self, self.forgetting, keep_cases=DAYS_400, keep_raw=DAYS_30)

    async def night(self, number: int, *, late: bool = False) -> None:
        """As there; every message of it is sent."""
        await super().night(number, late=late)
        await self.sql("UPDATE outbox SET state = 'sent', next_at = NULL")

    async def emptied(self) -> list[str]:
        """The incidents whose state says that they were forgotten."""
        return await self.names('SELECT id FROM incidents WHERE state LIKE \'%"forgotten_at":"%\' ORDER BY number')

    async def names(self, words: str) -> list[str]:
        """The first column of what somebody with the file in hand asks for."""
        return await self.store.tx(lambda conn: [str(one) for one in conn.execute(text(words)).scalars()])

    async def second_report(self, number: int) -> None:
        """Somebody else reports the same while it lasts: their number stands in the story alone."""
        more = Reported(
            at=self.at, incident=str(number), seed="ef" * 16, source="api", channel="phone", summary="same here", contact=Contact(phone=PHONE)
        )
        await self.happens(more)


def archive(tmp_path: Path, story: object) -> None:
    """Runs a story on a new store."""
    live(tmp_path, lambda desktop: story(Archive(desktop.store)))  # type: ignore[operator]  # a story is a coroutine function


async def left_of(here: Archive) -> dict[str, forgetting.Left]:
    """What every incident still says."""
    names = await here.names("SELECT id FROM incidents ORDER BY number")
    return {name: await here.store.tx(lambda conn, name=name: forgetting.left(conn, name)) for name in names}  # type: ignore[misc]  # bound at once


@pytest.mark.parametrize("size", [1, 2, 3, 500])
def test_slices_of_any_size_forget_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    async def story(here: Archive) -> None:
        monkeypatch.setattr(forgetting, "SLICE", size)
        for number in (1001, 1002, 1003):
            await here.night(number)
        before = await here.reporting.report(NOVEMBER)
        found = await here.forgetting.forget("northwind", "ben", "cli", dry_run=False)
        assert [one.incident.id for one in found.cases] == await here.emptied() == ["1001", "1002", "1003"]
        assert not any(one.anything for one in (await left_of(here)).values())
        for name in ("1001", "1002", "1003"):
            assert await here.store.tx(lambda conn, name=name: log.verify(conn, name, 6)) == []  # type: ignore[misc]  # bound at once
        assert (await here.reporting.report(NOVEMBER)).cases == before.cases

    archive(tmp_path, story)


def test_whoever_reported_second_is_found_by_what_they_said(tmp_path: Path) -> None:
    async def story(here: Archive) -> None:
        await here.night(1001)
        contact = Contact(phone="+447700900123")
        await here.happens(Reported(at=here.at, incident="1002", seed="aa" * 16, source="api", channel="api", summary="down", contact=contact))
        await here.second_report(1002)
        await here.happens(
            Noted(at=here.at, incident="1002", by="ana", how="cli", text="or ring +44 7700 900 456"),
            Resolved(at=here.at, incident="1002", by="ana", how="cli"),
        )
        await here.sql("UPDATE outbox SET state = 'sent', next_at = NULL")
        for whom in (PHONE, "+447700900456", "+447700900123"):
            found = await here.forgetting.forget(whom, "ben", "cli", dry_run=True)
            assert [one.incident.id for one in found.cases] == ["1002"]
        assert (await here.forgetting.forget("+447700900789", "ben", "cli", dry_run=True)).cases == ()

    archive(tmp_path, story)


def test_what_broke_off_is_finished_by_asking_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line that says so is written last, so a case that is half empty does not pass for forgotten."""

    async def story(here: Archive) -> None:
        monkeypatch.setattr(forgetting, "SLICE", 2)
        await here.night(1001)
        calls = []
        empty = forgetting.empty

        def breaks(*given: object) -> int:
            calls.append(given)
            if len(calls) == 3:
                raise OSError("the machine dies")
            return empty(*given)  # type: ignore[arg-type]  # as it was called

        monkeypatch.setattr(forgetting, "empty", breaks)
        with pytest.raises(OSError, match="the machine dies"):
            await here.forgetting.forget("1001", "ben", "cli", dry_run=False)
        assert await here.emptied() == []
        await here.forgetting.forget("1001", "ben", "cli", dry_run=False)
        assert await here.emptied() == ["1001"]
        assert not (await left_of(here))["1001"].anything

    archive(tmp_path, story)


def test_words_that_come_to_a_forgotten_case_are_forgotten_by_asking_again(tmp_path: Path) -> None:
    async def story(here: Archive) -> None:
        await here.night(1001)
        await here.forgetting.forget("1001", "ben", "cli", dry_run=False)
        await here.happens(Noted(at=here.at, incident="1001", by="ana", how="cli", text="it was Mrs Visser"))
        assert (await left_of(here))["1001"].lines == 1
        await here.forgetting.forget("1001", "ben", "cli", dry_run=False)
        assert not (await left_of(here))["1001"].anything
        assert await here.names("SELECT kind FROM log WHERE entry IS NOT NULL") == ["Forgotten"]

    archive(tmp_path, story)


def test_a_message_on_its_way_is_not_emptied(tmp_path: Path) -> None:
    """It would arrive without words."""

    async def story(here: Archive) -> None:
        await here.night(1001)
        for last in ("UPDATE outbox SET state = 'due'", "UPDATE outbox SET state = 'sending'"):
            await here.sql(last)
            with pytest.raises(ForgetRefused, match=r"messages of case .{4} \(incident 1001\) are still on their way; forget again in a minute"):
                await here.forgetting.forget("1001", "ben", "cli", dry_run=False)
        assert await here.names("SELECT id FROM outbox WHERE text = ''") == []

    archive(tmp_path, story)


def test_old_versions_of_the_handbook_forget_once_the_files_in_force_do(tmp_path: Path) -> None:
    """A report still tells which files an edit changed."""
    written = {"config/customers.yaml": "phone: +31 6 5550 1234", "config/people.yaml": "ana"}

    async def story(here: Archive) -> None:
        for hours, (version, files) in enumerate([("v1", written), ("v2", {**written, "config/people.yaml": "ben"})]):
            at = NOVEMBER.start + timedelta(hours=hours)
            await here.store.tx(lambda conn, v=version, f=files, at=at: handbooks.keep(conn, v, f, at))  # type: ignore[misc]  # bound at once
        found = await here.forgetting.forget(PHONE, "ben", "cli", dry_run=False)
        assert (found.still_in, found.beside.versions) == (("config/customers.yaml",), ())
        fresh = {**written, "config/customers.yaml": "", "config/people.yaml": "ben"}
        await here.store.tx(lambda conn: handbooks.keep(conn, "v3", fresh, NOVEMBER.start + timedelta(hours=2)))
        before = (await here.reporting.report(NOVEMBER)).changes
        found = await here.forgetting.forget(PHONE, "ben", "cli", dry_run=False)
        assert (found.still_in, found.beside.versions) == ((), ("v1", "v2"))
        assert [files for files in await here.names("SELECT files FROM handbooks") if "5550" in files] == []
        assert (await here.reporting.report(NOVEMBER)).changes == before
        assert [one.files for one in before] == [("config/people.yaml",), ("config/customers.yaml",)]

    archive(tmp_path, story)


def test_what_is_older_than_it_is_kept_is_forgotten_by_itself(tmp_path: Path) -> None:
    """And nothing else: not a day too early, and never what is open, however old."""

    async def story(here: Archive) -> None:
        await here.night(1001)
        await here.happens(Reported(at=here.at, incident="1002", seed="ab" * 16, source="api", channel="api", summary="open", customer="Northwind"))
        await here.sql("UPDATE outbox SET state = 'sent', next_at = NULL")
        closed = here.at - timedelta(minutes=10)
        here.at = closed + DAYS_400
        await here.retention.look()
        assert await here.emptied() == []
        here.at = closed + DAYS_400 + timedelta(days=1, seconds=1)
        before = await here.reporting.report(NOVEMBER)
        await here.retention.look()
        assert await here.emptied() == ["1001"]
        assert (await left_of(here))["1002"].lines == 1
        assert replace(await here.reporting.report(NOVEMBER), until=before.until) == before
        [line] = await here.store.tx(lambda conn: log.history(conn, "1001"))
        assert line.decision.because == "names, numbers and words were forgotten because it is older than it is kept; the figures stay"

    archive(tmp_path, story)


def test_it_works_once_a_day_over_restarts_too(tmp_path: Path) -> None:
    async def story(here: Archive) -> None:
        await here.retention.look()
        await here.night(1001)
        begun = here.at
        here.at += DAYS_400 * 2
        await here.store.tx(lambda conn: chores.done(conn, "retention", here.at - timedelta(hours=23)))
        await Archive(here.store, at=here.at).retention.look()
        assert await here.emptied() == []
        here.at += timedelta(hours=2)
        await Archive(here.store, at=here.at).retention.look()
        assert (await here.emptied(), here.at > begun) == (["1001"], True)

    archive(tmp_path, story)


def test_what_came_in_is_kept_for_thirty_days_unless_its_case_is_open(tmp_path: Path) -> None:
    async def story(here: Archive) -> None:
        await here.night(1001)
        open_one = Reported(at=here.at, incident="1002", seed="ab" * 16, source="api", channel="api", summary="open", customer="Northwind")
        await here.happens(open_one)
        began = here.at
        for key, incident, at in (
            ("closed", "1001", began), ("open", "1002", began), ("stranger", None, began), ("young", "1001", began + timedelta(hours=1)),
        ):  # fmt: skip
            values = {"key": key, "same_as": None, "kind": "Reported", "body": open_one, "at": at, "outcome": open_one, "incident": incident}
            await here.store.tx(lambda conn, values=values: inbox.keep(conn, **values))  # type: ignore[misc]  # bound at once
        here.at = began + DAYS_30 + timedelta(minutes=1)
        await here.retention.look()
        assert await here.names("SELECT key FROM inbox WHERE body != '' ORDER BY id") == ["open", "young"]
        answers = [json.loads(one) for one in await here.names("SELECT outcome FROM inbox WHERE body = ''")]
        assert [(one["because"], one["secret"]) for one in answers] == [("", ""), ("", "")]
        assert await here.emptied() == []

    archive(tmp_path, story)


def test_a_case_without_a_message_in_slack_gets_none_for_being_forgotten(tmp_path: Path) -> None:
    async def story(here: Archive) -> None:
        await here.night(1001)
        await here.forgetting.forget("1001", "ben", "cli", dry_run=False)
        assert await here.store.tx(lambda conn: boards.behind(conn, here.at + DAYS_30, 10)) == []

    archive(tmp_path, story)


def test_a_message_in_slack_that_is_gone_is_not_posted_anew_for_a_forgotten_case(tmp_path: Path) -> None:
    async def story(here: Archive) -> None:
        for number, whom in ((1001, "1001"), (1002, "")):
            await here.night(number)
            await here.store.tx(lambda conn, name=str(number): boards.touch(conn, name, 5, here.at))  # type: ignore[misc]  # bound at once
            if whom:
                await here.forgetting.forget(whom, "ben", "cli", dry_run=False)
        behind = await here.store.tx(lambda conn: boards.behind(conn, here.at, 10))
        assert sorted(one.incident for one in behind) == ["1001", "1002"]
        for shown in behind:
            await here.store.tx(lambda conn, shown=shown: anew(conn, due_of(conn, shown), here.at))  # type: ignore[misc]  # bound at once
        assert [one.incident for one in await here.store.tx(lambda conn: boards.behind(conn, here.at, 10))] == ["1002"]

    archive(tmp_path, story)


@pytest.mark.parametrize(("moves", "times"), [(1, 2), (9, 3)])
def test_what_happens_while_it_is_measured_is_measured_before_it_is_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moves: int, times: int
) -> None:
    """A case that never stands still is left for another minute."""

    async def story(here: Archive) -> None:
        await here.night(1001)
        measure, measured = here.reporting.catch_up, []

        async def disturbed() -> None:
            measured.append(1)
            await measure()
            if len(measured) <= moves:
                await here.happens(Noted(at=here.at, incident="1001", by="chloe", how="cli", text="x"))

        monkeypatch.setattr(here.reporting, "catch_up", disturbed)
        if moves > times:
            with pytest.raises(ForgetRefused, match="incident 1001 changes at the moment; forget again in a minute"):
                await here.forgetting.forget("1001", "ben", "cli", dry_run=False)
        else:
            await here.forgetting.forget("1001", "ben", "cli", dry_run=False)
            assert ["chloe" in body for _, body in (await here.known()).values()] == [True]
        assert (len(measured), await here.emptied()) == (times, [] if moves > times else ["1001"])

    archive(tmp_path, story)
