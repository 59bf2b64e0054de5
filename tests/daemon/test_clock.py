"""The daemon's clock: never back, never still, on time when the machine's is right, and fast only in the sandbox."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest

from oncall.daemon import clock
from oncall.daemon.clock import DaemonClock

START = datetime(2026, 11, 28, 1, 30, tzinfo=UTC)


class Machine:
    """A machine whose wall clock and uptime a test sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall, self.up = START, 1000.0
        machine = self

        class FakeDatetime(datetime):
            """The wall clock."""

            @classmethod
            def now(cls, tz: object = None) -> datetime:  # type: ignore[override]  # stands for the machine's clock
                """What the machine shows."""
                return machine.wall

        class FakeTime:
            """The uptime."""

            @staticmethod
            def monotonic() -> float:
                """Seconds since boot."""
                return machine.up

        monkeypatch.setattr(clock, "datetime", FakeDatetime)
        monkeypatch.setattr(clock, "time", FakeTime)

    def passes(self, seconds: float, *, wall: float | None = None) -> None:
        """Time passes; `wall` is what the wall clock makes of it."""
        self.up += seconds
        self.wall += timedelta(seconds=seconds if wall is None else wall)


def test_it_follows_a_right_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch)
    ours = DaemonClock()
    machine.passes(5)
    assert ours.now() == START + timedelta(seconds=5)


def test_a_clock_set_back_makes_time_slower_but_never_still_or_earlier(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    machine = Machine(monkeypatch)
    ours = DaemonClock()
    with caplog.at_level(logging.WARNING):
        machine.passes(10, wall=-3590)
        seen = [ours.now()]
    assert "jumped by -3600.000 s" in caplog.text
    for _ in range(3):
        machine.passes(10)
        seen.append(ours.now())
    assert [at - START for at in seen] == [timedelta(seconds=seconds) for seconds in (5, 10, 15, 20)]
    machine.passes(7200)
    assert ours.now() == machine.wall


def test_a_jump_forward_is_followed_at_once_and_said(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    machine = Machine(monkeypatch)
    ours = DaemonClock()
    with caplog.at_level(logging.WARNING):
        machine.passes(1, wall=601)
        assert ours.now() == START + timedelta(seconds=601)
    assert "jumped by 600.000 s" in caplog.text


def test_it_begins_at_the_stores_mark_when_the_machine_lost_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch)
    ours = DaemonClock(mark=START + timedelta(days=1))
    assert ours.now() == START + timedelta(days=1)
    machine.passes(10)
    assert ours.now() == START + timedelta(days=1, seconds=5)


def test_in_the_sandbox_it_runs_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch)
    ours = DaemonClock(speed=60)
    machine.passes(2)
    assert ours.now() == START + timedelta(minutes=2)
