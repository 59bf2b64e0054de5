"""The turns of a shift: who takes each, walked around the ring over every dated join and leave."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from oncall.core.localtime import instant_of
from oncall.core.rota import Shift, Turnholder
from oncall.core.slots import begins, handed_over, is_active, point, slot_at, slot_from, slot_of, used


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Somebody's turn: `entry` is their place in the ring, `began` when it did (UTC), None where there are no turns."""

    entry: int
    began: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """The turns from number `first` on, until the next epoch, in which the same `entries` are in the ring.

    `last` held the turn before them; -1: nobody did.
    """

    first: int
    entries: tuple[int, ...]
    last: int


def turn_at(shift: Shift, at: datetime) -> Turn | None:
    """The turn that runs at `at`; None if nobody has it, as before the shift's start."""
    if shift.start is not None and at < instant_of(shift.start, shift.timezone):
        return None
    if shift.handover is None or shift.start is None:
        return Turn(entry=0, began=None) if in_ring(shift, shift.ring[0], at) else None
    slot = slot_at(shift, at)
    entry = entry_of(shift, slot)
    return None if entry is None else Turn(entry=entry, began=begins(shift, first_slot(shift, slot)))


def first_slot(shift: Shift, slot: int) -> int:
    """The slot with which the turn began that active `slot` belongs to: itself, but for turns of several active days."""
    if shift.handover is None or shift.handover.active_days == 1:
        return slot
    turn = turns_before(shift, slot + 1)
    while turns_before(shift, slot) == turn:
        slot -= 1
    return slot


def in_ring(shift: Shift, entry: Turnholder, at: datetime) -> bool:
    """Whether an entry has joined and not left at the instant `at`; it may still have a turn that it finishes."""
    joined = entry.joins is None or instant_of(entry.joins, shift.timezone) <= at
    return joined and (entry.leaves is None or at < instant_of(entry.leaves, shift.timezone))


def takes(entry: Turnholder, local: datetime) -> bool:
    """Whether an entry takes turns that begin at naive `local`."""
    return (entry.joins is None or entry.joins <= local) and (entry.leaves is None or local < entry.leaves)


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
        turn, local = turns_before(shift, cut), point(shift, cut)
        last = after(found[-1], turn - found[-1].first) if found else -1
        found.append(Epoch(first=turn, entries=tuple(index for index, entry in enumerate(shift.ring) if takes(entry, local)), last=last))
    return tuple(found)
