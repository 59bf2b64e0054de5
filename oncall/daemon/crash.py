"""Kills this very process at a named step of the walk, for tests of what a crash leaves behind (ONCALL_TEST_CRASH_AT=name:n)."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping

import structlog

log = structlog.get_logger(__name__)

VARIABLE = "ONCALL_TEST_CRASH_AT"


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
