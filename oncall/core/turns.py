"""The turns of a shift: who takes each, walked around the ring over every dated join and leave."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from oncall.core.localtime import instant_of
from oncall.core.rota import Shift, Turnholder
from oncall.core.slots import handed_over, is_active, point, slot_at, slot_from, slot_of, used


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """The turns from number `first` on, until the next epoch, in which the same `entries` are in the ring.

    `last` held the turn before them; -1: nobody did.
    """

    first: int
    entries: tuple[int, ...]
    last: int


def turn_holder(shift: Shift, at: datetime) -> int | None:
    """Who has the turn that runs at `at`, by their place in the ring; None: nobody, as before the shift's start."""
    if shift.start is not None and at < instant_of(shift.start, shift.timezone):
        return None
    if shift.handover is None or shift.start is None:
        return 0 if in_ring(shift, shift.ring[0], at) else None
    return entry_of(shift, slot_at(shift, at))


def in_ring(shift: Shift, entry: Turnholder, at: datetime) -> bool:
    """Whether an entry has joined and not left at the instant `at`; it may still have a turn that it finishes."""
    joined = entry.joins is None or instant_of(entry.joins, shift.timezone) <= at
    return joined and (entry.leaves is None or at < instant_of(entry.leaves, shift.timezone))


def takes(entry: Turnholder, begins: datetime) -> bool:
    """Whether an entry takes turns that begin at naive local `begins`."""
    return (entry.joins is None or entry.joins <= begins) and (entry.leaves is None or begins < entry.leaves)


def entry_of(shift: Shift, slot: int) -> int | None:
    """Who takes the turn of `slot`: the next in the ring after the last holder, of those in it when the turn begins (rotations.md 1.3).

    None: the shift has no hours in it, so that it uses up nobody, or nobody is in the ring then.
    """
    _, start = handed_over(shift)
    if slot < slot_of(shift, start) or not is_active(shift, slot):
        return None
    turn = turns_before(shift, slot + 1) - 1
    walked = epochs(shift)
    epoch = walked[bisect_right(walked, turn, key=lambda one: one.first) - 1]
    return after(epoch, turn - epoch.first + 1) if epoch.entries else None


def turns_before(shift: Shift, slot: int) -> int:
    """How many turns begin before `slot`, from the shift's start on; a turn takes so many active slots as its handover says."""
    handover, start = handed_over(shift)
    return -((used(shift, slot_of(shift, start)) - used(shift, slot)) // handover.active_days)


def after(epoch: Epoch, turns: int) -> int:
    """Who held the last of the first `turns` turns of an epoch; before the first, and with nobody in the ring, who held the one before."""
    if not epoch.entries or turns == 0:
        return epoch.last
    following = bisect_right(epoch.entries, epoch.last)
    return epoch.entries[(following + turns - 1) % len(epoch.entries)]


@lru_cache(maxsize=1024)
def epochs(shift: Shift) -> tuple[Epoch, ...]:
    """The ring from the shift's start on, cut at every join and leave. A leaver's place is kept, so that nobody else's turn moves."""
    _, start = handed_over(shift)
    first = slot_of(shift, start)
    dates = (date for entry in shift.ring for date in (entry.joins, entry.leaves) if date is not None)
    cuts = sorted({cut for cut in (slot_from(shift, date) for date in dates) if cut > first})
    found: list[Epoch] = []
    for cut in (first, *cuts):
        turn, begins = turns_before(shift, cut), point(shift, cut)
        last = after(found[-1], turn - found[-1].first) if found else -1
        found.append(Epoch(first=turn, entries=tuple(index for index, entry in enumerate(shift.ring) if takes(entry, begins)), last=last))
    return tuple(found)
