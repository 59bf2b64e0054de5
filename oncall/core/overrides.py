"""Changes that are taken while the daemon runs: how they join the files, why one is refused, and whom it concerns (rotations.md 7.5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from oncall.core.differences import Difference, differences
from oncall.core.localtime import instant_of
from oncall.core.model import Handbook
from oncall.core.proofs.ahead import Ahead
from oncall.core.proofs.rest import little_rest, long_row
from oncall.core.rota import Change
from oncall.core.rotation import absences, is_trained

AROUND = timedelta(days=8)
"""How far around a change rest is looked at: a week in a row, and the day beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A change that `by` took at `made_at`; its times are UTC. `ended_at`: when somebody ended it before its end."""

    id: int
    change: Change
    by: str
    made_at: datetime
    ended_at: datetime | None = None


def joined(handbook: Handbook, overrides: Iterable[Override]) -> Handbook:
    """The handbook with the overrides behind its own changes. One that the files say by now is theirs: two swaps would undo each other.

    One that names somebody, or a rotation, that the files do not have any more is left out: a page to them would reach nobody.
    """
    known = {meaning(change) for change in handbook.changes}
    usable = (one for one in overrides if one.change.rotation in handbook.rotations and set(one.change.people) <= handbook.people.keys())
    fresh = tuple(cut(one) for one in usable if meaning(one.change) not in known)
    return replace(handbook, changes=(*handbook.changes, *(change for change in fresh if change.start < change.end))) if fresh else handbook


def meaning(change: Change) -> tuple[object, ...]:
    """What a change does, wherever it is written."""
    return change.rotation, change.kind, change.people, instant_of(change.start, change.timezone), instant_of(change.end, change.timezone)


def cut(one: Override) -> Change:
    """The change as far as it went, or will go."""
    return one.change if one.ended_at is None else replace(one.change, end=min(one.change.end, one.ended_at.replace(tzinfo=None)))


def moves(handbook: Handbook, change: Change, now: datetime) -> tuple[Difference, ...]:
    """What a change, taken now, makes different in its rotation from now on."""
    start, end = max(now, instant_of(change.start, change.timezone)), instant_of(change.end, change.timezone)
    if start >= end:
        return ()
    found = differences(handbook, replace(handbook, changes=(*handbook.changes, change)), start, end)
    return tuple(one for one in found if one.rotation == change.rotation)


def gained(found: Iterable[Difference]) -> dict[str, tuple[datetime, datetime]]:
    """Who is on call by these differences and was not, from when to when."""
    return spans((who, one) for one in found for who in one.after if who not in one.before)


def lost(found: Iterable[Difference]) -> dict[str, tuple[datetime, datetime]]:
    """Who is not on call any more by these differences, from when to when."""
    return spans((who, one) for one in found for who in one.before if who not in one.after)


def spans(found: Iterable[tuple[str, Difference]]) -> dict[str, tuple[datetime, datetime]]:
    """The first beginning and the last end of everybody."""
    known: dict[str, tuple[datetime, datetime]] = {}
    for who, one in found:
        start, end = known.get(who, (one.start, one.end))
        known[who] = (min(start, one.start), max(end, one.end))
    return known


def objections(handbook: Handbook, change: Change, found: tuple[Difference, ...]) -> tuple[str, ...]:
    """Why a change should not be: somebody is away, is not trained, or has no rest. Whoever knows better says so."""
    return tuple(dict.fromkeys((*away(handbook, found), *unfit(handbook, change, found), *tired(handbook, change, found))))


def away(handbook: Handbook, found: tuple[Difference, ...]) -> Iterator[str]:
    """Who would be on call and is absent."""
    for who, (start, end) in gained(found).items():
        if any(begins < end and start < ends for begins, ends in absences(handbook).get(who, ())):
            yield f"{who} is away in that time"


def unfit(handbook: Handbook, change: Change, found: tuple[Difference, ...]) -> Iterator[str]:
    """Skills that were there and would not be."""
    for service in handbook.services.values():
        steps = (step for name in service.escalations.values() if name in handbook.escalations for step in handbook.escalations[name].steps)
        if service.needs and any(change.rotation in step.page for step in steps):
            for one in found:
                was, now = (any(is_trained(handbook, who, service.needs, one.start) for who in people) for people in (one.before, one.after))
                if was and not now and one.after:
                    yield f"{' and '.join(one.after)} not trained for {service.needs}, which '{service.id}' needs"


def tired(handbook: Handbook, change: Change, found: tuple[Difference, ...]) -> Iterator[str]:
    """Rest that was there and would not be, of those who would be on call."""
    if not found:
        return
    start, end = found[0].start - AROUND, found[-1].end + AROUND
    books = handbook, replace(handbook, changes=(*handbook.changes, change))
    old, new = ([one.what for proof in (little_rest, long_row) for one in proof(Ahead(handbook=book, start=start, end=end))] for book in books)
    yield from (what for what in new if what not in old and what.split()[0] in gained(found))
