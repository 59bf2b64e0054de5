"""`oncall schedule --ics`: read back by the library that calendars use; UIDs stay, what ends otherwise is newer, what is gone is cancelled."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from icalendar import Calendar, Component

from oncall.cli.program import run
from tests.cli.test_diff import edit, folder, git  # noqa: F401 -- the fixture

SPAN = ("--from", "2026-01-05T08:00:00Z", "--to", "2026-02-02T08:00:00Z")


def events(capsys: pytest.CaptureFixture[str], *more: str) -> list[Component]:
    """The events that are printed."""
    capsys.readouterr()
    assert run(["schedule", "r", *SPAN, "--ics", *more]) == 0
    return list(Calendar.from_ical(capsys.readouterr().out).walk("VEVENT"))


def told(found: list[Component]) -> list[str]:
    """Them in words."""
    return [f"{one['status']} {one['summary']} {one.decoded('dtstart'):%d.%m. %H:%M}-{one.decoded('dtend'):%d.%m. %H:%M}" for one in found]


def test_a_schedule_is_a_calendar(capsys: pytest.CaptureFixture[str]) -> None:
    found = events(capsys)
    assert told(found)[:2] == [
        "CONFIRMED On call r: Ana Example 05.01. 08:00-12.01. 08:00",
        "CONFIRMED On call r: Ben Example 12.01. 08:00-19.01. 08:00",
    ]
    assert found[0].decoded("dtstart") == datetime(2026, 1, 5, 8, tzinfo=UTC)
    assert found[0]["description"] == "r, turn of ana"
    assert len({str(one["uid"]) for one in found}) == 4


def test_an_event_keeps_its_uid_when_another_moves(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: F811 -- the fixture
    before = {str(one["uid"]): one["summary"] for one in events(capsys)}
    edit(folder, "[ana, chloe from 2026-01-26, ben]")
    after = {str(one["uid"]): one["summary"] for one in events(capsys)}
    assert len(before.keys() & after.keys()) == 3
    assert all(before[uid] == after[uid] for uid in before.keys() & after.keys())


def test_what_is_gone_is_cancelled_and_what_ends_otherwise_is_newer(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: F811 -- the fixture
    edit(folder, "[ana, chloe from 2026-01-26, ben]")
    with (folder / "config" / "all.yaml").open("a") as file:
        file.write("changes: [{rotation: r, from: 2026-01-15, to: 2026-01-18, put: chloe}]\n")
    found = events(capsys, "--replaces", "HEAD")
    assert "CANCELLED On call r: Ben Example 26.01. 08:00-02.02. 08:00" in told(found)
    ben = next(one for one in found if one.decoded("dtstart") == datetime(2026, 1, 12, 8, tzinfo=UTC))
    ana = found[0]
    assert (int(str(ana["sequence"])), int(str(ben["sequence"])) > 0) == (0, True)
    cancelled = [one for one in found if one["status"] == "CANCELLED"]
    assert all(int(str(one["sequence"])) > 0 for one in cancelled)
