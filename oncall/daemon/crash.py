"""Kills or stalls this very process, for tests of what that leaves behind and of who notices.

ONCALL_TEST_CRASH_AT=name:n is kill -9 at the n-th time that the walk reaches that step; ONCALL_TEST_STALL_AFTER=seconds stops the event
loop for good that long after the start, as a deadlock would.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping

import structlog

log = structlog.get_logger(__name__)

VARIABLE = "ONCALL_TEST_CRASH_AT"
STALL = "ONCALL_TEST_STALL_AFTER"
STALLED_S = 3600.0
"""For longer than any watchdog waits."""


def crash_point(environment: Mapping[str, str]) -> Callable[[str], None]:
    """A function that the engine calls between its steps: the n-th call with the given name is kill -9. Without the variable it does nothing."""
    wanted, _, nth = environment.get(VARIABLE, "").rpartition(":")
    if not wanted:
        return lambda _point: None
    left = int(nth)

    def reached(point: str) -> None:
        nonlocal left
        if point == wanted:
            left -= 1
            if left == 0:
                log.critical("killing this process, because a test asked for it", point=point)
                os.kill(os.getpid(), signal.SIGKILL)

    return reached


def stall_after(environment: Mapping[str, str], call_later: Callable[[float, Callable[[], None]], object]) -> None:
    """Stops the loop of `call_later` after as many seconds as the variable says; without the variable it does nothing."""
    wanted = environment.get(STALL, "")
    if not wanted:
        return

    def stall() -> None:
        log.critical("stopping the event loop, because a test asked for it", seconds=STALLED_S)
        time.sleep(STALLED_S)

    call_later(float(wanted), stall)
