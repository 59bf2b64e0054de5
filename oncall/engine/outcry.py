"""When the store cannot be written: tells the last resort straight from memory, because nothing can be put into the outbox (I5)."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog

from oncall.channels import Channel, ChannelError, Outgoing, ResultUnknown
from oncall.core.model import Handbook
from oncall.core.wording import text
from oncall.engine.alarms import Reachable, last_resort
from oncall.engine.outcome import Clock
from oncall.engine.sending import SEND_LIMIT_S

log = structlog.get_logger(__name__)

BEARABLE = timedelta(seconds=10)
"""A store that recovers within this span is nobody's night; after it somebody must know (limit: 30 s, reliability.md I5)."""
AGAIN_AFTER = timedelta(minutes=10)
"""At most one such text to each of the last resort in this span."""


class Outcry:
    """Remembers since when the store fails and whom it told; nothing of it is durable, by its nature."""

    def __init__(self, clock: Clock, handbook: Callable[[], Handbook], channels: Mapping[str, Channel]) -> None:
        self._clock = clock
        self._handbook = handbook
        self._channels = channels
        self._failing_since: datetime | None = None
        self._told_at: datetime | None = None

    def recovered(self) -> None:
        """The store was written again."""
        self._failing_since = None

    async def failing(self, reason: str) -> None:
        """The store could not be written just now; tells the last resort when that lasts."""
        now = self._clock.now()
        self._failing_since = self._failing_since or now
        if now - self._failing_since < BEARABLE or (self._told_at is not None and now - self._told_at < AGAIN_AFTER):
            return
        self._told_at = now
        handbook = self._handbook()
        words = text(handbook.texts, "en", "store_down", {"company": handbook.company, "reason": reason})
        for one in last_resort(handbook, frozenset(self._channels)):
            try:
                # The loop waits here, and must be back when the store is.
                async with asyncio.timeout(SEND_LIMIT_S):
                    await self._channels[one.way].send(outgoing(one, words, now))
            except (ChannelError, ResultUnknown, TimeoutError) as error:
                log.error("the last resort could not be told that the store fails", who=one.who, way=one.way, reason=str(error) or "no answer")


def outgoing(to: Reachable, words: str, now: datetime) -> Outgoing:
    """A message that stands in no outbox; its receipts will find nothing, which is said in the log and harms nobody."""
    name = f"trouble/store.{now:%Y%m%dT%H%M}/store_down/{to.who}/{to.way}"
    return Outgoing(
        order=name,
        kind="tell",
        about="store_down",
        incident="",
        turn=0,
        url_key=hashlib.sha256(name.encode()).hexdigest()[:20],
        line="staff",
        address=to.address,
        text=words,
        valid_for=AGAIN_AFTER,
        again=False,
        known_ids=frozenset(),
    )
