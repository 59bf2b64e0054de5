"""Why a promise was missed: exactly one cause, by an order that goes from what the case itself shows to what people did (policy.md 3.2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from oncall.core.metrics.cases import Case, Fate, Promised, Try, waking

TIME_TO_ACT = timedelta(minutes=5)
"""What a holder needs to reach the customer (decisions.md 28); who takes it later than this before the deadline has taken it too late."""


class Cause(StrEnum):
    """The causes in the order in which they are looked for; the first that applies is the one.

    LATE_CONTACT goes beyond policy.md's list: somebody took it in time, so none of the others would be true.
    """

    LATE_CONTACT = "late contact"
    PAGER_DOWN = "pager down"
    COVERAGE_GAP = "coverage gap"
    THROTTLED = "throttled"
    UNREACHABLE = "unreachable"
    DELIVERY_FAILED = "delivery failed"
    NO_ANSWER = "no answer"
    LATE_ACKNOWLEDGEMENT = "late acknowledgement"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """The cause of a miss, and the people it speaks of: who had it, who was paged in vain, who passed it on."""

    cause: Cause
    people: tuple[str, ...] = ()


def why_missed(case: Case, promise: Promised) -> Why:
    """The cause of a promise that was missed, judged by what had happened before its deadline.

    1. late contact: somebody had it, or had closed it, at the deadline, since TIME_TO_ACT or more before. 2. pager down: a clock of the
    pager's own was handled a minute late or more. 3. coverage gap: a step had nobody on call. Then, if no page arrived with anybody:
    4. throttled: a send was refused for the number of sends; 5. unreachable: an address that never works, or nobody who could be paged
    at all; 6. delivery failed. Else: 7. no answer: a page arrived with somebody who neither took it nor passed it on; 8. late
    acknowledgement: somebody took it, but too late; 9. declined: whoever was paged passed it on.
    """
    due, made_at = promise.due, promise.made_at
    holder = holder_at(case, promise)
    if holder is not None:
        return Why(cause=Cause.LATE_CONTACT, people=named((holder,)))
    if any(made_at <= at < due for at in case.stalls):
        return Why(cause=Cause.PAGER_DOWN)
    if any(made_at <= at < due for at in case.gaps):
        return Why(cause=Cause.COVERAGE_GAP)
    tries = waking(one for one in case.tries if made_at <= one.at < due)
    arrived = named(one.person for one in tries if one.arrived)
    if not arrived:
        return Why(cause=nothing_arrived(tries), people=named(one.person for one in tries))
    passed = {one.who for one in case.acts if one.what == "Passed" and one.at < due}
    # Whoever let it lapse has not answered in the end.
    took = {one.who for one in case.held if one.until is None or one.until > due}
    silent = [who for who in arrived if who not in took | passed]
    if silent:
        return Why(cause=Cause.NO_ANSWER, people=named(silent))
    late = [one.who for one in case.held if one.since > due - TIME_TO_ACT]
    if late:
        return Why(cause=Cause.LATE_ACKNOWLEDGEMENT, people=named(late[:1]))
    return Why(cause=Cause.DECLINED, people=arrived)


def holder_at(case: Case, promise: Promised) -> str | None:
    """Who had it at the deadline and had had the time to act, or closed it before; None if nobody did."""
    due = promise.due
    for one in case.held:
        if one.since <= due - TIME_TO_ACT and (one.until is None or one.until > due):
            return one.who
    closed = any(promise.made_at <= at <= due for at in case.resolved)
    return next((one.who for one in reversed(case.acts) if one.what == "Resolved" and one.at <= due), "") if closed else None


def nothing_arrived(tries: Sequence[Try]) -> Cause:
    """Why no page arrived with anybody."""
    if any(one.limited for one in tries):
        return Cause.THROTTLED
    return Cause.UNREACHABLE if not tries or any(one.fate is Fate.BROKEN for one in tries) else Cause.DELIVERY_FAILED


def named(people: Iterable[str]) -> tuple[str, ...]:
    """Each once, in their order, without nobody."""
    return tuple(dict.fromkeys(who for who in people if who))
