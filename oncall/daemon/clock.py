"""The one Clock of the process: never goes back, follows the machine forward, and can run faster for the sandbox."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta

# Not structlog: `oncall who` asks for the time as well, and must not wait for it.
log = logging.getLogger(__name__)

JUMP = timedelta(seconds=2)
"""A difference between wall clock and elapsed time that is worth a line in the log (reliability.md I32)."""


class DaemonClock:
    """The daemon's time, UTC. `mark`: the store's high-water mark, below which time never falls, whatever the machine says.

    When the machine's clock lies behind us (it was set back, or its battery died) our time goes on at half pace until the machine has
    caught up: it never stands still, for then nothing would ever come due, and nothing comes early.
    """

    def __init__(self, *, mark: datetime | None = None, speed: float = 1.0) -> None:
        self.speed = speed
        self._elapsed = time.monotonic()
        self._wall = datetime.now(UTC)
        self._last = max(self._wall, mark) if mark else self._wall
        if self._last > self._wall + JUMP:
            log.warning("the machine's clock is %.0f s behind the store's; ours goes on from there", (self._last - self._wall).total_seconds())

    def now(self) -> datetime:
        """The time; never earlier than the last answer."""
        wall, elapsed = datetime.now(UTC), time.monotonic()
        passed = timedelta(seconds=elapsed - self._elapsed)
        jumped = wall - self._wall - passed
        if abs(jumped) >= JUMP:
            log.warning("the machine's clock jumped by %.3f s", jumped.total_seconds())
        if self.speed == 1.0:
            self._last = max(wall, self._last + passed / 2)
        else:
            self._last += passed * self.speed
        self._wall, self._elapsed = wall, elapsed
        return self._last
