"""A report: what was promised and kept in a period, the misses one by one, and what it cost people; for every form it is printed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from oncall.core.metrics import measures
from oncall.core.metrics.burden import Burden, burdens, fairness, interruptions
from oncall.core.metrics.cases import DECIDED, Case
from oncall.core.metrics.causes import Cause, why_missed
from oncall.core.metrics.coverage import Coverage, coverage
from oncall.core.metrics.feedback import NOTHING, Said
from oncall.core.metrics.measures import Delivery, Kept
from oncall.core.metrics.numbers import Share, Spread, gini
from oncall.core.metrics.periods import Period
from oncall.core.model import Handbook, first_name


@dataclass(frozen=True, slots=True, kw_only=True)
class ByChannel:
    """The emergencies of one severity that came over one channel. `within`: what was promised, each span once."""

    severity: str
    channel: str
    count: int
    kept: Kept
    within: tuple[timedelta, ...]
    contact: Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class BySeverity:
    """The emergencies of one severity; `goal` in percent, None if the policy names none."""

    severity: str
    count: int
    kept: Kept
    goal: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """A promise that was missed. `late`: how long after its deadline a human reached the customer; None: nobody has reported that they did."""

    case: Case
    due: datetime
    contacted_at: datetime | None
    cause: Cause
    people: tuple[str, ...]

    @property
    def late(self) -> timedelta | None:
        """See above."""
        return None if self.contacted_at is None else self.contacted_at - self.due


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A decision that somebody took by the team's own authority."""

    case: Case
    who: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyChange:
    """A version of the handbook that came into force, and the files in which it differs from the one before."""

    at: datetime
    version: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """Emergencies resolved within a span, and the goal in percent."""

    within: timedelta
    share: Share
    goal: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that is reported of a period. `until`: its end, or now if that is sooner. `cases`: those that were reported in it."""

    period: Period
    until: datetime
    made_at: datetime
    company: str
    timezone: str
    version: str
    cases: tuple[Case, ...]
    kept: Kept
    severities: tuple[BySeverity, ...]
    channels: tuple[ByChannel, ...]
    misses: tuple[Miss, ...]
    contact: Spread
    take: Spread
    page: Spread
    resolve: Spread
    resolved: tuple[Resolved, ...]
    escalated: Share
    reasons: tuple[tuple[str, int], ...]
    reached: Share
    deliveries: tuple[Delivery, ...]
    updates: Share
    reopened: Share
    urgent: Share
    waited: int
    declined: int
    unpromised: int
    joined: int
    coverage: Coverage
    burdens: tuple[Burden, ...]
    gini: float | None
    changes: tuple[PolicyChange, ...]
    decisions: tuple[Decided, ...]
    names: Mapping[str, str]
    said: Said = NOTHING
    right_goal: float | None = None

    @property
    def is_final(self) -> bool:
        """Whether nothing of it will change: its period is over, and nobody has to look into anything of it (interfaces.md 6.7)."""
        return self.until >= self.period.end and not self.said.open_reviews

    @property
    def emergencies(self) -> int:
        """How many cases somebody was wanted for at once."""
        return sum(one.is_emergency for one in self.cases)

    def name(self, who: str) -> str:
        """How texts call `who`; of a bare number its end."""
        return self.names.get(who) or (f"...{who[-4:]}" if who.startswith("+") else who)


def report(
    handbook: Handbook, known: Sequence[Case], period: Period, changes: Sequence[PolicyChange], now: datetime, feedback: Said = NOTHING
) -> Report:  # fmt: skip
    """The report of a period. `known`: every case of which something happened in it or in the FAIR_OVER before its end."""
    until = max(min(period.end, now), period.start)
    cases = tuple(one for one in known if period.start <= one.reported_at < until)
    disturbed = interruptions(known)
    found = burdens(handbook, disturbed, period.start, until)
    severities = measures.distinct((one.severity for one in measures.emergencies(cases)), tuple(handbook.severities))
    goals = handbook.goals
    return Report(
        period=period, until=until, made_at=now, company=handbook.company, timezone=handbook.timezone, version=handbook.version,
        cases=cases,
        kept=measures.contacted_in_time(cases, now),
        severities=tuple(by_severity(cases, severity, goals.contacted_in_time.get(severity), now) for severity in severities),
        channels=by_channel(cases, severities, now),
        misses=misses(cases, now),
        contact=measures.first_contact(cases),
        take=measures.time_to_take(cases),
        page=measures.time_to_page(cases),
        resolve=measures.time_to_resolve(cases),
        resolved=resolved(cases, goals.resolved_within, now),
        escalated=measures.escalation_rate(cases),
        reasons=measures.escalation_reasons(cases),
        reached=measures.reach_rate(cases),
        deliveries=measures.deliveries(cases),
        updates=measures.updates_kept(cases),
        reopened=measures.reopened_rate(cases),
        urgent=measures.urgent_rate(cases),
        waited=sum(one.waited for one in cases),
        declined=sum(not one.is_emergency and not one.waited for one in cases),
        unpromised=sum(one.is_emergency and not one.is_promised for one in cases),
        joined=sum(one.reports - 1 for one in cases),
        coverage=coverage(handbook, period.start, period.end),
        burdens=fairness(handbook, found, disturbed, until),
        gini=gini([one.points for one in found]), changes=tuple(changes),
        decisions=decisions(known, period.start, until),
        names={who: called(handbook, who) for who in handbook.people},
        said=feedback, right_goal=goals.right_to_wake,
    )  # fmt: skip


def resolved(cases: Sequence[Case], goals: Mapping[timedelta, float], now: datetime) -> tuple[Resolved, ...]:
    """What was resolved in time, for each goal."""
    return tuple(Resolved(within=span, share=measures.resolved_within(cases, span, now), goal=goal) for span, goal in goals.items())


def by_severity(cases: Sequence[Case], severity: str, goal: float | None, now: datetime) -> BySeverity:
    """One severity."""
    mine = [one for one in measures.emergencies(cases) if one.severity == severity]
    return BySeverity(severity=severity, count=len(mine), kept=measures.contacted_in_time(mine, now), goal=goal)


def by_channel(cases: Sequence[Case], severities: Sequence[str], now: datetime) -> tuple[ByChannel, ...]:
    """Severity by channel, the highest severity first."""
    found = []
    for severity in severities:
        mine = [one for one in measures.emergencies(cases) if one.severity == severity]
        for channel in sorted({one.channel for one in mine}):
            here = [one for one in mine if one.channel == channel]
            within = tuple(sorted({one.promises[0].within for one in here if one.promises}))
            kept, contact = measures.contacted_in_time(here, now), measures.first_contact(here)
            found.append(ByChannel(severity=severity, channel=channel, count=len(here), kept=kept, within=within, contact=contact))
    return tuple(found)


def misses(cases: Sequence[Case], now: datetime) -> tuple[Miss, ...]:
    """Every case with a missed promise, in the order of their reports, each with one cause."""
    found = []
    for case in cases:
        promise = case.missed(now) if case.is_promised else None
        if promise is not None:
            why = why_missed(case, promise)
            found.append(Miss(case=case, due=promise.due, contacted_at=promise.contacted_at, cause=why.cause, people=why.people))
    return tuple(sorted(found, key=lambda one: (one.case.reported_at, one.case.incident)))


def decisions(known: Sequence[Case], start: datetime, end: datetime) -> tuple[Decided, ...]:
    """What was decided in a period by the team's own authority, in its order."""
    found = [Decided(case=case, who=act.who, at=act.at) for case in known for act in case.acts if act.what == DECIDED and start <= act.at < end]
    return tuple(sorted(found, key=lambda one: (one.at, one.case.incident)))


def called(handbook: Handbook, who: str) -> str:
    """How texts call somebody: the first name, the whole name where two share it."""
    person = handbook.people[who]
    return person.name if first_name(person) in handbook.shared_first_names else first_name(person)
