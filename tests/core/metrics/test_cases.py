"""The clocks of a case, each as interfaces.md 6.1 defines it, and how a case stands to what was promised."""

from __future__ import annotations

import pytest

from oncall.core.metrics.cases import Outcome
from oncall.core.metrics.lines import escalated
from tests.core.metrics.tale import Tale, at, promise


def test_a_report_that_comes_twice_is_one_case_of_the_earlier_time() -> None:
    case = Tale().then(4, "Reported", reports=2, result="folded").case()
    assert (case.reported_at, case.called_at, case.reports) == (at(0), at(0), 2)


def test_paged_is_when_a_provider_took_the_first_page_that_rings() -> None:
    """Slack had it sooner, but wakes nobody; what the provider refused was no page."""
    tale = Tale().news(0.1, "ana", way="slack").news(0.2, "ana", "SendFailed", way="voice").news(0.5, "ana", way="sms").news(2, "ben")
    assert tale.case().paged_at == at(0.5)
    assert Tale().news(0.1, "ana", way="slack").case().paged_at == at(0.1)
    assert Tale().news(0.2, "ana", "SendFailed").case().paged_at is None


def test_a_text_to_somebody_that_is_no_page_is_not_measured() -> None:
    tale = Tale()
    tale.lines.append(tale.lines[0]._replace(kind="HandedOver", order="1001/3/stand_down/ana/sms", after=None))
    assert tale.case().tries == ()


def test_a_receipt_may_come_before_the_answer_that_it_is_about() -> None:
    (one,) = Tale().news(0.5, "ana", "Delivered").news(0.6, "ana", "HandedOver").case().tries
    assert (one.fate, one.accepted_at, one.delivered_at) == ("delivered", at(0.5), at(0.5))


def test_a_text_that_was_accepted_and_then_not_delivered_failed() -> None:
    (one,) = Tale().news(0.5, "ana").news(3, "ana", "SendFailed", reason="the handset is off").case().tries
    assert (one.fate, one.accepted_at, one.arrived) == ("failed", at(0.5), False)


def test_taken_is_the_first_time_that_a_human_had_it() -> None:
    """Handed on and taken by somebody else, it was taken once."""
    tale = Tale().takes(3, "ana").then(5, "Passed", "ana", status="open", held_by="", step=1).takes(8, "ben")
    assert (tale.case().taken_at, tale.case().taken_by) == (at(3), "ana")
    assert [(one.who, one.since, one.until) for one in tale.case().held] == [("ana", at(3), at(5)), ("ben", at(8), None)]


def test_who_closes_it_without_taking_it_has_taken_it() -> None:
    case = Tale().resolves(4, "ben").case()
    assert (case.taken_at, case.taken_by) == (at(4), "ben")


def test_neither_an_acknowledgement_nor_a_receipt_is_a_contact() -> None:
    case = Tale().news(0.2, "ana").news(0.5, "ana", "Delivered").takes(1, "ana").case()
    assert case.contacted_at is None
    assert case.outcome(at(14)) is Outcome.RUNNING


@pytest.mark.parametrize(("contact", "outcome"), [(15, Outcome.KEPT), (15.001, Outcome.MISSED)])
def test_the_deadline_itself_is_in_time_and_a_moment_later_is_not(contact: float, outcome: Outcome) -> None:
    assert Tale().takes(1, "ana").contacts(contact, "ana").case().outcome(at(600)) is outcome


@pytest.mark.parametrize(("now", "outcome"), [(14.9, Outcome.RUNNING), (15, Outcome.RUNNING), (15.1, Outcome.MISSED)])
def test_an_open_case_past_its_deadline_is_a_miss_already(now: float, outcome: Outcome) -> None:
    assert Tale().case().outcome(at(now)) is outcome


def test_a_case_that_was_closed_without_a_reported_contact_is_a_miss() -> None:
    """Nobody can say that the customer was reached."""
    case = Tale().takes(1, "ana").resolves(5, "ana").case()
    assert (case.outcome(at(14)), case.outcome(at(16))) == (Outcome.RUNNING, Outcome.MISSED)


def test_what_waits_or_was_declined_is_no_emergency() -> None:
    waiting = Tale(status="waiting", step=-1, promise=promise(480)).then(420, "TimeCame", status="open", step=0)
    declined = Tale(status="declined", step=-1, promise=None)
    assert [(one.is_emergency, one.is_promised, one.waited) for one in (waiting.case(), declined.case())] == [
        (False, False, True), (False, False, False),
    ]  # fmt: skip


def test_what_waited_and_is_urgent_counts_from_the_moment_at_which_the_customer_said_so() -> None:
    tale = Tale(status="waiting", step=-1, promise=promise(480)).then(30, "MarkedUrgent", status="open", step=0, promise=promise(45, 15))
    case = tale.contacts(44, "ana").case()
    assert (case.called_at, case.urgent_at, [one.made_at for one in case.promises]) == (at(30), at(30), [at(30)])
    assert case.outcome(at(600)) is Outcome.KEPT


def test_a_severity_that_grows_makes_the_promise_sooner() -> None:
    tale = Tale(severity="sev2", promise=promise(45)).then(10, "Reported", severity="sev1", reports=2, promise=promise(25, 15))
    case = tale.contacts(30, "ana").case()
    assert (case.severity, [one.due for one in case.promises], case.outcome(at(600))) == ("sev1", [at(25)], Outcome.MISSED)


def test_without_anybody_to_contact_nothing_is_promised() -> None:
    assert (Tale(promise=None).case().is_emergency, Tale(promise=None).case().is_promised) == (True, False)


def reopened(after: float) -> Tale:
    """Kept, closed at minute 30, and opened again so many minutes later with a new promise."""
    tale = Tale().takes(1, "ana").contacts(10, "ana").resolves(30, "ana")
    return tale.then(30 + after, "Reopened", "customer", status="open", held_by="", promise=promise(45 + after, 15))


def test_a_case_that_was_opened_anew_is_kept_only_if_the_second_promise_was_too() -> None:
    late = reopened(60).takes(91, "ana").contacts(110, "ana").case()
    assert ([one.is_kept for one in late.promises], late.outcome(at(600)), late.contacted_at) == ([True, False], Outcome.MISSED, at(10))
    assert reopened(60).takes(91, "ana").contacts(100, "ana").case().outcome(at(600)) is Outcome.KEPT


def test_a_promise_that_was_kept_stays_kept_when_the_case_is_opened_anew_before_it_was_due() -> None:
    tale = Tale().takes(1, "ana").contacts(5, "ana").resolves(8, "ana")
    tale.then(10, "Reopened", "customer", status="open", held_by="", promise=promise(25, 15))
    assert [(one.is_kept, one.due) for one in tale.case().promises] == [(True, at(15)), (False, at(25))]


def test_a_promise_that_nobody_has_kept_yet_gives_way_to_the_one_that_the_customer_is_told_instead() -> None:
    tale = Tale().takes(1, "ana").resolves(8, "ana").then(10, "Reopened", "customer", status="open", held_by="", promise=promise(25, 15))
    assert [one.due for one in tale.case().promises] == [at(25)]


def test_resolved_counts_from_the_last_resolve_if_it_was_reopened_within_a_day() -> None:
    assert reopened(60).case().resolved_at is None
    assert reopened(60).resolves(120, "ana").case().resolved_at == at(120)
    assert reopened(24 * 60).resolves(9000, "ana").case().resolved_at == at(9000)
    assert reopened(24 * 60 + 1).resolves(9000, "ana").case().resolved_at == at(30)


def test_the_customers_words_are_no_act_of_ours() -> None:
    acts = Tale().then(2, "Noted", "customer").takes(3, "ana").case().acts
    assert [(one.who, one.what, one.at) for one in acts] == [("ana", "Acknowledged", at(3))]


def rises(tale: Tale) -> list[tuple[float, int, str]]:
    """When a case went up, how far, and why."""
    return [((one.at - at(0)).total_seconds() / 60, one.level, one.reason) for one in tale.case().rises]


@pytest.mark.parametrize(
    ("tale", "expected"),
    [
        (Tale().then(5, "TimeCame", step=1), (5, 2, "no answer")),
        (Tale().then(2, "Passed", "ana", step=1), (2, 2, "passed")),
        (Tale().takes(1, "ana").then(2, "Escalated", "ana", step=1), (2, 2, "help")),
        (Tale().then(0.1, "SendFailed", step=1), (0.1, 2, "delivery failed")),
        (Tale().takes(1, "ana").then(41, "TimeCame", step=1, status="open", held_by=""), (41, 2, "lapsed")),
        (Tale(step=1, nobody_there=True), (0, 2, "nobody there")),
        (Tale(status="waiting", step=-1).then(400, "TimeCame", status="open", step=1), (400, 2, "nobody there")),
        (Tale(step=2).then(10, "TimeCame", step=2, last_resort_called=True), (10, 4, "no answer")),
        (Tale(steps=1).then(5, "TimeCame", step=0, round=2), (5, 1, "no answer")),
    ],
    ids=[
        "silence",
        "a pass",
        "help",
        "a failed send",
        "a lapse",
        "an empty step",
        "an empty step when the office opens",
        "the last resort",
        "a second round",
    ],
)
def test_why_a_case_went_up_its_escalation(tale: Tale, expected: tuple[float, int, str]) -> None:
    assert rises(tale)[-1] == expected


def test_repeats_of_the_last_resort_and_a_new_beginning_are_no_rise() -> None:
    tale = Tale(step=2).then(10, "TimeCame", last_resort_called=True).then(20, "TimeCame").resolves(25, "ana")
    tale.then(30, "Reopened", "customer", status="open", step=0, last_resort_called=False)
    assert rises(tale) == [(0, 3, "nobody there"), (10, 4, "no answer")]
    assert escalated(tale.after, tale.after, "TimeCame") == ""
