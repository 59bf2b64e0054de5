"""Promises: whether a human can be rung in time, whenever an emergency comes in, by the waits, the reaches and the calendar of the files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from oncall.core.escalation.steps import HAND_OVER_GRACE
from oncall.core.incident import LAST_RESORT
from oncall.core.model import Handbook, Severity
from oncall.core.place import Place
from oncall.core.proofs.ahead import Ahead, exactly
from oncall.core.proofs.calling import TWO_WAYS, Ladder, Path, Rung, Span
from oncall.core.proofs.finding import Finding
from oncall.core.proofs.people import in_words
from oncall.core.schedule import needed
from oncall.core.triage import escalation_of, office_is_open

TIME_TO_ACT = timedelta(minutes=5)
"""How long somebody who was rung has to get up and reach the customer (decisions.md 28)."""
MINUTE = timedelta(minutes=1)
INSTANT = timedelta(microseconds=1)
OPENING = "after the opening"


class When(StrEnum):
    """When reports go a way, in words that stand behind it."""

    ALWAYS = ""
    AFTER_HOURS = " after hours"
    IN_OFFICE = " while the office is open"
    AT_OPENING = " at the opening"


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """An escalation as a service uses it ('' for none: reports without a service); `escalation` is '' where only the last resort is paged."""

    escalation: str
    service: str
    needs: str
    when: When = When.ALWAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """What `who`, as messages name it, promises on each channel ('after the opening' where it depends on none), and all the ways it can go."""

    who: str
    place: Place
    within: Mapping[str, timedelta]
    uses: tuple[Use, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Worst:
    """The longest that it can take until the customer is contacted: who is rung last, by which callings; `takes` None: it may never be."""

    ladder: Ladder
    path: Path
    rung: Rung
    takes: timedelta | None


def late_promises(ahead: Ahead) -> Iterator[Finding]:
    """A promise that cannot be kept when the first who is called sleeps: contact_within is shorter than what it can take.

    For every service, severity and channel, and whenever a report comes in, this is the longest time until somebody of the first step has
    been rung on two ways, and somebody new of the next step too, and five minutes to act (decisions.md 28). Counted are the waits of the
    steps, each up to 20 s longer because it runs from the hand-over, everybody's own reach, a send that takes 10 s or on an only way is
    tried again, handovers in between, people who are untrained or have no telephone, and pages that begin anew before a call was due.
    A step that has nobody is not waited at. Reports while the office is open go the office's way. Severities that wait and exclusions are
    looked at too: they are paged at the opening, or when a customer answers URGENT. Not counted is what no file says: that both providers
    fail, or that several emergencies come at once.
    Let an earlier step wait shorter, let somebody be called sooner by their reach, or promise more.
    """
    known: dict[Use, Worst | None] = {}
    for promised in promises(ahead.handbook):
        found: dict[tuple[str, When, timedelta], tuple[Use, Worst]] = {}
        for use in promised.uses:
            if use not in known:
                known[use] = worst_of(ladder_of(ahead, use))
            worst = known[use]
            for within in set(promised.within.values()) if worst is not None else ():
                key = use.escalation, use.when, within
                if worst is not None and is_late(worst, within) and (key not in found or is_later(worst, found[key][1])):
                    found[key] = use, worst
        for (_, _, within), (use, worst) in sorted(found.items(), key=lambda one: one[0]):
            yield finding(ahead, promised, use, worst, within)


def promises(handbook: Handbook) -> Iterator[Promised]:
    """Everything that is promised, by severities and by exclusions."""
    for one in handbook.severities.values():
        soon = {OPENING: one.contact_after_opening} if one.contact_after_opening is not None else dict(one.contact_within)
        yield Promised(who=f"'{one.id}'", place=one.place, within=soon, uses=uses_of_severity(handbook, one))
    for left_out in handbook.exclusions if handbook.office is not None else ():
        if left_out.contact_after_opening is not None:
            # What is left out at night can be of any severity; it is paged when the office opens.
            services = left_out.services or ("", *handbook.services)
            found = [use_of(handbook, one, name, When.AT_OPENING, office=True) for one in handbook.severities.values() for name in services]
            soon = {OPENING: left_out.contact_after_opening}
            yield Promised(who=f"exclusion '{left_out.id}'", place=left_out.place, within=soon, uses=different(found))


def uses_of_severity(handbook: Handbook, severity: Severity) -> tuple[Use, ...]:
    """The escalations that a severity uses, for every service and for reports without one (decisions.md 23)."""
    ways = ((When.AFTER_HOURS, False), (When.IN_OFFICE, True)) if severity.office_escalation and handbook.office else ((When.ALWAYS, False),)
    found = [use_of(handbook, severity, name, when, office=office) for when, office in ways for name in ("", *handbook.services)]
    return different(found)


def different(uses: Iterable[Use]) -> tuple[Use, ...]:
    """The first use of each escalation with each skill: which service it is makes no difference."""
    found: dict[tuple[str, str, When], Use] = {}
    for use in uses:
        found.setdefault((use.escalation, use.needs, use.when), use)
    return tuple(found.values())


def use_of(handbook: Handbook, severity: Severity, service: str, when: When, *, office: bool) -> Use:
    """The escalation of a severity for a service; `office`: as while the office is open."""
    name = escalation_of(severity, service, handbook, in_office=office)
    return Use(escalation=name, service=service, needs=needed(handbook, service), when=when)


def ladder_of(ahead: Ahead, use: Use) -> Ladder:
    """The escalation with its people in the span that is looked ahead."""
    escalation = ahead.handbook.escalations.get(use.escalation)
    reports = spans(ahead, use.when)
    if escalation is None:
        return Ladder(handbook=ahead.handbook, stretches=((ahead.start, ahead.end, ()),), reports=reports, waits=(), rounds=1)
    stretches = tuple(ahead.stretches(escalation.id, use.needs))
    waits = tuple(step.wait for step in escalation.steps)
    return Ladder(handbook=ahead.handbook, stretches=stretches, reports=reports, waits=waits, rounds=escalation.rounds)


def spans(ahead: Ahead, when: When) -> tuple[Span, ...]:
    """When reports go a way, in the span that is looked ahead; an opening is an instant."""
    if when is When.ALWAYS:
        return ((ahead.start, ahead.end),)
    edges = (ahead.start, *ahead.office_edges())
    found = [(start, end, office_is_open(ahead.handbook, start)) for start, end in zip(edges, (*edges[1:], ahead.end), strict=True)]
    if when is When.AT_OPENING:
        return tuple((start, start + INSTANT) for start, _, is_open in found[1:] if is_open)
    return tuple((start, end) for start, end, is_open in found if is_open is (when is When.IN_OFFICE))


def worst_of(ladder: Ladder) -> Worst | None:
    """The longest case in all stretches, the earliest of equals; None when nobody who is called has a telephone."""
    found: Worst | None = None
    for start, low, high in ladder.starts():
        for path in ladder.paths(start, low, high):
            for rung in rungs(ladder, path):
                takes = None if rung.after is None else rung.after + TIME_TO_ACT
                case = Worst(ladder=ladder, path=path, rung=rung, takes=takes)
                if found is None or is_later(case, found):
                    found = case
    return found


def rungs(ladder: Ladder, path: Path) -> tuple[Rung, ...]:
    """When the first and the second are rung by a path. What it does not tell although it goes on counts as never; behind its end is nobody."""
    known = tuple(one for one in (ladder.first(path), ladder.second(path)) if one is not None)
    if len(known) < TWO_WAYS and path[-1].step != LAST_RESORT:
        return (*known, Rung(who=path[-1].people[0], calling=path[-1], ways=TWO_WAYS, after=None))
    return known


def is_later(one: Worst, other: Worst) -> bool:
    """Whether `one` takes longer than `other`; never is the longest."""
    return other.takes is not None and (one.takes is None or one.takes > other.takes)


def is_late(worst: Worst, within: timedelta) -> bool:
    """Whether the promise is broken in the worst case."""
    return worst.takes is None or worst.takes > within


def finding(ahead: Ahead, promised: Promised, use: Use, worst: Worst, within: timedelta) -> Finding:
    """The finding about one promise and one escalation, with the instant of the report that shows it."""
    channels = ", ".join(channel for channel, soon in promised.within.items() if soon == within)
    at = report_at(worst)
    local = f"{at.astimezone(ZoneInfo(ahead.handbook.timezone)):%a %Y-%m-%d %H:%M:%S}"
    example = f"a report of {local} ({at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ})"
    how = (f"with '{use.escalation}'" if use.escalation else "without an escalation") + (f" for '{use.service}'" if use.service else "") + use.when
    return Finding(
        code="AH310",
        severity="error",
        place=promised.place,
        what=f"{promised.who} promises contact within {in_words(within)} ({channels}), but {how} {takes(worst)}: {slow(worst)}; e.g. {example}",
        hint=remedy(ahead, use, worst, within),
    )


def takes(worst: Worst) -> str:
    """How long it takes, in words."""
    return "it may never happen" if worst.takes is None else f"it can take {exactly(worst.takes)}"


def slow(worst: Worst) -> str:
    """Who is rung too late."""
    rung = worst.rung
    by = "the last resort" if rung.calling.step == LAST_RESORT else f"step {rung.calling.step + 1}"
    ways = "on two ways" if rung.ways > 1 else "on their only way"
    if rung.after is None:
        return f"{rung.who} of {by} is paged anew before having been rung {ways}"
    return f"{rung.who} of {by} may be rung {ways} only {exactly(rung.after)} after the report, and has {exactly(TIME_TO_ACT)} to act"


def report_at(worst: Worst) -> datetime:
    """A report that goes this way: on a full minute if nothing changes in between, else so that each wait is as long as it can be."""
    path = [one for one in worst.path if one.latest <= worst.rung.calling.latest]
    at = path[-1].low
    for one, following in zip(reversed(path[:-1]), reversed(path[1:]), strict=True):
        at = max(one.low, at - one.wait - HAND_OVER_GRACE) if following.stretch != one.stretch else one.low
    full = (at - timedelta(microseconds=1)).replace(second=0, microsecond=0) + MINUTE
    return full if len({one.stretch for one in path}) == 1 and full < path[0].high else at


def remedy(ahead: Ahead, use: Use, worst: Worst, within: timedelta) -> str:
    """What can be written instead."""
    reach = f"or let {worst.rung.who} be called sooner by their 'reach'"
    if worst.takes is None:
        return f"let the steps wait longer, {reach}"
    promise = f"promise {in_words(-(-worst.takes // MINUTE) * MINUTE)}"
    shorter = shorter_wait(worst, within)
    if shorter is None:
        return f"{promise}, {reach}"
    step, wait = shorter
    place = ahead.handbook.escalations[use.escalation].steps[step].place
    return f"let step {step + 1} of '{use.escalation}' ({place}) wait {in_words(wait)}, or {promise}"


def shorter_wait(worst: Worst, within: timedelta) -> tuple[int, timedelta] | None:
    """The step before the late one that waits longest, and the wait in full minutes with which the promise is kept everywhere; None: none is."""
    before = [one for one in worst.path if one.latest < worst.rung.calling.latest]
    if not before or worst.takes is None:
        return None
    step = max(before, key=lambda one: one.wait).step
    times = sum(1 for one in before if one.step == step)
    waits = worst.ladder.waits
    wait = (waits[step] - (worst.takes - within) / times) // MINUTE * MINUTE
    if wait <= timedelta(0):
        return None
    mended = worst_of(replace(worst.ladder, waits=(*waits[:step], wait, *waits[step + 1 :])))
    return None if mended is None or is_late(mended, within) else (step, wait)
