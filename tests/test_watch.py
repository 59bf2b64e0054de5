"""The watch: systemd hears the truth, and what is overdue is found and told."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from oncall.core.messages import Order, OrderKind
from oncall.daemon.chores import Chores
from oncall.daemon.crash import crash_point, stall_after
from oncall.store import Store, incidents, open_store, outbox
from oncall.store import clock as marks
from oncall.watch import Auditor, Notifier, feed_watchdog
from tests.core.escalation.player import Player

NOW = datetime(2026, 11, 28, 1, 30, tzinfo=UTC)


@dataclass
class Still:
    """A clock that stands."""

    at: datetime = NOW
    speed: float = 1.0

    def now(self) -> datetime:
        """The time it stands at."""
        return self.at


@dataclass
class Turns:
    """An engine, as the watch sees it."""

    last_turn: datetime | None = None
    turns: int = 0


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    """The socket on which systemd listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.setblocking(False)
        yield listening


def heard(listening: socket.socket) -> list[str]:
    """Everything that was said so far."""
    found = []
    while True:
        try:
            found.append(listening.recv(4096).decode())
        except BlockingIOError:
            return found


def test_the_watchdog_is_fed_only_when_the_engine_turned(systemd: socket.socket, tmp_path: Path) -> None:
    notifier, engine = Notifier({"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "30000"}), Turns()

    async def live() -> None:
        feeding = asyncio.create_task(feed_watchdog(notifier, engine))
        await asyncio.sleep(0.05)
        assert heard(systemd) == []
        engine.last_turn = NOW
        await asyncio.sleep(0.1)
        assert heard(systemd) == ["WATCHDOG=1"]
        engine.last_turn = NOW + timedelta(seconds=1)
        await asyncio.sleep(0.1)
        assert heard(systemd) == ["WATCHDOG=1"]
        feeding.cancel()

    asyncio.run(live())


def test_an_abstract_socket_and_none_at_all_are_fine_too() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind("\0oncall-test-notify")
        listening.setblocking(False)
        Notifier({"NOTIFY_SOCKET": "@oncall-test-notify"}).tell(READY=1, STATUS="able to page")
        assert heard(listening) == ["READY=1\nSTATUS=able to page"]
    Notifier({}).tell(READY=1)
    Notifier({"NOTIFY_SOCKET": "/nowhere/notify"}).tell(READY=1)


def order(due_at: datetime) -> Order:
    """A message that belongs to no incident."""
    return Order(
        id="trouble/x/parked/ben/sms", kind=OrderKind.TELL, about="parked", incident="", recipient="ben", way="sms",
        address="+15125550105", text="x", urgency=0, due_at=due_at,
    )  # fmt: skip


@pytest.mark.parametrize(("age_s", "found"), [(30, 0), (90, 1)])
def test_what_is_overdue_is_told(tmp_path: Path, age_s: int, found: int) -> None:
    told: list[str] = []

    async def alarm(about: str, key: str, values: dict[str, str]) -> None:
        told.append(f"{about}: {values['reason']}")

    async def look() -> None:
        store: Store = open_store(f"sqlite:///{tmp_path / 'oncall.db'}")
        await store.tx(lambda conn: outbox.put(conn, (order(NOW - timedelta(seconds=age_s)),)))
        auditor = Auditor(store, Still(), alarm)
        await auditor.check()
        assert len(auditor.findings) == found
        await store.close()

    asyncio.run(look())
    assert told == ["overdue: a message has been due for over a minute and is not sent"] * found


@pytest.mark.parametrize(("minutes", "found"), [(1, []), (10, ["incident 1001 was due and nothing was decided"])])
def test_an_incident_whose_clock_is_not_heard_is_named(tmp_path: Path, minutes: int, found: list[str]) -> None:
    # Ben's step is over after two minutes and a bit; nobody lets time come here.
    player = Player()

    async def look() -> tuple[str, ...]:
        store: Store = open_store(f"sqlite:///{tmp_path / 'oncall.db'}")
        await store.tx(lambda conn: incidents.save(conn, player.report, player.decisions[0], None))
        auditor = Auditor(store, Still(player.at + timedelta(minutes=minutes)), alarm)
        await auditor.check()
        await store.close()
        return auditor.findings

    async def alarm(about: str, key: str, values: dict[str, str]) -> None:
        """Told elsewhere."""

    assert [one for one in asyncio.run(look()) if "incident" in one] == found


def test_the_mark_is_written_and_a_failed_store_ends_the_process(tmp_path: Path) -> None:
    failures: list[str] = []

    async def live() -> None:
        path = tmp_path / "oncall.db"
        store = open_store(f"sqlite:///{path}")
        chores = Chores(store, Still(), failures.append)
        await chores.advance_mark()
        await chores.anchor()
        assert (await store.tx(marks.mark), chores.last_write) == (NOW, NOW)
        path.rename(tmp_path / "elsewhere.db")
        await chores.advance_mark()
        await store.close()

    asyncio.run(live())
    assert len(failures) == 1
    assert "was deleted or replaced" in failures[0]


def test_a_crash_point_without_its_variable_does_nothing() -> None:
    crash_point({})("take: before commit")
    crash_point({"ONCALL_TEST_CRASH_AT": "take: after commit:2"})("take: after commit")


def test_the_loop_is_stalled_only_when_a_test_asks_for_it() -> None:
    asked: list[float] = []
    stall_after({}, lambda seconds, _what: asked.append(seconds))
    assert asked == []
    stall_after({"ONCALL_TEST_STALL_AFTER": "1.5"}, lambda seconds, _what: asked.append(seconds))
    assert asked == [1.5]
