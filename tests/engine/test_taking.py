"""What is taken is sent: at once, with the same commit, and whoever stops waiting for the answer changes nothing."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from oncall.core.messages import Reported
from oncall.core.replies import draw_case
from oncall.daemon.clock import DaemonClock
from oncall.engine import Engine
from oncall.engine.sending import LEASE
from tests.web.standing import ANA, Carrier, Standing, handbook, play


def report(doors: Standing) -> Reported:
    """An emergency, now."""
    return Reported(at=doors.parts.now(), seed="ab" * 16, source="api", channel="api", summary="Checkout is down", service="shop")


def test_a_page_is_claimed_with_the_commit_of_its_report(tmp_path: Path) -> None:
    """It needs no turn of the loop: of this engine the loop does not even run."""

    async def story(doors: Standing) -> None:
        carrier = Carrier()
        engine = Engine(store=doors.store, clock=DaemonClock(), handbook=handbook, channels={"sms": carrier})
        await engine.take(report(doors), key="k")
        assert "Checkout is down" in (await carrier.received(ANA)).text

    play(tmp_path, story)


def test_a_door_that_stops_waiting_while_it_is_committed_holds_up_no_page(tmp_path: Path) -> None:
    """It was claimed with the commit, so nobody else would send it before its lease is over."""

    async def story(doors: Standing) -> None:
        waiting = asyncio.create_task(doors.parts.engine.take(report(doors), key="k"))
        for _ in range(3):
            # Until the store has it.
            await asyncio.sleep(0)
        waiting.cancel()
        with suppress(asyncio.CancelledError):
            await waiting
        async with asyncio.timeout(LEASE.total_seconds() / 3):
            assert "Checkout is down" in (await doors.carrier.received(ANA)).text

    play(tmp_path, story)


def test_a_case_is_never_called_like_an_incident(tmp_path: Path) -> None:
    """`oncall ack 5878` means the incident of that number, so no case may be called so."""
    seed = f"{21:032x}"
    assert draw_case(seed, 0) == "5878"

    async def story(doors: Standing) -> None:
        outcome = await doors.parts.engine.take(replace(report(doors), seed=seed), key="k")
        assert outcome.case == draw_case(seed, 1)

    play(tmp_path, story)
