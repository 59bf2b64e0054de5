"""The measures of interfaces.md 6.2, each with its formula; a case is counted where it was reported, and nothing that runs is left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from oncall.core.metrics.cases import Case, Outcome
from oncall.core.metrics.lines import DELIVERY_FAILED, NO_ANSWER, NOBODY_THERE
from oncall.core.metrics.numbers import Share, Spread, spread

Cases = Sequence[Case]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Contacted in time: of those whose deadline has passed or that were contacted. `running`: neither yet."""

    share: Share
    running: int


def emergencies(cases: Cases) -> list[Case]:
    """Cases for which somebody was wanted at once. Reports that joined one are it: counted once, by the earliest report."""
    return [one for one in cases if one.is_emergency]


def contacted_in_time(cases: Cases, now: datetime) -> Kept:
    """`#{t_contact - t_report <= target(severity, channel)} / #{eligible}`; an open case past its deadline is already a miss.

    Eligible is an emergency for which something was promised. The target is the promise as it was made: for what waited and turned out
    urgent it runs from then on, as the customer was told.
    """
    found = Counter(one.outcome(now) for one in cases if one.is_promised)
    over = found[Outcome.KEPT] + found[Outcome.MISSED]
    return Kept(share=Share(part=found[Outcome.KEPT], whole=over), running=found[Outcome.RUNNING])


def first_contact(cases: Cases) -> Spread:
    """`t_contact - t_report` of what is eligible, from the start of its promise; without a contact it is still running."""
    promised = (one.promises[0] for one in cases if one.is_promised)
    return spread(one.contacted_at - one.made_at if one.contacted_at else None for one in promised)


def time_to_take(cases: Cases) -> Spread:
    """`t_take - t_open` of emergencies, from the start of the calling; what nobody took counts as still running and is not dropped."""
    return spread(one.taken_at - one.called_at if one.taken_at else None for one in cases if one.called_at)


def time_to_page(cases: Cases) -> Spread:
    """`t_page - t_report` of emergencies, from the start of the calling: until a provider had the first page."""
    return spread(one.paged_at - one.called_at if one.paged_at else None for one in cases if one.called_at)


def time_to_resolve(cases: Cases) -> Spread:
    """`t_resolve - t_report` of emergencies: R is resolve, by the last one if it was reopened within 24 h."""
    return spread(one.resolved_at - one.reported_at if one.resolved_at else None for one in emergencies(cases))


def resolved_within(cases: Cases, span: timedelta, now: datetime) -> Share:
    """`#{t_resolve - t_report <= span} / #{emergencies that are resolved, or older than the span}`."""
    found = [one for one in emergencies(cases) if one.resolved_at or now - one.reported_at > span]
    return Share(part=sum(1 for one in found if one.resolved_at and one.resolved_at - one.reported_at <= span), whole=len(found))


def escalation_rate(cases: Cases) -> Share:
    """`cases needing level >= 2 / cases`, of emergencies."""
    found = emergencies(cases)
    return Share(part=sum(bool(one.rises) for one in found), whole=len(found))


def escalation_reasons(cases: Cases) -> tuple[tuple[str, int], ...]:
    """Why cases first needed level 2, the most frequent first: no answer, passed, help, delivery failed, lapsed, nobody there."""
    found = Counter(one.rises[0].reason for one in emergencies(cases) if one.rises)
    return tuple(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))


UNANSWERED = frozenset({NO_ANSWER, DELIVERY_FAILED, NOBODY_THERE})


def reach_rate(cases: Cases) -> Share:
    """`first pages answered within their step / first pages`: somebody of the first step took it, passed it on, or asked for more.

    What still rings for the first time is not judged yet.
    """
    found = [one for one in emergencies(cases) if one.rises or one.taken_at]
    return Share(part=sum(not one.rises or one.rises[0].reason not in UNANSWERED for one in found), whole=len(found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Sends of pages over one way. `arrived`: of those that a provider accepted; `took`: from acceptance to the receipt."""

    way: str
    arrived: Share
    took: Spread


def deliveries(cases: Cases) -> tuple[Delivery, ...]:
    """`delivered / accepted` for each way that has receipts: texts on the handset, calls answered (by a person or a voicemail).

    Undelivered is not ignored: whether somebody answered is another measure.
    """
    found = []
    for way in ("sms", "voice"):
        accepted = [one for case in cases for one in case.tries if one.way == way and one.accepted_at is not None]
        spans = [one.delivered_at - one.accepted_at for one in accepted if one.delivered_at and one.accepted_at]
        if accepted:
            found.append(Delivery(way=way, arrived=Share(part=len(spans), whole=len(accepted)), took=spread(spans)))
    return tuple(found)


def reopened_rate(cases: Cases) -> Share:
    """`reopened within 24 h / resolved`."""
    found = [one for one in cases if one.resolved]
    return Share(part=sum(any(one.was_reopened(at) for at in one.resolved) for one in found), whole=len(found))


def updates_kept(cases: Cases) -> Share:
    """`promised updates sent by their time / promised`, of those that a human sent or whose time passed; what a resolve made moot is neither."""
    kept = sum(one.updates_kept for one in cases)
    return Share(part=kept, whole=kept + sum(one.updates_missed for one in cases))


def urgent_rate(cases: Cases) -> Share:
    """`can-wait cases that the customer marked URGENT / can-wait cases`: none at all says that we wake too often."""
    found = [one for one in cases if one.waited]
    return Share(part=sum(one.urgent_at is not None for one in found), whole=len(found))


def distinct(values: Iterable[str], order: Sequence[str]) -> tuple[str, ...]:
    """Each value once, in a given order, unknown ones behind by name."""
    return tuple(sorted(set(values), key=lambda one: (order.index(one) if one in order else len(order), one)))
