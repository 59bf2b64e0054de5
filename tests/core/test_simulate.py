"""What-ifs: each assumption about people and providers has its effect, to the second; and it ends with what came of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from oncall.channels.twilio_voice import RING_S
from oncall.core.messages import Contact, Reported
from oncall.core.model import Handbook
from oncall.core.simulate import Answer, Assumptions, Behaviour, Fault, Kind, Outcome, Result, simulate
from oncall.core.simulate.night import RINGS, TRIES, TRY_AGAIN_AFTER
from oncall.engine.sending import ATTEMPTS, BACKOFF
from tests.core.rotas import book_of, utc

NIGHT = utc("2026-07-01T00:30")
"""Half past two on a Wednesday morning in Berlin."""
NEVER, OFF, PASSES = (Behaviour(answer=answer) for answer in (Answer.NEVER, Answer.OFF, Answer.PASSES))
BOOK = """version: 1
timezone: Europe/Berlin
people:
  ana: {name: Ana Example, phone: +44 7700 900001, slack: UANA}
  ben: {name: Ben Example, phone: +44 7700 900002, slack: UBEN}
  mats: {name: Mats Example, phone: [+44 7700 900004, +44 7700 900005]}
hours: {office: mon-fri 08:00-17:00}
rotations: {support: {people: [ana, ben], handover: daily 03:00, start: 2026-06-30 03:00}}
escalations:
  main: [{page: support, wait: 5m}, {page: mats, wait: 5m}]
  day: [{page: ben, wait: 5m}]
services: {shop: {escalation: main}, sdk: {escalation: main}}
roles: {admin: [mats]}
customers: {northwind: {name: Northwind, contract: [shop]}}
policy:
  company: Example
  office: office
  severities:
    sev1: {means: down, contact_within: {phone: 15m}, escalation: main, office: {escalation: day}}
    sev2: {means: slow, after_hours: wait, contact_within: opening + 1h, escalation: main}
    sev3: {means: else, after_hours: decline, contact_within: {phone: 60m}, escalation: main}
  exclusions: [{id: billing, about: Invoices, words: [invoice], contact_within: opening + 4h}]
  triage: [{words: [down], severity: sev1}, {otherwise: sev1}]
  last_resort: ["+447700900099"]
"""


def what_if(*, book: Handbook | None = None, at: datetime = NIGHT, severity: str = "sev1", **more: object) -> Outcome:
    """A report by telephone at half past two; `more`: assumptions, and fields of the report."""
    fields = {name: str(more.pop(name)) for name in ("summary", "service", "customer") if name in more}
    report = Reported(
        at=at, seed="", source="test", channel="phone", severity=severity, contact=Contact(phone="+15125550100"), **{"summary": "", **fields}
    )
    return simulate(book or book_of(BOOK), report, Assumptions(**more))  # type: ignore[arg-type]  # the tests name what it has


def lines(outcome: Outcome, *kinds: Kind) -> list[str]:
    """Lines as text: 'seconds kind who way'."""
    told = [line for line in outcome.lines if not kinds or line.kind in kinds]
    return [" ".join(part for part in (f"{(line.at - NIGHT).total_seconds():.0f}", line.kind.value, line.who, line.way) if part) for line in told]


def test_the_numbers_are_those_of_the_engine_and_of_the_channels() -> None:
    """The core cannot ask them, so this does."""
    assert (TRIES, TRY_AGAIN_AFTER) == (ATTEMPTS, BACKOFF)
    assert RINGS.total_seconds() == RING_S


def test_a_night_is_told_line_by_line() -> None:
    """Ana is paged by Slack and text, called after 90 s, takes it as assumed, and contacts the customer five minutes later."""
    outcome = what_if(otherwise=Behaviour(after=timedelta(seconds=100)))
    assert lines(outcome) == [
        "0 reported phone", "0 paged ana slack + sms", "0 rang ana sms", "0 customer told customer sms", "90 paged ana voice", "90 rang ana voice",
        "100 taken ana sms", "100 customer told customer sms", "400 customer contacted ana",
    ]  # fmt: skip
    assert (outcome.result, outcome.by, outcome.spare, outcome.is_kept) == (Result.CONTACTED, "ana", timedelta(seconds=500), True)
    assert outcome.lines[3].text.startswith("Example: we have your emergency, case ")
    assert outcome.because == "sev1: the reporter said so; escalation 'main'"


def test_the_same_what_if_has_the_same_outcome() -> None:
    """Nothing is drawn by chance, the case neither."""
    assert what_if(people={"ana": NEVER}) == what_if(people={"ana": NEVER})


def test_who_sleeps_is_followed_by_the_next_step() -> None:
    """After the wait of five minutes, in which she was called twice."""
    outcome = what_if(people={"ana": NEVER})
    assert lines(outcome, Kind.PAGED, Kind.TAKEN) == [
        "0 paged ana slack + sms", "90 paged ana voice", "180 paged ana voice", "300 paged mats sms", "390 taken mats sms",
    ]  # fmt: skip
    assert (outcome.by, outcome.spare) == ("mats", timedelta(seconds=900 - 390 - 300))


def test_whose_telephone_is_off_costs_no_wait() -> None:
    """The text fails at once, which brings the call forward; it fails too, so the next step and the last resort are paged."""
    outcome = what_if(people={"ana": OFF})
    assert lines(outcome, Kind.PAGED, Kind.FAILED) == [
        "0 paged ana slack + sms", "0 failed ana sms", "0 paged ana voice", "0 failed ana voice", "0 paged mats sms", "0 paged +447700900099 sms",
    ]  # fmt: skip
    assert (outcome.by, outcome.at - NIGHT) == ("mats", timedelta(seconds=390))


def test_who_passes_is_followed_at_once() -> None:
    """Ninety seconds after her first ring she passes, and Mats is paged then."""
    outcome = what_if(people={"ana": PASSES})
    assert lines(outcome, Kind.PASSED) == ["90 passed ana sms"]
    assert "90 paged mats sms" in lines(outcome)


def test_when_nobody_answers_it_ends_with_nobody_once_the_promise_is_broken() -> None:
    """Not before: up to that time somebody may come on call who answers. Then the last resort is called once more."""
    outcome = what_if(otherwise=NEVER)
    assert (outcome.result, outcome.is_kept, outcome.spare, outcome.by) == (Result.NOBODY, False, None, "")
    assert lines(outcome, Kind.MISSED) == ["900 promise missed"]
    assert outcome.at == NIGHT + timedelta(minutes=20)


def test_who_comes_on_call_before_the_promise_is_over_may_still_keep_it() -> None:
    """Only ben answers, and he comes on call at three; the last step and the last resort had been called in vain by then."""
    steps = "main: [{page: support, wait: 5m}, {page: mats, wait: 5m}]"
    late = book_of(BOOK.replace(steps, "main: [{page: support, wait: 2m}]").replace("{phone: 15m}", "{phone: 60m}"))
    outcome = what_if(book=late, people={"ben": Behaviour()}, otherwise=NEVER)
    assert (outcome.result, outcome.by, outcome.at - NIGHT) == (Result.CONTACTED, "ben", timedelta(minutes=30, seconds=90 + 300))


@pytest.mark.parametrize(
    ("faults", "told"),
    [
        (
            {"sms": Fault.REFUSES},
            [
                "0 paged ana slack + sms",
                "0 paged ana voice",
                "15 failed ana sms",
                "15 failed customer sms",
                "90 taken ana voice",
                "105 failed customer sms",
            ],
        ),
        (
            {"sms": Fault.HANGS},
            [
                "0 paged ana slack + sms",
                "10 failed ana sms",
                "10 paged ana voice",
                "20 failed customer sms",
                "30 failed customer sms",
                "100 taken ana voice",
                "110 failed customer sms",
                "120 failed customer sms",
            ],
        ),
        (
            {"sms": Fault.NOTHING},
            ["0 paged ana slack + sms", "0 failed customer sms", "60 paged ana voice", "150 taken ana voice", "150 failed customer sms"],
        ),
        ({"sms": Fault.SLOW}, ["0 paged ana slack + sms", "90 paged ana voice", "100 taken ana sms"]),
        ({"slack": Fault.REFUSES}, ["0 paged ana slack + sms", "15 failed ana slack", "90 taken ana sms"]),
    ],
    ids=lambda value: "-".join(f"{way} {fault}" for way, fault in value.items()) if isinstance(value, dict) else "",
)
def test_what_providers_do_wrong_brings_another_way(faults: dict[str, Fault], told: list[str]) -> None:
    """As decide() has it: what is refused or unknown at once, what brings no receipt after a minute; customers' texts suffer too."""
    assert lines(what_if(faults=faults), Kind.PAGED, Kind.FAILED, Kind.TAKEN) == told


def test_whoever_answers_after_it_was_taken_takes_nothing() -> None:
    """Mats has it at 390 s; Ana, who was rung first, reads it five seconds later."""
    outcome = what_if(people={"ana": Behaviour(after=timedelta(seconds=395))})
    assert lines(outcome, Kind.TAKEN, Kind.CONTACTED) == ["390 taken mats sms", "690 customer contacted mats"]


def test_what_is_not_wanted_any_more_is_not_tried_again() -> None:
    """Ana takes it after eight seconds, so neither her text nor "we are calling" is tried a third time; that she has it is."""
    outcome = what_if(people={"ana": Behaviour(after=timedelta(seconds=8))}, faults={"sms": Fault.REFUSES})
    assert lines(outcome, Kind.TAKEN, Kind.FAILED) == ["8 taken ana voice", "23 failed customer sms"]


def test_an_only_way_that_hangs_is_tried_once_more() -> None:
    """As the engine does, ten seconds each."""
    book = book_of(BOOK.replace("slack: UANA}", "slack: UANA, reach: sms}"))
    assert lines(what_if(book=book, faults={"sms": Fault.HANGS}), Kind.FAILED)[:2] == ["10 failed ana sms", "20 failed ana sms"]


def test_what_waits_is_paged_at_the_opening_and_followed_to_its_end() -> None:
    """The promise is an hour after the opening, and the escalation is that of the office."""
    outcome = what_if(severity="sev2")
    opening = utc("2026-07-01T06:00")
    assert (outcome.opening, outcome.contact_by) == (opening, opening + timedelta(hours=1))
    assert (outcome.result, outcome.by, outcome.at) == (Result.CONTACTED, "ben", opening + timedelta(seconds=390))


def test_what_is_declined_ends_there() -> None:
    """And nothing that was promised is broken."""
    outcome = what_if(severity="sev3")
    assert (outcome.result, outcome.is_kept, outcome.contact_by) == (Result.DECLINED, True, None)
    assert lines(outcome) == ["0 reported phone", "0 customer told customer sms"]


def test_what_the_contract_leaves_out_waits_without_a_promise() -> None:
    """Nothing can be missed then, and somebody looks at it all the same."""
    outcome = what_if(service="sdk", customer="Northwind")
    assert (outcome.contact_by, outcome.spare, outcome.is_kept, outcome.by) == (None, None, True, "ben")
    assert "does not cover 'sdk' after hours" in outcome.because
    silent = what_if(service="sdk", customer="northwind", otherwise=NEVER)
    assert (silent.result, silent.is_kept) == (Result.NOBODY, False)


def test_triage_reads_the_summary_and_the_office_has_its_own_escalation() -> None:
    """An invoice waits, and at noon ben is paged although the rotation has another first."""
    assert what_if(severity="", summary="The invoice is wrong").contact_by == utc("2026-07-01T10:00")
    noon = what_if(at=utc("2026-07-02T10:00"))
    assert (noon.targets, noon.because) == (("ben",), "sev1: the reporter said so; escalation 'day'")
