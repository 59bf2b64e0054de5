"""What a report becomes: in doubt a human is woken, nothing is promised that nobody wrote down, and the rule is named."""

from __future__ import annotations

from datetime import timedelta

import pytest

from oncall.core.messages import Contact, Reported
from oncall.core.model import AfterHours, Handbook
from oncall.core.triage import Verdict, triage
from oncall.handbook import parse
from tests.core.rotas import book_of, utc
from tests.handbook.test_messages import GOOD
from tests.simulation.world import START

RULES = """
    - {words: [down, "data loss"], severity: sev1}
    - {service: docs, severity: sev3, lower: true}
    - {source: alarm, channel: api, severity: sev2}
    - {otherwise: sev2}
"""
BOOK = (
    GOOD.replace("  triage: [{otherwise: sev1}]\n", f"  triage:{RULES}")
    .replace("  shop: {escalation: main}\n", "  shop: {escalation: {sev1: other, otherwise: main}}\n  docs: {escalation: main}\n")
    .replace("  main: [", "  other: [{page: ben, wait: 1m}]\n  main: [")
    .replace(
        "    sev1: {means: down, contact_within: {api: 15m}, escalation: main}\n",
        "    sev1: {means: down, contact_within: {api: 15m, email: 60m}, escalation: main}\n"
        "    sev2: {means: slow, contact_within: {api: 30m}, escalation: main}\n"
        "    sev3: {means: later, after_hours: wait, contact_within: opening + 1h, escalation: main}\n"
        "    sev4: {means: never, after_hours: decline, contact_within: {api: 4h}, escalation: main}\n",
    )
)


def book() -> Handbook:
    """Four severities and four rules."""
    return book_of(BOOK)


def verdict(summary: str = "something", *, urgent: bool = False, hour: int = 1, **more: str) -> Verdict:
    """The verdict on a report on a Tuesday, `hour` o'clock in UTC."""
    given = {"source": "api", "channel": "api", **more}
    report = Reported(at=START, incident="1", seed="ab", summary=summary, contact=Contact(phone="+31655501234"), **given)
    return triage(report, book(), START.replace(hour=hour), urgent=urgent)


@pytest.mark.parametrize(
    ("summary", "more", "severity"),
    [
        ("Checkout is DOWN", {}, "sev1"), ("data loss in the shop", {}, "sev1"), ("download is slow", {}, "sev2"), ("markdown", {}, "sev2"),
        ("slow", {"severity": "sev1"}, "sev1"), ("it is down", {"severity": "sev3"}, "sev1"), ("x", {"severity": "sev3"}, "sev3"),
        ("x", {"severity": "sev1", "service": "docs"}, "sev3"), ("x", {"severity": "sev1", "source": "alarm"}, "sev1"),
        ("x", {"severity": "sev9"}, "sev2"), ("x", {"source": "alarm"}, "sev2"),
    ],
)  # fmt: skip
def test_the_first_rule_decides_and_never_lowers_what_the_reporter_said(summary: str, more: dict[str, str], severity: str) -> None:
    """Whole words, folded; lowering only where the rule says so (decisions.md 27)."""
    assert verdict(summary, **more).severity == severity  # type: ignore[arg-type]  # none of them is urgent or hour


def test_the_verdict_names_its_rule_by_file_and_line() -> None:
    """So that an admin finds it, and everybody sees why."""
    found = verdict("it is down", severity="sev9", service="none")
    assert "rule at config/all.yaml:" in found.because
    assert "there is no severity 'sev9'" in found.because
    assert "there is no service 'none'" in found.because
    assert "escalation 'main'" in found.because


def test_the_services_own_escalation_comes_before_the_severitys() -> None:
    """By severity, then otherwise (decisions.md 23)."""
    assert verdict("down", service="shop").steps[0].targets == ("ben",)
    assert verdict("slow", service="shop").steps[0].targets == ("support",)


@pytest.mark.parametrize(("channel", "minutes"), [("api", 15), ("email", 60), ("phone", 60)])
def test_the_promise_is_the_channels_and_never_faster_than_written(channel: str, minutes: int) -> None:
    """A channel that the policy does not name gets the slowest."""
    assert verdict("down", channel=channel).within == timedelta(minutes=minutes)


def test_nobody_to_contact_is_nobody_to_promise_something() -> None:
    """Monitoring is not called back."""
    report = Reported(at=START, incident="1", seed="ab", source="api", channel="api", summary="down")
    assert triage(report, book(), START).contact_by is None


def test_what_can_wait_waits_until_the_opening_and_is_promised_from_there() -> None:
    """Opening at 08:00 in Berlin, one hour on top."""
    found = verdict(severity="sev3")
    assert (found.after_hours, found.opening) == (AfterHours.WAIT, START.replace(hour=7))
    assert found.contact_by == START.replace(hour=8)
    assert verdict(severity="sev4").after_hours is AfterHours.DECLINE


def test_while_the_office_is_open_and_when_it_is_urgent_everything_pages() -> None:
    """The customer may overrule, and a working day is no night."""
    for found in (verdict(severity="sev3", hour=10), verdict(severity="sev4", hour=10), verdict(severity="sev3", urgent=True)):
        assert found.after_hours is AfterHours.PAGE


LOCK = "version: 1\nfrom: 2026-01-01\nto: 2026-12-31\ncalendars: {DE-BY: {2026-11-24: 'A holiday'}}\n"


@pytest.mark.parametrize(
    ("at", "what", "said"),
    [
        ("2026-11-23T10:00", AfterHours.PAGE, "the office is open"),
        ("2026-11-24T10:00", AfterHours.WAIT, "after hours this is to wait"),
        ("2027-01-04T10:00", AfterHours.WAIT, "no holidays are known for this date, so it counts as after hours; after hours this is to wait"),
    ],
)
def test_on_holidays_and_on_days_of_which_nothing_is_known_it_is_after_hours(at: str, what: AfterHours, said: str) -> None:
    """Monday the office is open, Tuesday is a holiday, and the lock file ends with the year (decisions.md 27)."""
    lines = BOOK.replace("08:00-17:00}", "08:00-17:00 except holidays}\nholidays: {munich: DE-BY}")
    reading = parse({"config/all.yaml": lines, "config/holidays.lock": LOCK})
    assert reading.handbook is not None, [str(one) for one in reading.problems]
    then = utc(at)
    report = Reported(
        at=then, incident="1", seed="ab", summary="x", severity="sev3", source="api", channel="api", contact=Contact(phone="+31655501234")
    )
    found = triage(report, reading.handbook, then)
    assert found.after_hours is what
    assert said in found.because


SCOPED = BOOK.replace(
    "  triage:",
    "  exclusions:\n"
    "    - {id: billing, about: Invoices, words: [invoice], answer: Our office answers these., contact_within: opening + 4h}\n"
    "    - {id: docs, about: The manual, services: [docs]}\n"
    "  triage:",
).replace(
    "version: 1\n", "version: 1\ncustomers: {north: {name: Northwind, contract: [shop], keys: [portal], contacts: [{phone: +31 6 5550 1234}]}}\n", 1
)


def scoped(summary: str = "something", *, urgent: bool = False, hour: int = 1, book: str = SCOPED, **more: str) -> Verdict:
    """The verdict of a policy with exclusions and a customer."""
    contact = Contact(phone=more.pop("phone", ""), email=more.pop("email", "someone@example.com"))
    given = {"source": "api", "channel": "api", **more}
    report = Reported(at=START, incident="1", seed="ab", summary=summary, contact=contact, **given)
    return triage(report, book_of(book), START.replace(hour=hour), urgent=urgent)


def test_what_the_policy_leaves_out_waits_for_the_office_with_its_own_promise() -> None:
    """Nobody is woken for an invoice, and the customer has a time all the same: four hours from the opening at 08:00 in Berlin."""
    found = scoped("The invoice of the checkout that is down is wrong")
    assert (found.after_hours, found.opening, found.contact_by) == (AfterHours.WAIT, START.replace(hour=7), START.replace(hour=11))
    assert found.left_out is not None
    assert (found.left_out.about, found.left_out.answer) == ("Invoices", "Our office answers these.")
    assert "left out after hours by exclusion 'billing' at config/all.yaml:" in found.because


def test_what_is_left_out_without_a_promise_is_declined() -> None:
    """Nobody wrote down that somebody will be there for it, so nothing is promised."""
    found = scoped(service="docs")
    assert (found.after_hours, found.contact_by, found.opening) == (AfterHours.DECLINE, None, None)


@pytest.mark.parametrize(
    ("summary", "more"),
    [("The invoices are down", {}), ("invoice", {"urgent": True}), ("invoice", {"hour": 10}), ("invoice", {"urgent": True, "service": "docs"})],
)
def test_an_exclusion_is_a_whole_word_after_hours_that_the_customer_did_not_overrule(summary: str, more: dict[str, bool]) -> None:
    """In doubt, page."""
    assert scoped(summary, **more).after_hours is AfterHours.PAGE  # type: ignore[arg-type]  # of each the right kind


def test_a_contract_covers_what_it_names_and_what_nobody_can_tell() -> None:
    """A service that the contract lacks waits for the opening; a report without a known service pages, for it may be covered."""
    phone = "+31655501234"
    found = scoped(service="docs", book=SCOPED.replace("    - {id: docs, about: The manual, services: [docs]}\n", ""), phone=phone)
    assert (found.after_hours, found.customer, found.contact_by) == (AfterHours.WAIT, "north", None)
    assert "the contract of 'north' at config/all.yaml:2:20 does not cover 'docs' after hours" in found.because
    assert scoped(service="shop", phone=phone).after_hours is AfterHours.PAGE
    assert scoped(service="unheard-of", phone=phone).after_hours is AfterHours.PAGE
    assert scoped(phone=phone).after_hours is AfterHours.PAGE


@pytest.mark.parametrize(
    ("more", "customer"),
    [
        ({"customer": "NORTHWIND"}, "north"), ({"customer": "north"}, "north"), ({"phone": "+31655501234"}, "north"), ({"source": "portal"}, "north"),
        ({"customer": "Contoso"}, ""), ({"phone": "+31655509999"}, ""), ({"customer": "portal"}, ""), ({}, ""),
    ],
)  # fmt: skip
def test_a_customer_is_known_by_name_number_or_key_and_nobody_by_accident(more: dict[str, str], customer: str) -> None:
    """What an API key is called is no name of a customer."""
    assert scoped(**more).customer == customer  # type: ignore[arg-type]  # none of them is urgent or hour


def test_while_the_office_is_open_the_office_is_called() -> None:
    """Its own escalation, if the severity names one; what waits for the opening goes that way too, and URGENT does not."""
    book = SCOPED.replace("escalation: main}\n    sev2:", "office: {escalation: other}, escalation: main}\n    sev2:").replace(
        "  shop: {escalation: {sev1: other, otherwise: main}}\n", "  shop: {escalation: main}\n"
    )
    assert scoped("down", hour=10, book=book, service="shop").steps[0].targets == ("ben",)
    assert scoped("down", hour=1, book=book, service="shop").steps[0].targets == ("support",)
    assert scoped("down invoice", hour=1, book=book).steps[0].targets == ("ben",)
    assert scoped("down invoice", hour=1, book=book, urgent=True).steps[0].targets == ("support",)
