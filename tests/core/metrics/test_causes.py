"""Exactly one cause for a miss, by an order: what the case itself shows comes before what people did."""

from __future__ import annotations

import pytest

from oncall.core.metrics.causes import Cause, why_missed
from tests.core.metrics.tale import Tale, at, promise


def silent() -> Tale:
    """Ana's page arrived and she said nothing; after five minutes Ben's too."""
    return Tale(moves_at=at(5)).news(0.1, "ana").then(5, "TimeCame", step=1, moves_at=at(10)).news(5.1, "ben")


def passed() -> Tale:
    """Ana's page arrived, and she passed it on."""
    return Tale().news(0.1, "ana").then(2, "Passed", "ana", step=1)


TALES = [
    ("held since minute 1, no contact", silent().takes(6, "ben"), Cause.LATE_CONTACT, ("ben",)),
    ("closed without a contact", Tale().news(0.1, "ana").resolves(12, "ana"), Cause.LATE_CONTACT, ("ana",)),
    ("the clock of minute 5 came at minute 9", Tale(moves_at=at(5)).news(0.1, "ana").then(9, "TimeCame", step=1), Cause.PAGER_DOWN, ()),
    ("it could not be decided", Tale(result="parked", step=-1), Cause.PAGER_DOWN, ()),
    ("nobody on call for the first step", Tale(step=1, nobody_there=True).news(0.1, "ben"), Cause.COVERAGE_GAP, ()),
    ("too many sends", Tale().news(0.1, "ana", "SendPostponed", reason="too many requests at once (20429)"), Cause.THROTTLED, ("ana",)),
    ("an address that never works", Tale().news(0.1, "ana", "SendFailed", broken=True), Cause.UNREACHABLE, ("ana",)),
    ("nobody who could be paged at all", Tale(), Cause.UNREACHABLE, ()),
    ("refused by the provider", Tale().news(0.1, "ana", "SendFailed", reason="the carrier gives no reason"), Cause.DELIVERY_FAILED, ("ana",)),
    ("nobody knows whether it arrived", Tale().news(0.1, "ana", "SendUnknown"), Cause.DELIVERY_FAILED, ("ana",)),
    ("accepted, then not delivered", Tale().news(0.1, "ana").news(2, "ana", "SendFailed"), Cause.DELIVERY_FAILED, ("ana",)),
    ("only Slack took it", Tale().news(0.1, "ana", way="slack").news(0.1, "ana", "SendFailed"), Cause.DELIVERY_FAILED, ("ana",)),
    ("two pages arrived, nobody said anything", silent(), Cause.NO_ANSWER, ("ana", "ben")),
    ("Ben took it late, Ana never answered", silent().takes(14, "ben"), Cause.NO_ANSWER, ("ana",)),
    ("Ana herself took it a minute before", Tale().news(0.1, "ana").takes(14, "ana"), Cause.LATE_ACKNOWLEDGEMENT, ("ana",)),
    ("Ana took it after the deadline", Tale().news(0.1, "ana").takes(21, "ana"), Cause.LATE_ACKNOWLEDGEMENT, ("ana",)),
    ("Ana passed, Ben took it late", passed().news(2.1, "ben").takes(13, "ben"), Cause.LATE_ACKNOWLEDGEMENT, ("ben",)),
    ("everybody passed", passed().news(2.1, "ben").then(3, "Passed", "ben", step=2), Cause.DECLINED, ("ana", "ben")),
    ("Ana passed, Ben was silent", passed().news(2.1, "ben"), Cause.NO_ANSWER, ("ben",)),
    ("paged only after the deadline", Tale(step=1, nobody_there=True).news(16, "ben"), Cause.COVERAGE_GAP, ()),
]


@pytest.mark.parametrize(("tale", "cause", "people"), [one[1:] for one in TALES], ids=[one[0] for one in TALES])
def test_a_miss_has_one_cause_and_says_whom_it_is_about(tale: Tale, cause: Cause, people: tuple[str, ...]) -> None:
    case = tale.case()
    missed = case.missed(at(600))
    assert missed is not None
    why = why_missed(case, missed)
    assert (why.cause, why.people) == (cause, people)


def test_what_happened_after_the_deadline_is_no_cause() -> None:
    """A stall and a gap at minute 20 have not made anybody late at minute 15."""
    tale = silent().then(10, "TimeCame", moves_at=at(20)).then(31, "TimeCame", moves_at=at(40), step=2, nobody_there=True)
    assert (tale.case().stalls, tale.case().gaps) == ((at(20),), (at(31),))
    missed = tale.case().missed(at(600))
    assert missed is not None
    assert why_missed(tale.case(), missed).cause is Cause.NO_ANSWER


def test_a_clock_that_is_a_little_late_is_no_stall() -> None:
    tale = Tale(moves_at=at(5)).news(0.1, "ana").then(5.9, "TimeCame", step=1)
    missed = tale.case().missed(at(600))
    assert missed is not None
    assert (tale.case().stalls, why_missed(tale.case(), missed).cause) == ((), Cause.NO_ANSWER)


def test_an_acknowledgement_that_lapsed_before_the_deadline_is_no_answer() -> None:
    tale = Tale(promise=promise(60)).news(0.1, "ana").takes(1, "ana").then(41, "TimeCame", status="open", held_by="", step=1)
    missed = tale.case().missed(at(600))
    assert missed is not None
    why = why_missed(tale.case(), missed)
    assert (why.cause, why.people) == (Cause.NO_ANSWER, ("ana",))


def test_the_second_promise_is_judged_by_what_happened_since_it_was_made() -> None:
    """In the first round nobody answered; in the second it was held all along."""
    tale = silent().takes(14, "ben").contacts(14.5, "ben").resolves(30, "ben")
    tale.then(60, "Reopened", "customer", status="open", held_by="", step=0, promise=promise(75, 15)).news(60.1, "ana").takes(61, "ana")
    missed = tale.case().missed(at(600))
    assert missed is not None
    assert missed.due == at(75)
    assert why_missed(tale.case(), missed).people == ("ana",)
    assert why_missed(tale.case(), missed).cause is Cause.LATE_CONTACT
