"""Callings: whom an escalation calls one after the other if nobody answers, whenever a report comes in, and when each has surely been rung."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from oncall.core.escalation.steps import HAND_OVER_GRACE, REPEAT_WITHOUT_STEPS
from oncall.core.incident import LAST_RESORT, RINGING
from oncall.core.model import DEFAULT_REACH, Handbook

SENT_WITHIN = timedelta(seconds=10)
"""A send is over by then, look-ups and retries included; what failed or is unknown by then brings another way forward (decisions.md 7)."""
SENT_AGAIN_WITHIN = 2 * SENT_WITHIN
"""Where there is no other way, a send whose result is unknown is tried once more (decisions.md 7)."""
TWO_WAYS = 2
CALLINGS_AT_MOST = 50
"""Callings of one report that are followed; who has not been rung by then will not be rung in time."""
PATHS_AT_MOST = 2000
"""Ways in which the callings of one stretch may go; there are about as many as callings that may come before or after a handover."""

Stretch = tuple[datetime, datetime, tuple[tuple[str, ...], ...]]
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calling:
    """One time that people are called: by which step (LAST_RESORT behind the last) of which round, and its `wait`.

    It comes `latest` after the report at the latest, in the stretch of the calendar with this index, in [low, high).
    """

    step: int
    round: int
    people: tuple[str, ...]
    wait: timedelta
    latest: timedelta
    stretch: int
    low: datetime
    high: datetime


Path = tuple[Calling, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """Who of a calling is the first to have been rung on two ways, or on all they have, and how long after the report at the latest.

    `after` is None when that may never be: they are paged anew before their second way is used.
    """

    who: str
    calling: Calling
    ways: int
    after: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """An escalation as it is gone through when nobody answers: the stretches of its people, its waits, its rounds.

    `reports`: the spans [start, end) in which what comes in goes this way.
    """

    handbook: Handbook
    stretches: tuple[Stretch, ...]
    reports: tuple[Span, ...]
    waits: tuple[timedelta, ...]
    rounds: int
    _offsets: dict[str, tuple[timedelta, ...]] = field(default_factory=dict)

    def offsets(self, who: str) -> tuple[timedelta, ...]:
        """How long after their page is ordered `who` is called on each of the first two ringing ways they have; () if they have none."""
        if who not in self._offsets:
            self._offsets[who] = offsets(self.handbook, who)
        return self._offsets[who]

    def starts(self) -> Iterator[tuple[int, datetime, datetime]]:
        """The stretches in which a report may come in, each by its index, with the span [start, end) of it in which it may."""
        for start, end in self.reports:
            for index in range(bisect_right(self.stretches, start, key=lambda one: one[0]) - 1, len(self.stretches)):
                begins, ends, _ = self.stretches[index]
                if begins >= end:
                    break
                yield index, max(start, begins), min(end, ends)

    def paths(self, start: int, low: datetime, high: datetime) -> Iterator[Path]:
        """Every way in which the callings of a report in [low, high) of the stretch `start` can go, as far as it takes to know who is rung when.

        A wait runs from the hand-over, so it may last from its own time to 20 s longer (decisions.md 6), and the rotation may be handed
        over meanwhile: whoever is on call at a calling is called.
        """
        left: list[tuple[Path, int, datetime, datetime]] = [((), start, low, high)]
        for _ in range(PATHS_AT_MOST):
            if not left:
                return
            before, stretch, low, high = left.pop()
            path = (*before, self._next(before, stretch, low, high))
            if self._is_known(path) or len(path) == CALLINGS_AT_MOST:
                yield path
            else:
                # The one that stays in its stretch is looked at first.
                left.extend(reversed(tuple(self._following(path))))
        yield from (before for before, *_ in left)

    def _is_known(self, path: Path) -> bool:
        """Whether a path goes far enough."""
        return path[-1].step == LAST_RESORT or (self.first(path) is not None and self.second(path) is not None)

    def _following(self, path: Path) -> Iterator[tuple[Path, int, datetime, datetime]]:
        """The stretches in which the calling behind `path` can lie, and between which instants."""
        last = path[-1]
        earliest, latest = last.low + last.wait, last.high + last.wait + HAND_OVER_GRACE
        for index in range(bisect_right(self.stretches, earliest, key=lambda one: one[0]) - 1, len(self.stretches)):
            begins, ends, _ = self.stretches[index]
            if begins < latest:
                # Behind the span that is looked ahead everything stays as it is at its end.
                yield path, index, max(earliest, begins), latest if index + 1 == len(self.stretches) else min(latest, ends)

    def _next(self, before: Path, stretch: int, low: datetime, high: datetime) -> Calling:
        """The next calling: the next step that has somebody, without waiting at one that has nobody; behind the last round, the last resort."""
        last = before[-1] if before else None
        done = last.step + 1 + (last.round - 1) * len(self.waits) if last else 0
        people_of = self.stretches[stretch][2]
        step, turn, wait, called = LAST_RESORT, self.rounds, self.waits[-1] if self.waits else REPEAT_WITHOUT_STEPS, self._in_the_end(people_of)
        for number in range(done, len(self.waits) * self.rounds):
            people = tuple(who for who in people_of[number % len(self.waits)] if self._can_be_paged(who))
            if people:
                step, turn, wait, called = number % len(self.waits), number // len(self.waits) + 1, self.waits[number % len(self.waits)], people
                break
        latest = last.latest + last.wait + HAND_OVER_GRACE if last else timedelta(0)
        return Calling(step=step, round=turn, people=called, wait=wait, latest=latest, stretch=stretch, low=low, high=high)

    def _in_the_end(self, people_of: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
        """Who is called behind the last round: the last step and the last resort together."""
        everybody = (*(people_of[-1] if people_of else ()), *(entry.person or entry.phone or "" for entry in self.handbook.last_resort))
        return tuple(dict.fromkeys(who for who in everybody if self._can_be_paged(who)))

    def _can_be_paged(self, who: str) -> bool:
        """Whether a page can be sent to `who` at all; a step waits for them even if that is in Slack only."""
        person = self.handbook.people.get(who)
        return bool(self.offsets(who)) or (person is not None and bool(person.slack_address) and any("slack" in one.ways for one in person.reach))

    # Who is rung

    def first(self, path: Path) -> Rung | None:
        """When somebody of the first calling that anybody can hear has surely been rung; None: `path` does not say."""
        at = self._heard(path, frozenset())
        return None if at is None else self._rung(path, at, path[at].people)

    def second(self, path: Path) -> Rung | None:
        """The same of the next calling that has somebody new: whoever was silent once is no help a second time."""
        at = self._heard(path, frozenset())
        called = frozenset() if at is None else frozenset(path[at].people)
        following = self._heard(path, called)
        return None if following is None else self._rung(path, following, tuple(who for who in path[following].people if who not in called))

    def _heard(self, path: Path, but: frozenset[str]) -> int | None:
        """The first calling of somebody who has a telephone and is none of `but`."""
        return next((at for at, one in enumerate(path) if any(self.offsets(who) and who not in but for who in one.people)), None)

    def _rung(self, path: Path, at: int, people: tuple[str, ...]) -> Rung | None:
        """The first of `people`, called at `at`, who has been rung on two ways, else on all they have; None: `path` does not say yet."""
        most = max(len(self.offsets(who)) for who in people)
        rung = {who: self._surely(path, at, who) for who in people if len(self.offsets(who)) == most}
        sure = {who: after for who, after in rung.items() if after is not None}
        if not sure and path[-1].step != LAST_RESORT:
            return None
        who = min(sure, key=lambda one: sure[one]) if sure else next(iter(rung))
        return Rung(who=who, calling=path[at], ways=most, after=rung[who])

    def _surely(self, path: Path, at: int, who: str) -> timedelta | None:
        """How long after the report `who` has been rung on each of their ways, at the latest; None: not as far as `path` goes.

        A page anew begins their reach anew and takes the place of what was not sent yet. So a way is surely used only if its time and the
        send fit in before the next calling of theirs.
        """
        mine = [index for index in range(at, len(path)) if who in path[index].people]
        send = SENT_WITHIN if len(self.offsets(who)) == TWO_WAYS else SENT_AGAIN_WITHIN
        longest = timedelta(0)
        for offset in self.offsets(who):
            fitting = next((index for index in mine if offset + send < self._until_next(path, index, who)), None)
            if fitting is None:
                return None
            longest = max(longest, path[fitting].latest + offset + send)
        return longest

    def _until_next(self, path: Path, at: int, who: str) -> timedelta:
        """How long it is at the least from a calling to the next one of `who`, as far as `path` goes. The last resort repeats itself."""
        total = timedelta(0)
        for index in range(at, len(path)):
            total += path[index].wait
            if index + 1 < len(path) and who in path[index + 1].people:
                return total
        return timedelta.max if path[-1].step == LAST_RESORT and who not in path[-1].people else total


def offsets(handbook: Handbook, who: str) -> tuple[timedelta, ...]:
    """See Ladder.offsets. Slack is beside the ways that ring, and wakes nobody; the first step of a reach that can be used is used at once."""
    person = handbook.people.get(who)
    can_ring = bool(person.phones) if person else who.startswith("+")
    ways = {way for way in ("slack", *RINGING) if (can_ring if way in RINGING else person is not None and person.slack_address)}
    usable = [step for step in (person.reach if person else DEFAULT_REACH) if ways & set(step.ways)]
    found: dict[str, timedelta] = {}
    for step in usable:
        for way in (ways & RINGING) & set(step.ways):
            found.setdefault(way, timedelta(0) if step is usable[0] else step.after)
    return tuple(sorted(found.values())[:TWO_WAYS])
