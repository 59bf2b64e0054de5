"""The measures of interfaces.md 6.2, each by its formula on cases that were told."""

from __future__ import annotations

from datetime import timedelta

from oncall.core.metrics import measures
from oncall.core.metrics.cases import Case
from oncall.core.metrics.numbers import MEDIAN, P99, Share
from tests.core.metrics.tale import Tale, at, promise

WAITING = Tale("w", status="waiting", step=-1, promise=promise(480)).case()
DECLINED = Tale("d", status="declined", step=-1, promise=None).case()
URGENT = Tale("u", status="waiting", step=-1, promise=promise(480)).then(30, "MarkedUrgent", status="open", step=0, promise=promise(45, 15)).case()
KEPT = Tale("k").news(0.1, "ana").takes(2, "ana").contacts(10, "ana").resolves(60, "ana").case()
LATE = Tale("l").news(0.2, "ana").then(5, "TimeCame", step=1).news(5.1, "ben").takes(12, "ben").contacts(19, "ben").resolves(90, "ben").case()
OPEN = Tale("o", minutes=600).case()
ALL = (WAITING, DECLINED, URGENT, KEPT, LATE, OPEN)


def test_contacted_in_time_is_of_what_is_eligible_and_over() -> None:
    """Waiting and declined are out, the urgent one is missed, the last one still runs; an hour later it does not."""
    now = measures.contacted_in_time(ALL, at(605))
    assert (now.share, now.running) == (Share(part=1, whole=3), 1)
    later = measures.contacted_in_time(ALL, at(616))
    assert (later.share, later.running) == (Share(part=1, whole=4), 0)


def test_first_contact_and_time_to_take_keep_what_runs() -> None:
    assert (measures.first_contact(ALL).spans, measures.first_contact(ALL).running) == ((timedelta(minutes=10), timedelta(minutes=19)), 2)
    assert (measures.time_to_take(ALL).spans, measures.time_to_take(ALL).running) == ((timedelta(minutes=2), timedelta(minutes=12)), 2)


def test_time_to_page_is_until_a_provider_had_the_first() -> None:
    found = measures.time_to_page((KEPT, LATE))
    assert (found.quantile(MEDIAN), found.quantile(P99)) == (timedelta(seconds=6), timedelta(seconds=12))


def test_time_to_resolve_and_the_share_within_a_span() -> None:
    """What is open counts once it is older than the span."""
    assert measures.time_to_resolve(ALL).spans == (timedelta(minutes=60), timedelta(minutes=90))
    hour = timedelta(hours=1)
    assert measures.resolved_within(ALL, hour, at(605)) == Share(part=1, whole=3)
    assert measures.resolved_within(ALL, hour, at(661)) == Share(part=1, whole=4)


def test_escalation_rate_and_its_reasons() -> None:
    """By the first reason of each case."""
    assert measures.escalation_rate(ALL) == Share(part=1, whole=4)
    passed = Tale("p").then(1, "Passed", "ana", step=1).then(6, "TimeCame", step=2).case()
    assert measures.escalation_reasons((*ALL, passed, LATE)) == (("no answer", 2), ("passed", 1))


def test_reach_rate_is_who_answered_before_the_next_was_called() -> None:
    """A pass and a call for help are answers; what rings for the first time is not judged."""
    answers = (
        KEPT,
        Tale("p").then(1, "Passed", "ana", step=1).case(),
        Tale("h").takes(1, "ana").then(2, "Escalated", "ana", step=1).case(),
        LATE,
        Tale("f").then(0.1, "SendFailed", step=1).case(),
        OPEN,
    )
    assert measures.reach_rate(answers) == Share(part=3, whole=5)


def test_delivery_is_of_what_was_accepted_by_way() -> None:
    tale = Tale().news(0, "ana").news(0.05, "ana", "Delivered").news(0, "ben", nth=1).news(1, "cid", "SendFailed").news(2, "ana", way="voice", nth=2)
    sms, voice = measures.deliveries((tale.case(),))
    assert (sms.way, sms.arrived, sms.took.spans) == ("sms", Share(part=1, whole=2), (timedelta(seconds=3),))
    assert (voice.way, voice.arrived) == ("voice", Share(part=0, whole=1))


def reopened(after_h: float) -> Case:
    """Closed, and opened again so many hours later."""
    return Tale().resolves(10, "ana").then(10 + 60 * after_h, "Reopened", "customer", status="open", held_by="").case()


def test_reopened_is_within_a_day_of_the_resolve() -> None:
    assert measures.reopened_rate((KEPT, LATE, reopened(24), reopened(25), OPEN)) == Share(part=1, whole=4)


def test_updates_are_kept_that_a_human_sent_by_their_time() -> None:
    """Sent at 35 of 40, missed at 65, sent at 66 for the next; words without anybody to hear them keep nothing."""
    tale = Tale().contacts(10, "ana").then(10, "Acknowledged", "ana", update_by=at(40))
    tale.then(35, "Updated", "ana", update_by=at(65)).then(65, "TimeCame", update_by=at(95), updates_missed=1)
    tale.then(66, "Updated", "ana", update_by=at(96), updates_missed=1).then(70, "Updated", "ana")
    assert measures.updates_kept((tale.case(), KEPT)) == Share(part=2, whole=3)
    assert measures.updates_kept((KEPT,)) == Share(part=0, whole=0)


def test_deflected_properly_is_of_what_could_wait() -> None:
    assert measures.urgent_rate(ALL) == Share(part=1, whole=2)
