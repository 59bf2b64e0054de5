"""Changes: lines that change nothing, and lines that call somebody who is away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from oncall.core.localtime import instant_of
from oncall.core.proofs.ahead import Ahead
from oncall.core.proofs.finding import Finding
from oncall.core.rota import Change, ChangeKind
from oncall.core.rotation import Duty, is_away
from oncall.core.schedule import duties


def without_effect(ahead: Ahead) -> Iterator[Finding]:
    """A change makes no difference to who is on call: it lies in a gap, or says what is so anyway. Mend its dates or people, or take it out."""
    for index, change in enumerate(ahead.handbook.changes):
        span = within(ahead, change)
        if span is None:
            continue
        others = replace(ahead.handbook, changes=(*ahead.handbook.changes[:index], *ahead.handbook.changes[index + 1 :]))
        with_it, without = (duties(book, change.rotation, *span) for book in (ahead.handbook, others))
        if people(with_it) == people(without):
            what = f"this change makes no difference: on call for '{change.rotation}' is {who_is(with_it)} with and without it"
            yield Finding(code="AH212", severity="warning", place=change.place, what=what, hint="mend its dates or people, or take it out")


def puts_the_absent(ahead: Ahead) -> Iterator[Finding]:
    """A change calls somebody who is away then. It is done all the same, for you may know better; if not, name somebody else."""
    for change in ahead.handbook.changes:
        span = within(ahead, change)
        called = {ChangeKind.COVER: change.people[1:], ChangeKind.SWAP: ()}.get(change.kind, change.people)
        for who in called if span else ():
            start = next((at for at in edges(ahead, who, change) if is_away(ahead.handbook, who, at)), None)
            if start is not None:
                what = f"{who} is called by this change and away at {ahead.local(start)}"
                yield Finding(code="AH213", severity="warning", place=change.place, what=what, hint="name somebody else, or mend 'away'")


def within(ahead: Ahead, change: Change) -> tuple[datetime, datetime] | None:
    """The part of a change that lies in the span; None if none does."""
    start, end = max(ahead.start, instant_of(change.start, change.timezone)), min(ahead.end, instant_of(change.end, change.timezone))
    return (start, end) if start < end else None


def edges(ahead: Ahead, who: str, change: Change) -> Iterator[datetime]:
    """The beginning of a change, and the beginnings of absences inside of it."""
    span = within(ahead, change)
    if span is not None:
        yield span[0]
        starts = (instant_of(away.start, away.timezone) for away in ahead.handbook.away if away.person == who)
        yield from (at for at in starts if span[0] <= at < span[1])


def people(found: tuple[Duty, ...]) -> list[tuple[datetime | None, tuple[str, ...]]]:
    """Who is on call from when on, equal neighbours merged, whatever the reason is."""
    merged: list[tuple[datetime | None, tuple[str, ...]]] = []
    for duty in found:
        if not merged or merged[-1][1] != tuple(sorted(duty.people)):
            merged.append((duty.start, tuple(sorted(duty.people))))
    return merged


def who_is(found: tuple[Duty, ...]) -> str:
    """The people of a few duties in words."""
    return ", then ".join("+".join(duty.people) or "nobody" for duty in found[:2]) + (" ..." if len(found) > 2 else "")
