"""A carrier of one way that accepts, refuses, hangs, loses answers and receipts, as a seed says; it stands where a real channel does."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from oncall.channels import Accepted, ChannelError, Outgoing, ResultUnknown
from oncall.core.invariants import Event, ProviderGot, SendBegan, SendEnded

FAULTS = ("refuse", "broken", "busy", "hang", "hang accepted", "lose answer", "drop")


@dataclass(kw_only=True)
class Delivery:
    """A message on its way to a handset."""

    outgoing: Outgoing
    provider_id: str
    arrives: bool
    way: str


@dataclass(kw_only=True)
class Call:
    """A call that rings with somebody. `ended`: how it did, as the carrier calls it."""

    delivery: Delivery
    at: datetime
    number: str
    ended: str = ""
    pressed: int = 0

    def over(self) -> bool:
        """Whether it has ended."""
        return bool(self.ended)


class Carrier:
    """The channel `way`. `hung_up` holds the provider's ids of calls that were ended by us.

    `faulty` is the share of sends that go wrong; `down` refuses everything; `script` overrides one message's fault.
    """

    def __init__(
        self, way: str, rng: random.Random, now: Callable[[], datetime], seen: Callable[[Event], None], deliver: Callable[[Delivery], None]
    ) -> None:
        self.way = way
        self.hung_up: set[str] = set()
        self.faulty = 0.0
        self.down = False
        self.script: Callable[[Outgoing], str] = lambda outgoing: ""
        self._rng = rng
        self._now = now
        self._seen = seen
        self._deliver = deliver
        self._accepted: dict[str, str] = {}
        self._ids = 0

    async def send(self, outgoing: Outgoing) -> Accepted:
        """Takes a message, or does what goes wrong with this one."""
        self._seen(SendBegan(at=self._now(), order=outgoing.order, address=outgoing.address, text=outgoing.text))
        result: Literal["accepted", "refused", "try again", "unknown"] = "unknown"
        try:
            accepted = await self._transmit(outgoing)
            result = "accepted"
        except ChannelError as error:
            result = "refused" if error.permanent else "try again"
            raise
        finally:
            self._seen(SendEnded(at=self._now(), order=outgoing.order, result=result))
        return accepted

    async def _transmit(self, outgoing: Outgoing) -> Accepted:
        """The way to the provider and back."""
        # A mail cannot be looked up.
        if self.way != "email" and outgoing.again and outgoing.order in self._accepted and self._rng.random() < 0.9:
            await asyncio.sleep(0.2)
            return Accepted(provider_id=self._accepted[outgoing.order])
        try:
            await asyncio.sleep(self._rng.uniform(0.05, 0.5))
        except asyncio.CancelledError:
            # We died while the request was on its way: it may get there all the same.
            if self._rng.random() < 0.5:
                self._accept(outgoing, arrives=True)
            raise
        fault = self.script(outgoing) or (self._rng.choice(FAULTS) if self._rng.random() < self.faulty else "")
        if self.down or fault == "busy":
            raise ChannelError("the provider cannot be reached", permanent=False)
        if fault in {"refuse", "broken"}:
            raise ChannelError("refused", permanent=True, way_broken=fault == "broken")
        if fault == "hang":
            await asyncio.sleep(60)
        if outgoing.kind == "hang_up":
            self.hung_up.add(outgoing.address)
            return Accepted(provider_id=outgoing.address)
        provider_id = self._accept(outgoing, arrives=fault != "drop")
        if fault == "hang accepted":
            await asyncio.sleep(60)
        if fault == "lose answer":
            raise ResultUnknown("the answer was lost")
        await asyncio.sleep(self._rng.uniform(0.01, 0.3))
        return Accepted(provider_id=provider_id)

    def _accept(self, outgoing: Outgoing, *, arrives: bool) -> str:
        """From now on the message is the carrier's."""
        self._ids += 1
        provider_id = f"{self.way}{self._ids:06}"
        self._accepted[outgoing.order] = provider_id
        self._seen(ProviderGot(at=self._now(), order=outgoing.order))
        self._deliver(Delivery(outgoing=outgoing, provider_id=provider_id, arrives=arrives, way=self.way))
        return provider_id

    async def close(self) -> None:
        """Nothing to let go."""
